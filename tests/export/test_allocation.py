"""`export allocation` and the windows of `export risk`, on recorded scores through the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from numtui.analysis.allocation.methods import METHODS
from numtui.export.cache import open_cache
from numtui.export.options import OptionError
from numtui.model import Tournament
from numtui.reports.allocation.portfolio import PORTFOLIO_COLUMNS
from numtui.store.notes.notes import Notes
from tests.export.test_backtest_recorded import CELL, PLAIN, RANGE, close, recorded, rows, run

__all__ = ["recorded"]

BESIDE = {"burn_together", "burn_with"}  # figures beside the other models


@pytest.mark.parametrize("method", [name for name in METHODS if name != "today"])
def test_weights_add_up_and_lie_between_raw_and_equal(recorded: Any, method: str) -> None:
    found = rows(recorded, "allocation", *PLAIN, *CELL, *RANGE, "--method", method)
    assert [*found[0]] == ["model", "today", "weight_raw", "weight", "method", "risk_share", "rounds", "tournament"]
    raw, weight = (np.array([float(row[name]) for row in found]) for name in ("weight_raw", "weight"))
    assert raw.sum() == pytest.approx(1)
    assert weight.sum() == pytest.approx(1)
    equal = 1 / len(found)
    assert ((weight - equal) * (weight - raw) <= 1e-12).all(), "between equal and raw"
    assert sum(float(row["risk_share"]) for row in found) == pytest.approx(1)
    assert {row["today"] for row in found} == {""}, "the recording has no stakes"
    if method == "equal":
        assert weight == pytest.approx(equal)


def test_floor_and_cap_are_kept(recorded: Any) -> None:
    count = len(recorded[1])
    low, high = 0.5 / count, 1.5 / count
    bounds = ("--floor", str(low), "--cap", str(high))
    for row in rows(recorded, "allocation", *PLAIN, *CELL, *RANGE, "--method", "min_cvar", *bounds):
        assert low - 1e-9 <= float(row["weight_raw"]) <= high + 1e-9
        assert low - 1e-9 <= float(row["weight"]) <= high + 1e-9


def test_the_walk_is_out_of_sample_on_matched_rounds(recorded: Any) -> None:
    walked = rows(recorded, "allocation", *PLAIN, *CELL, *RANGE, "--walk")
    assert [*walked[0]] == ["round", "chosen", "equal", "today", "gain", "method", "tournament"]
    matched = int(rows(recorded, "allocation", *PLAIN, *CELL, *RANGE)[0]["rounds"])
    assert 0 < len(walked) < matched
    for row in walked:
        assert float(row["gain"]) == pytest.approx(float(row["chosen"]) - float(row["equal"]), abs=1e-12)


def test_the_verdict_is_told(recorded: Any) -> None:
    result = run(recorded, "allocation", *PLAIN, *CELL, *RANGE)
    assert "no evidence that they beat equal ones" in result.stderr or "90 % interval" in result.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((*CELL, "--cap", "0.01"), "less than the whole"),
        ((*CELL, "--floor", "0.9"), "more than the whole"),
        ((*CELL, "--method", "today"), "no stake of these models is known"),
        (("--grid", "canon_corr=1,2"), "one cell"),
        (("--rounds", "1100..1100"), "no two rounds in common"),
    ],
)
def test_what_cannot_be_weighed_is_refused_in_words(recorded: Any, options: tuple[str, ...], words: str) -> None:
    result = run(recorded, "allocation", *PLAIN, *options)
    assert result.exit_code == 2
    assert words in result.stderr


def test_options_of_another_table_are_refused(recorded: Any) -> None:
    assert "--method is for the table allocation" in run(recorded, "risk", "--method", "equal").stderr
    assert "--window is for the table risk" in run(recorded, "backtest", "--window", "20").stderr
    for wrong in ("0", "x", "-1"):
        assert run(recorded, "risk", "--window", wrong).exit_code == 2


def test_a_window_is_the_newest_rounds_of_each_model(recorded: Any) -> None:
    """A model with all rounds of the range has in its newest 20 what a range of those rounds gives."""
    windows = {row["model"]: row for row in rows(recorded, "risk", *PLAIN, *CELL, *RANGE, "--window", "20")}
    whole = {row["model"]: row for row in rows(recorded, "risk", *PLAIN, *CELL, *RANGE, "--window", "all")}
    assert whole == {row["model"]: row for row in rows(recorded, "risk", *PLAIN, *CELL, *RANGE)}
    ranges = {row["model"]: row for row in rows(recorded, "risk", *PLAIN, *CELL, "--rounds", "1081..1100")}
    alike = 0
    for model, row in windows.items():
        assert int(row["rounds"]) == min(20, int(whole[model]["rounds"]))
        if model in ranges and ranges[model]["rounds"] == "20":
            assert row == ranges[model]
            alike += 1
    assert alike


def test_a_window_from_a_note_on(recorded: Any) -> None:
    """Without a note that names a round it is refused; with one the model counts from there, the others whole."""
    refused = run(recorded, "risk", *PLAIN, *CELL, "--window", "note")
    assert refused.exit_code == 2
    assert "no note on a model of classic names a round" in refused.stderr
    whole = {row["model"]: row for row in rows(recorded, "risk", *PLAIN, *CELL)}
    model = next(name for name, row in whole.items() if int(row["rounds"]) > 200)
    with open_cache(recorded[0]) as cache:
        notes = Notes.of(cache.settings)
        note = notes.add(
            "another target",
            datetime(2025, 1, 1, tzinfo=UTC),
            tournament=Tournament.CLASSIC,
            model=model,
            round_number=1050,
        )
        noted = rows(recorded, "risk", *PLAIN, *CELL, "--window", "note")
        in_python = cache.risk(
            models=recorded[1], window="note", grid=["canon_corr=0.75", "canon_mmc=2.25"], payout_factor=1, clip=1
        )
        notes.remove(note.id)
    alone = rows(recorded, "risk", *PLAIN, *CELL, "--rounds", "1050..")
    (from_there,) = (row for row in alone if row["model"] == model)
    for row in noted:
        expected = from_there if row["model"] == model else whole[row["model"]]
        assert all(
            row[name] == expected[name] or close(row[name], expected[name]) for name in row if name not in BESIDE
        )
    counted = {row[0]: row[in_python.column("rounds")] for row in in_python.rows}
    assert counted == {row["model"]: int(row["rounds"]) for row in noted}


def test_notebooks_have_the_same(recorded: Any) -> None:
    terms = {"grid": ["canon_corr=0.75", "canon_mmc=2.25"], "payout_factor": 1, "clip": 1, "rounds": "843..1100"}
    with open_cache(recorded[0]) as cache:
        mine = cache.allocation(models=recorded[1], method="min_cvar", cap=0.5, **terms)  # type: ignore[arg-type]
        recent = cache.risk(models=recorded[1], window=20, **terms)  # type: ignore[arg-type]
        with pytest.raises(OptionError, match="none of equal, today"):
            cache.allocation(models=recorded[1], method="best")
        with pytest.raises(OptionError, match="not a number of rounds"):
            cache.risk(models=recorded[1], window="some")
    typed = rows(recorded, "allocation", *PLAIN, *CELL, *RANGE, "--method", "min_cvar", "--cap", "0.5")
    place = mine.column("weight_raw")
    assert [float(row["weight_raw"]) for row in typed] == pytest.approx([row[place] for row in mine.rows])
    assert {row[recent.column("rounds")] for row in recent.rows} <= set(range(21))


def test_equal_weights_as_a_whole_are_as_the_bound_says(recorded: Any) -> None:
    """Chosen equal, the three rows are of one variance, and the mean is that of the models' means."""
    told = {
        row["weighting"]: row
        for row in rows(recorded, "allocation", *PLAIN, *CELL, *RANGE, "--portfolio", "--method", "equal")
    }
    assert float(told["chosen"]["variance_ratio"]) == float(told["ensemble bound"]["variance_ratio"]) == 1.0
    assert float(told["equal"]["effective_models"]) == pytest.approx(len(recorded[1]))
    assert told["ensemble bound"]["mean"] == ""
    options = (*PLAIN, *CELL, *RANGE, "--matched")
    means = [float(row["mean"]) for row in rows(recorded, "risk", *options)]
    assert float(told["equal"]["mean"]) == pytest.approx(np.mean(means))


def test_each_part_has_its_columns(recorded: Any) -> None:
    frontier = rows(recorded, "allocation", *PLAIN, *CELL, *RANGE, "--frontier")
    columns = ["portfolio", "mean", "std", "cvar_5", "effective_models", "largest", "tournament"]
    assert [*frontier[0]] == columns
    assert [row["portfolio"] for row in frontier][:3] == ["chosen", "as solved", "equal"]
    portfolio = rows(recorded, "allocation", *PLAIN, *CELL, *RANGE, "--portfolio")
    assert [*portfolio[0]] == [column.name for column in PORTFOLIO_COLUMNS]
    assert [row["weighting"] for row in portfolio] == ["chosen", "equal", "ensemble bound"], "there are no stakes"
    moving = run(recorded, "allocation", *PLAIN, *CELL, *RANGE, "--moving")
    assert moving.exit_code == 2
    assert "no stake of these models is known" in moving.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--walk", "--frontier"), "walk and frontier exclude each other"),
        (("--portfolio", "--moving"), "moving and portfolio exclude each other"),
        (("--method", "today", "--cap", "0.5"), "leave out floor and cap"),
        (("--min-change", "x"), "min_change"),
        (("--min-change", "-1"), "min_change"),
        (("--floor", "0.3", "--cap", "0.2"), "the floor of 0.3 is above the cap of 0.2"),
    ],
)
def test_parts_and_bounds_that_contradict_each_other(recorded: Any, options: tuple[str, ...], words: str) -> None:
    found = run(recorded, "allocation", *PLAIN, *CELL, *RANGE, *options)
    assert found.exit_code == 2
    assert words in found.stderr
