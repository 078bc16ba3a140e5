"""The path to the first frame stays light, and the screens never load what the poller needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FORBIDDEN = ("httpx", "pandas", "sqlite_utils", "numerapi", "requests", "graphql", "starlette", "uvicorn")
LATER = ("numpy", "msgspec", "textual.widgets._markdown", "textual.widgets._data_table", "textual.widgets._text_area")
SHOW = """
import sys
from pathlib import Path
from numtui.tui.shot import screenshot, screens
from numtui.clock import FixedClock
sys.path.insert(0, {tests!r})
from tui.filled import NOW, settings_of
for screen in {screens}:
    screenshot(settings_of(Path({folder!r})), FixedClock(NOW), screen, (120, 40), Path({folder!r}) / "out.svg")
print(" ".join(sys.modules))
"""


def loaded(folder: Path, screens: str) -> set[str]:
    tests = str(Path(__file__).parents[1])
    code = SHOW.format(tests=tests, folder=str(folder), screens=screens)
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_first_screen_loads_only_what_it_shows(tmp_path: Path, filled: Path) -> None:
    (tmp_path / "cache.sqlite").write_bytes(filled.read_bytes())
    modules = loaded(tmp_path, "['leaderboard']")
    assert "numtui.reports.leaderboard" in modules
    assert not modules & {*FORBIDDEN, *LATER}
    assert not modules & {
        "numtui.tui.rounds.screen",
        "numtui.tui.stake.screen",
        "numtui.export",
        "numtui.poller.supervisor",
    }


def test_no_screen_loads_the_poller_s_libraries(tmp_path: Path, filled: Path) -> None:
    (tmp_path / "cache.sqlite").write_bytes(filled.read_bytes())
    modules = loaded(tmp_path, "screens()")
    assert "numtui.tui.stake.screen" in modules
    assert not modules & set(FORBIDDEN)
    assert (tmp_path / "out.svg").read_text().startswith("<svg")
