"""The README says what there is: commands, options, columns, pictures, and the two set-up commands."""

from __future__ import annotations

import re

from tests.export.conftest import Polled
from tests.export.conftest import polled as polled  # noqa: PLC0414  a fixture
from tests.write_readme import BEGIN, END, README, commands, reference

TEXT = README.read_text(encoding="utf-8")


def test_the_reference_is_the_programs(polled: Polled) -> None:
    found = TEXT[TEXT.index(BEGIN) : TEXT.index(END) + len(END)]
    assert found == reference(polled.settings), "run: python -m tests.write_readme"


def test_every_command_is_named() -> None:
    top = [name for name in commands() if name.count(" ") == 1]
    assert [name for name in top if name not in TEXT] == []


def test_there_are_exactly_two_set_up_commands() -> None:
    assert re.findall(r"^    (pip install .*)$", TEXT, re.MULTILINE) == [
        "pip install . && numtui demo",
        "pip install -e '.[dev]' && pytest",
    ]


def test_every_picture_is_there() -> None:
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", TEXT)
    assert pictures
    assert [name for name in pictures if not (README.parent / name).is_file()] == []
