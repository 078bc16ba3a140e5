"""Names of models as they are typed."""

from __future__ import annotations

import pytest

from numtui.store.queries.selection import parse_names


def test_names_are_stripped_and_each_is_there_once() -> None:
    assert parse_names("b") == ("b",)
    assert parse_names(" b , a,,b, ") == ("b", "a")


@pytest.mark.parametrize("text", ["", " ", ",", " , ,"])
def test_none_left_is_a_mistake(text: str) -> None:
    with pytest.raises(ValueError, match="names no model"):
        parse_names(text)
