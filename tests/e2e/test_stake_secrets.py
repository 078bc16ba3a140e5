"""After a full run of all that touches stakes: no key, authorisation or signature in anything that was written."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from numtui.demo import DEMO_SECRET
from numtui.model import Tournament
from numtui.tui.shot import screenshot
from tests.cli.staking import Command
from tests.tui.shown import press
from tests.tui.staking import Bench, in_thread, sent
from tests.tui.staking import bench as bench  # noqa: PLC0414  a fixture
from tests.tui.staking import staking_origin as staking_origin  # noqa: PLC0414  likewise

SIGNATURE = re.compile(r"signature: (\S+)")
# Names of the demo's keys are words of the simulation; the secret half and what is signed must be nowhere.
HEADER = f"Token DEMO_PUBLIC${DEMO_SECRET}"


def on_a_terminal(command: list[str], folder: Path) -> str:
    """What a program shows on a terminal, which is not kept anywhere."""
    leader, follower = pty.openpty()
    running = subprocess.Popen(command, stdin=follower, stdout=follower, stderr=subprocess.PIPE, cwd=folder)
    os.close(follower)
    shown = b""
    while True:
        try:
            part = os.read(leader, 4096)
        except OSError:  # how a terminal ends on Linux
            break
        if not part:
            break
        shown += part
    os.close(leader)
    assert running.stderr is not None
    words = running.stderr.read().decode()
    assert running.wait(30) == 0, words
    assert not SIGNATURE.search(words)
    return shown.decode()


async def test_nothing_secret_is_written_anywhere(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMTUI_CLOCK", f"fixed {bench.clock.at.isoformat()}")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    command = Command(bench, tmp_path)
    said = []
    async with bench.screen() as (app, pilot):
        bench.server.faults.add("lost_answer", mutations_only=True)
        await sent(pilot)
        (tmp_path / "result.svg").write_text(app.export_screenshot())
        await press(pilot, "r", "escape", "a", "a", "a", "a")
        (tmp_path / "journal.svg").write_text(app.export_screenshot())
    running = [
        ("--log-level", "debug", "stake", "reconcile"),
        ("--log-level", "debug", "stake", "drain", "demo_signal_b", "-o", "drain.json"),
        ("--log-level", "debug", "stake", "apply", "--plan", "drain.json", "--dry-run"),
        ("export", "journal", "--offline", "-o", "journal.csv"),
        ("export", "stakes", "--offline", "-o", "stakes.json", "--format", "json"),
    ]
    for words in running:
        ran = command.process(*words, allow=True)
        assert ran.code == 0, ran
        said += [ran.out, ran.err]
    settings = replace(bench.settings, tournament=Tournament.CRYPTO)
    numtui = [sys.executable, "-m", "numtui", *command.words(tournament="crypto")]
    shown = on_a_terminal(
        [*numtui, "--log-level", "debug", "stake", "authorise", "demo_coin_a", "--max", "1"], tmp_path
    )
    signature = SIGNATURE.search(shown)
    assert signature is not None
    assert len(signature[1]) > 100, "an authorisation is really shown"
    in_thread(lambda: screenshot(settings, bench.clock, "stake", (120, 40), tmp_path / "stake.svg"))
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} >= {".sqlite", ".journal", ".svg", ".csv", ".json", ".toml"}
    for text in [*said, *(path.read_bytes().decode("utf-8", "replace") for path in files)]:
        for secret in (signature[1], HEADER, f"${DEMO_SECRET}", "signature"):
            assert secret not in text
