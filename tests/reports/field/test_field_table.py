"""The field of a round: fetched once, kept whole, and its figures those of the simulation's own arrays."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from numtui.analysis.field.rounds import Field, percentiles
from numtui.cli.main import main
from numtui.demo.server.resolvers.rounds import DETAIL_FIELDS
from numtui.model import Tournament
from numtui.poller.freshen import fetch_field
from numtui.reports.field.inputs import field_inputs, multipliers
from numtui.reports.field.page import PAGE_COLUMNS, PageRow, field_page
from numtui.reports.field.percentiles import field_places
from numtui.reports.field.table import COLUMNS, FieldRow
from numtui.reports.field.tournament import COLUMNS as TOURNAMENT_COLUMNS
from numtui.reports.field.tournament import TournamentRow
from numtui.store.database import open_reader, open_writer
from numtui.store.field_pack import (
    packed_amounts,
    packed_numbers,
    packed_scores,
    unpacked_amounts,
    unpacked_numbers,
    unpacked_scores,
)
from numtui.store.queries.scores.field import field_rounds
from numtui.store.queries.selection import Rounds
from numtui.store.writes.field import FieldRound, put_field
from tests.export.conftest import Polled, polled_in
from tests.poller.site import NOW

CLASSIC = Tournament.CLASSIC
FEW = Rounds(1330, 1345)


@pytest.fixture(scope="module")
def polled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Polled]:
    with polled_in(tmp_path_factory.mktemp("field")) as polled:
        asyncio.run(fetch_field(polled.settings, polled.site.clock, FEW, lambda line: None))
        yield polled


@pytest.fixture
def cache(polled: Polled) -> Iterator[Connection]:
    with closing(open_reader(polled.settings.db)) as connection:
        yield connection


def exported(polled: Polled, *words: str) -> list[dict[str, str]]:
    places = ["--db", str(polled.settings.db), "--state-dir", str(polled.settings.state_dir), "--offline"]
    ran = CliRunner().invoke(main, [*places, "export", *words], env={"NUMTUI_CLOCK": f"fixed {NOW.isoformat()}"})
    assert ran.exit_code == 0, ran.output
    return list(csv.DictReader(io.StringIO(ran.stdout)))


def test_fields_are_called_as_the_columns() -> None:
    assert FieldRow._fields == tuple(column.name for column in COLUMNS)
    assert PageRow._fields == tuple(column.name for column in PAGE_COLUMNS)
    assert TournamentRow._fields == tuple(column.name for column in TOURNAMENT_COLUMNS)


def test_what_is_here_is_not_fetched_again(polled: Polled) -> None:
    """But for an unresolved round, once a day."""
    said: list[str] = []
    assert asyncio.run(fetch_field(polled.settings, polled.site.clock, FEW, said.append)) == 0
    assert not said
    with closing(open_reader(polled.settings.db)) as connection:
        here = field_rounds(connection, CLASSIC, FEW)
    assert [row.round for row in here] == list(range(1330, 1346))
    unresolved = sum(not row.resolved for row in here)
    assert 0 < unresolved < len(here)


def test_a_first_sync_asks_for_none(polled: Polled, tmp_path_factory: pytest.TempPathFactory) -> None:
    with polled_in(tmp_path_factory.mktemp("fresh")) as fresh, closing(open_reader(fresh.settings.db)) as connection:
        assert field_rounds(connection, CLASSIC, Rounds()) == []


def test_the_scores_are_those_of_the_simulation(polled: Polled, cache: Connection) -> None:
    inputs = field_inputs(cache, CLASSIC, FEW)
    assert inputs is not None
    arena = polled.market.arena(CLASSIC)
    population = arena.population
    rows = [int(np.flatnonzero(np.array(population.names) == name)[0]) for name in inputs.names]
    checked = 0
    for place, row in enumerate(inputs.rounds):
        terms, times = arena.terms(row.round), arena.times(row.round)
        expected = np.zeros(len(rows))
        for name, weight in row.multipliers.items():
            spec = terms.spec(name)
            assert spec is not None and name in DETAIL_FIELDS
            day = times.days_scored(NOW, spec.days)
            features = arena.features(range(row.round, row.round + 1), spec.days)[0, day - 1]
            expected += weight * np.round(arena.loadings.of(spec.source)[rows] @ features, 8)
        known = np.logical_not(np.isnan(inputs.field.value[:, place]))
        assert known.sum() == row.models
        np.testing.assert_allclose(inputs.field.value[known, place], expected[known], atol=1e-9)
        checked += int(known.sum())
    assert checked > 1000


def test_places_by_round_are_those_of_the_arrays(cache: Connection) -> None:
    inputs = field_inputs(cache, CLASSIC, FEW)
    assert inputs is not None
    names = ["demo_anchor", "DEMO_BREEZE", "integration_test", "nobody"]
    places = field_places(cache, CLASSIC, names, FEW)
    whole = percentiles(inputs.field, inputs.positions(names))
    np.testing.assert_allclose(places.percentile[:3], whole)
    np.testing.assert_allclose(places.value[:3], inputs.field.value[inputs.positions(names)])
    assert np.isnan(places.percentile[3]).all()


def test_the_row_of_a_model(polled: Polled, cache: Connection) -> None:
    inputs = field_inputs(cache, CLASSIC, FEW)
    assert inputs is not None
    found = {row["model"]: row for row in exported(polled, "field", "--rounds", "1330..1345", "--mine")}
    (place,) = inputs.positions(["demo_anchor"]).tolist()
    value = inputs.field.value[place]
    paid = np.where(np.isnan(inputs.field.value), 0.0, inputs.field.stake)
    mean = (paid * np.nan_to_num(inputs.field.value)).sum(axis=0) / paid.sum(axis=0)
    row = found["demo_anchor"]
    assert int(row["rounds"]) == np.count_nonzero(~np.isnan(value))
    assert float(row["value"]) == pytest.approx(np.nanmean(value))
    assert float(row["field_value"]) == pytest.approx(mean[~np.isnan(value)].mean())
    burnt = np.where(np.nan_to_num(inputs.field.value) < 0, paid, 0.0).sum(axis=0) * 2 > paid.sum(axis=0)
    assert int(row["burn_rounds"]) == np.count_nonzero(burnt & ~np.isnan(value))
    assert row["benchmark"] == "integration_test"
    (other,) = inputs.positions(["integration_test"]).tolist()
    assert float(row["difference"]) == pytest.approx(np.nanmean(value - inputs.field.value[other]))
    assert row["difference_p05"] == "", "thin"
    assert row["tournament"] == "classic"


def test_other_weights_change_the_value_alone(polled: Polled) -> None:
    rounds = ("--rounds", "1330..1342", "--models", "demo_anchor")
    (plain,) = exported(polled, "field", *rounds)
    (twice,) = exported(polled, "field", *rounds, "--weights", "mmc=1")
    assert plain["value"] != twice["value"]
    assert plain["corr_mmc"] == twice["corr_mmc"]


@pytest.mark.parametrize("weights", ["mmc", "mmc=x", "=1", "mmc=nan", ""])
def test_weights_that_are_none_are_refused(polled: Polled, weights: str) -> None:
    words = ["--db", str(polled.settings.db), "--offline", "export", "field", "--weights", weights]
    ran = CliRunner().invoke(main, words)
    assert ran.exit_code == 2
    assert "write SCORE=NUMBER" in ran.stderr


def test_what_the_tournament_paid(polled: Polled, cache: Connection) -> None:
    found = exported(polled, "tournament", "--rounds", "1330..1345")
    assert [int(row["round"]) for row in found] == list(range(1345, 1329, -1))
    for row in found:
        paid, burnt, payout = (float(row[name]) for name in ("paid", "burnt", "payout"))
        assert paid - burnt == pytest.approx(payout)
        assert float(row["return_on_stake"]) == pytest.approx(payout / float(row["at_stake"]))
        assert (row["burn_round"] == "true") is (float(row["value"]) < 0) or abs(float(row["value"])) < 0.02


def test_without_any_field_it_says_what_is_missing(tmp_path_factory: pytest.TempPathFactory) -> None:
    with polled_in(tmp_path_factory.mktemp("empty")) as polled:
        for table in ("field", "tournament"):
            words = ["--db", str(polled.settings.db), "--offline", "export", table]
            ran = CliRunner().invoke(main, words)
            assert ran.exit_code == 4
            assert "the field of no round" in ran.stderr


def test_an_export_fetches_what_it_lacks(tmp_path_factory: pytest.TempPathFactory) -> None:
    with polled_in(tmp_path_factory.mktemp("online")) as polled:
        of_signals = replace(polled.settings, tournament=Tournament.SIGNALS)
        said: list[str] = []
        count = asyncio.run(fetch_field(of_signals, polled.site.clock, Rounds(), said.append))
        assert count == len(said) > 1
        assert said[-1] == f"field of signals: {count} of {count} rounds"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(-2 * 10**9, 2 * 10**9)), max_size=60))
def test_scores_come_back_as_they_were(steps: list[int | None]) -> None:
    values = np.array([np.nan if step is None else step * 1e-8 for step in steps])
    np.testing.assert_array_equal(unpacked_scores(packed_scores(values)), values)


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(0, 2**31 - 1), max_size=60), st.lists(st.floats(0, 1e7), max_size=60))
def test_numbers_and_amounts_come_back(numbers: set[int], amounts: list[float]) -> None:
    ordered: Any = np.array(sorted(numbers), dtype=np.int64)
    np.testing.assert_array_equal(unpacked_numbers(packed_numbers(ordered)), ordered)
    np.testing.assert_array_equal(unpacked_amounts(packed_amounts(np.array(amounts))), np.array(amounts))


def test_a_score_too_large_for_its_place_is_none() -> None:
    assert np.isnan(unpacked_scores(packed_scores(np.array([30.0, np.inf, -30.0])))).all()


def test_alone_in_a_round_has_no_percentile() -> None:
    assert np.isnan(percentiles(Field(np.arange(1), np.array([[0.1]]), np.ones((1, 1))), np.arange(1))).all()


def test_the_page_of_a_model_is_that_of_the_tables(polled: Polled, cache: Connection) -> None:
    table, facts = field_page(cache, CLASSIC, "demo_anchor")
    places = field_places(cache, CLASSIC, ["demo_anchor"], Rounds())
    known = np.logical_not(np.isnan(places.value[0]))
    assert [row[0] for row in table.rows] == [
        row.round for row, here in zip(places.rounds, known, strict=True) if here
    ][::-1]
    assert [row[1] for row in table.rows] == pytest.approx(places.percentile[0][known][::-1].tolist())
    (whole,) = exported(polled, "field", "--models", "demo_anchor")
    assert facts is not None
    (row,) = facts.rows
    for place, column in enumerate(facts.columns):
        if isinstance(row[place], float):
            assert float(whole[column.name]) == pytest.approx(row[place])
        else:
            assert whole[column.name] == str(row[place])
    assert field_page(cache, CLASSIC, "nobody")[1] is None


def test_a_round_that_states_no_multipliers_has_those_of_its_regime(cache: Connection) -> None:
    rows = field_rounds(cache, CLASSIC, FEW)
    for row in rows:
        assert multipliers(CLASSIC, row._replace(multipliers={})) == row.multipliers
    early = rows[0]._replace(round=500, multipliers={})
    assert multipliers(CLASSIC, early) == {}, "the model's owner chose"


def test_a_score_that_no_round_has_is_named(polled: Polled) -> None:
    words = ["--db", str(polled.settings.db), "--offline", "export", "field", "--rounds", "1330..1345"]
    ran = CliRunner().invoke(main, [*words, "--weights", "mmc=1,nothing=2"])
    assert ran.exit_code == 2
    assert "no round has the score nothing: they have " in ran.stderr
    assert "mmc" in ran.stderr


def test_sharpe_recent_percentile_and_the_benchmark_that_is_asked_for(polled: Polled, cache: Connection) -> None:
    inputs = field_inputs(cache, CLASSIC, FEW)
    assert inputs is not None
    ours, other = inputs.positions(["demo_anchor", "v52_lgbm_ender20"]).tolist()
    words = ("--models", "demo_anchor", "--rounds", f"{FEW.first}..{FEW.last}")
    (row,) = exported(polled, "field", *words, "--benchmark", "V52_lgbm_ender20")
    assert row["benchmark"] == "v52_lgbm_ender20"
    value, beside = inputs.field.value[ours], inputs.field.value[other]
    known = np.logical_not(np.isnan(value))
    assert float(row["sharpe"]) == pytest.approx(value[known].mean() / value[known].std(ddof=1))
    both = known & np.logical_not(np.isnan(beside))
    assert float(row["benchmark_sharpe"]) == pytest.approx(beside[both].mean() / beside[both].std(ddof=1))
    assert float(row["difference"]) == pytest.approx((value - beside)[both].mean())
    shares = percentiles(inputs.field, np.array([ours]))[0]
    assert float(row["percentile_20"]) == pytest.approx(shares[np.logical_not(np.isnan(shares))][-20:].mean())
    (plain,) = exported(polled, "field", *words)
    assert plain["benchmark"] == "integration_test"
    ran = CliRunner().invoke(
        main, ["--db", str(polled.settings.db), "--offline", "export", "field", "--benchmark", "x"]
    )
    assert ran.exit_code == 2
    assert "benchmark: x is in none of these rounds" in ran.stderr
    ran = CliRunner().invoke(main, ["--db", str(polled.settings.db), "--offline", "export", "field", *words])
    assert "Sharpe of the benchmarks: " in ran.stderr and "integration_test" in ran.stderr
    assert "Warning" not in ran.stderr


def test_the_score_of_most_rounds_stands_for_corr(tmp_path: Path) -> None:
    """Rounds before 60-day scores have the other one."""
    path = tmp_path / "c.sqlite"
    with closing(open_writer(path)) as connection:
        for number in range(1330, 1350):
            name = "corr60" if number >= 1345 else "v2_corr20"
            scores = {name: np.arange(3) / 100}
            row = FieldRound(number, True, ["a", "b", "c"], np.ones(3), scores, {name: 1.0})
            put_field(connection, CLASSIC, row, NOW)
        inputs = field_inputs(connection, CLASSIC, Rounds())
    assert inputs is not None
    known = np.logical_not(np.isnan(inputs.corr)).all(axis=0)
    assert known.tolist() == [number < 1345 for number in range(1330, 1350)]
