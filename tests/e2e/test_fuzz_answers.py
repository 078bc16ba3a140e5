"""A few fuzzed answers; many more by hand, see fuzz_answers.py."""

from __future__ import annotations

from .fuzz_answers import fuzz


def test_odd_answers_end_in_words_and_leave_nothing() -> None:
    assert fuzz(25, first_seed=1000) >= 25
