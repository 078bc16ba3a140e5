"""No text from outside may do more on a terminal than be read."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numtui.printable import printable, printable_lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain_name", "plain_name"),
        ("\x1b]52;c;ZXZpbA==\x07", "?]52;c;ZXZpbA==?"),
        ("a\x1b[2Jb", "a?[2Jb"),
        ("a\x9b2Jb", "a?2Jb"),
        ("two\nlines\tand\r", "two lines and "),
        ("abc\u202edcba", "abc?dcba"),
        ("a\u2066b\u200fc", "a?b?c"),
        ("zero\u200bwidth\ufeff", "zero?width?"),
        ("a" + "\u0301" * 500 + "b", "a\u0301\u0301b"),
        ("\u0301a", "a"),
        ("müßig 漢字", "müßig 漢字"),
        ("a\u00a0b", "a b"),
        ("\ud800", "?"),
    ],
)
def test_what_a_terminal_would_obey_is_a_question_mark(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_ascii_only() -> None:
    assert printable("müßig\x1b", ascii_only=True) == "m??ig?"


def test_own_line_ends_stay() -> None:
    assert printable_lines("one\x1b[2J\n\ntwo\u202e") == "one?[2J\n\ntwo?"


@given(st.text())
def test_any_text(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert not any(unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for letter in shown)
    assert printable(shown) == shown
