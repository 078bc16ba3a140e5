"""Backtest queries: typed, kept as presets and read again, those of before too."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from numtui.model import Tournament
from numtui.reports.backtest.query import BacktestError, BacktestQuery, preset_tournament, split_terms
from numtui.store.queries.selection import Models

KEPT = {
    "which": "chosen", "names": ["a", "b"], "rounds": "mine", "terms": "mmc=0,1 corr=1", "stake": "10000",
    "factor": "actual", "clip": "0.05", "mode": "average", "matched": True, "compound": "", "unresolved": False,
    "length": "usual", "gap": "12", "tournament": "classic",
}  # fmt: skip


def test_a_preset_is_read_and_written_as_it_was_kept() -> None:
    query = BacktestQuery.from_json(json.dumps(KEPT))
    assert query == BacktestQuery(
        models=Models(("a", "b")),
        rounds="mine",
        grid=("mmc=0,1", "corr=1"),
        stake=Decimal(10000),
        clip=Decimal("0.05"),
        mode="average",
        matched=True,
        gap=12,
    )
    text = query.to_json(Tournament.CLASSIC)
    assert json.loads(text) == KEPT
    assert preset_tournament(text) == "classic"


@pytest.mark.parametrize("which", ["own and watched", "own", "watched"])
def test_choices_of_models_are_kept(which: str) -> None:
    query = BacktestQuery.from_json(json.dumps({**KEPT, "which": which, "names": []}))
    assert query.which == which
    assert json.loads(query.to_json(Tournament.CLASSIC))["which"] == which


@pytest.mark.parametrize("text", ["[]", "{}", "x", "null", json.dumps({**KEPT, "mode": "most"})])
def test_what_is_no_preset_is_refused(text: str) -> None:
    with pytest.raises(BacktestError, match="this preset cannot be read"):
        BacktestQuery.from_json(text)


def test_terms_are_typed_with_their_grid() -> None:
    assert split_terms("mmc=0,1 classic-2024") == (("mmc=0,1",), "classic-2024")
    assert BacktestQuery(grid=("mmc=0, 1",)).terms_text == "mmc=0,1"
    assert BacktestQuery().terms_text == "actual"
    with pytest.raises(BacktestError, match="one name, not usual and actual"):
        split_terms("usual actual")


def test_a_number_that_is_none_is_told_by_its_title() -> None:
    with pytest.raises(BacktestError, match="--clip: 'x' is not a number, or actual"):
        BacktestQuery.parse(clip="x", titles={"clip": "--clip"})
