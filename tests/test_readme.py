"""The README says what there is: commands, options, columns, pictures, paths, and the two set-up commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from numtui.config_file import ConfigFile
from tests.export.conftest import Polled
from tests.export.conftest import polled as polled  # noqa: PLC0414  a fixture
from tests.write_readme import BEGIN, END, README, commands, reference

TEXT = README.read_text(encoding="utf-8")
ROOT = README.parent
ARCHITECTURE = TEXT.partition("## Architecture\n")[2].partition("\n## ")[0]


def test_the_reference_is_the_programs(polled: Polled) -> None:
    found = TEXT[TEXT.index(BEGIN) : TEXT.index(END) + len(END)]
    assert found == reference(polled.settings), "run: python -m tests.write_readme"


def test_every_command_is_named() -> None:
    top = [name for name in commands() if name.count(" ") == 1]
    assert [name for name in top if name not in TEXT] == []


def test_every_setting_of_the_file_is_named() -> None:
    table = TEXT.partition("## Settings\n")[2].partition("\n## ")[0]
    assert [key for key in ConfigFile.__struct_fields__ if not re.search(rf"(`|\[){key}(`|\]|\.)", table)] == []


def test_there_are_exactly_two_set_up_commands() -> None:
    assert re.findall(r"^    (pip install .*)$", TEXT, re.MULTILINE) == [
        "pip install . && numtui demo",
        "pip install -e '.[dev]' && pytest",
    ]


def test_every_picture_is_there() -> None:
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", TEXT)
    assert pictures
    assert [name for name in pictures if not (README.parent / name).is_file()] == []


def place(path: str) -> Path:
    """A path as the section on architecture writes it."""
    return ROOT / path if path.startswith("tests/") else ROOT / "numtui" / path


def drawn() -> Iterator[str]:
    """The floors and rooms of the drawing, below numtui/."""
    floor = ""
    for line in re.findall(r"^    .*$", ARCHITECTURE, re.MULTILINE):
        names = re.match(r" +((?:[a-z]+/ *)+)", line)
        assert names is not None, line
        if not line.startswith("      "):
            floor = names[1].split()[0]
            yield floor
        else:
            yield from (floor + room for room in names[1].split())


def test_the_drawing_has_every_floor_and_room() -> None:
    folders = {path.parent for path in place("").rglob("*") if path.suffix in {".py", ".sql"}}
    rooms = {f"{'/'.join(folder.relative_to(place('')).parts[:2])}/" for folder in folders - {place("")}}
    assert sorted(drawn()) == sorted(rooms)


def test_every_path_of_the_architecture_is_there() -> None:
    paths = re.findall(r"`([a-z0-9_/]+(?:/|\.py))`", ARCHITECTURE)
    assert len(paths) > 30
    assert [path for path in paths if not place(path).exists()] == []


def test_what_the_architecture_says_a_file_holds_is_in_it() -> None:
    names = re.findall(r"`(\w+)`\s+(?:in|of|\()\s*`([a-z0-9_/]+\.py)`", ARCHITECTURE)
    assert len(names) >= 3
    assert [(name, path) for name, path in names if not re.search(rf"\b{name}\b", place(path).read_text("utf-8"))] == []
