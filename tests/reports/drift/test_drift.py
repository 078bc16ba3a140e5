"""The drift reports on a simulated market: values against the market's own, sums, movers, record, odd caches."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numtui.analysis.drift.scoring_dates import date_text, ordinal_of
from numtui.clock import FixedClock
from numtui.config import Settings
from numtui.export.tables import TABLES, ReportContext
from numtui.model import Table, Tournament
from numtui.money import EXACT
from numtui.poller.jobs.record_forecasts import record_forecasts
from numtui.reports.drift.calibration import CAVEAT, record_table
from numtui.reports.drift.compute import drift_of
from numtui.reports.drift.inputs import round_dates
from numtui.reports.drift.monitor import by_model, model_forecasts, monitor, round_forecasts_by_model, sampled
from numtui.reports.drift.movers import movers_table
from numtui.reports.drift.path import model_path
from numtui.reports.drift.table import drift_table, forecast_table, total_table
from numtui.reports.drift.totals import calendar, weeks
from numtui.reports.rounds import rounds
from numtui.store.database import open_reader
from numtui.store.queries.selection import Models, Rounds
from tests.reports.drift.site import DAYS, Caches, caches, settings_of, write
from tests.tui.filled import fill

pytestmark = pytest.mark.xdist_group("drift")

CLASSIC, SIGNALS, CRYPTO = Tournament.CLASSIC, Tournament.SIGNALS, Tournament.CRYPTO
MINE = Models(mine=True)
ALL = Rounds()
Record = dict[str, Any]


@pytest.fixture
def site() -> Caches:
    return caches()


@pytest.fixture
def settings(site: Caches, tmp_path: Path) -> Settings:
    return site.copy("saturday", tmp_path)


@pytest.fixture
def cache(settings: Settings) -> Iterator[sqlite3.Connection]:
    with closing(open_reader(settings.db)) as connection:
        yield connection


def records(table: Table) -> list[Record]:
    names = [column.name for column in table.columns]
    return [dict(zip(names, row, strict=True)) for row in table.rows]


def exact_sum(amounts: list[Decimal | None]) -> Decimal:
    total = Decimal(0)
    for amount in amounts:
        total = total if amount is None else EXACT.add(total, amount)
    return total


def test_every_day_is_the_markets_score_under_the_rounds_terms(cache: sqlite3.Connection, site: Caches) -> None:
    rows = records(drift_table(cache, CLASSIC, MINE, ALL))
    numbers = range(1343, 1405)
    names = sorted({row["model"] for row in rows})
    corr, mmc = (site.market.paths(CLASSIC, name, names, numbers) for name in ("corr60", "mmc60"))
    expected = 3 * corr + 15 * mmc
    assert len(names) == 7
    assert len(rows) > 7 * 60 * 20
    for row in rows:
        value = expected[names.index(row["model"]), row["round"] - 1343, row["day"] - 1]
        assert row["value"] == pytest.approx(value, abs=1e-12)
        assert row["days_left"] == row["days"] - row["day"] == 60 - row["day"]
        assert row["payout"] == EXACT.multiply(row["at_risk"], Decimal(repr(row["value"])))
        assert (row["factor_estimated"], row["tournament"]) == (False, "classic")


def test_a_signals_round_without_its_factor_has_the_newest_known_one(cache: sqlite3.Connection, site: Caches) -> None:
    rows = records(drift_table(cache, SIGNALS, MINE, ALL))
    weights = ({"alpha": 0.3, "mpc": 0.8}, {"neutral_corr": 0.5, "neutral_mmc": 2})  # the second from round 1363 on
    names = [name for pays in weights for name in pays]
    paths = {name: site.market.paths(SIGNALS, name, ["demo_signal_a"], range(1343, 1405))[0] for name in names}
    known = dict(cache.execute("SELECT round, payout_factor FROM rounds WHERE tournament = 11").fetchall())
    newest = next(float(known[number]) for number in sorted(known, reverse=True) if known[number] is not None)
    estimated = set()
    for row in (row for row in rows if row["model"] == "demo_signal_a"):
        factor = float(known[row["round"]]) if known[row["round"]] is not None else newest
        pays = weights[row["round"] >= 1363]
        score = sum(weight * paths[name][row["round"] - 1343, row["day"] - 1] for name, weight in pays.items())
        assert row["value"] == pytest.approx(max(-0.035, min(0.035, factor * score)), abs=1e-12)
        assert row["factor_estimated"] is (known[row["round"]] is None)
        estimated |= {row["round"]} if row["factor_estimated"] else set()
    unscored = records(forecast_table(cache, SIGNALS, MINE, ALL))
    assert {row["round"] for row in unscored if row["factor_estimated"]} == {
        number for number, factor in known.items() if factor is None
    }


@pytest.mark.parametrize("tournament", [CLASSIC, SIGNALS, CRYPTO])
def test_forecasts_stand_at_the_newest_day_and_pay_what_they_say(
    cache: sqlite3.Connection, tournament: Tournament
) -> None:
    newest = {
        key: max(part, key=lambda row: row["day"])
        for key, part in groupby(
            records(drift_table(cache, tournament, MINE, ALL)), lambda row: (row["model"], row["round"])
        )
    }
    rows = records(forecast_table(cache, tournament, MINE, ALL))
    assert len({(row["model"], row["round"]) for row in rows}) == len(rows) > len(newest)
    for row in rows:
        if row["day"]:
            standing = newest[row["model"], row["round"]]
            assert {name: row[name] for name in standing} == standing
        else:
            assert (row["value"], row["payout"], row["days_left"]) == (None, None, row["days"])
        assert row["p05"] <= row["p25"] <= row["p75"] <= row["p95"]
        assert row["p05"] <= row["expected"] <= row["p95"]
        assert 0 <= row["burn_probability"] <= 1
        for payout, quantile in (("expected_payout", "expected"), ("payout_p05", "p05"), ("payout_p95", "p95")):
            assert row[payout] == EXACT.multiply(row["at_risk"], Decimal(repr(row[quantile])))


@pytest.mark.parametrize("tournament", [CLASSIC, SIGNALS, CRYPTO])
def test_totals_are_the_sums_on_every_screen(cache: sqlite3.Connection, tournament: Tournament) -> None:
    rows = records(forecast_table(cache, tournament, MINE, ALL))
    at_risk, payout = exact_sum([row["at_risk"] for row in rows]), exact_sum([row["payout"] for row in rows])
    last = records(total_table(cache, tournament, Models(), ALL))[-1]
    assert (last["at_risk"], last["payout"]) == (at_risk, payout)
    assert last["value"] == pytest.approx(float(payout / at_risk))

    table, sums = monitor(cache, tournament, DAYS["saturday"])
    shown, total = records(table), records(sums)[0]
    assert (exact_sum([row["at_risk"] for row in shown]), total["at_risk"]) == (at_risk, at_risk)
    assert (exact_sum([row["payout"] for row in shown]), total["payout"]) == (payout, payout)
    clip = {CLASSIC: Decimal(1), SIGNALS: Decimal("0.035"), CRYPTO: Decimal(1)}[tournament]
    assert total["worst_case"] == -EXACT.multiply(at_risk, clip)

    *parts, whole = records(weeks(cache, tournament))
    assert (whole["at_risk"], whole["payout"]) == (at_risk, payout)
    assert exact_sum([row["at_risk"] for row in parts]) == at_risk
    assert sum(row["expected_payout"] for row in parts) == pytest.approx(whole["expected_payout"])
    assert whole["expected_payout"] == total["expected_payout"]
    days = records(calendar(cache, tournament, DAYS["saturday"]))
    assert exact_sum([row["at_risk"] for row in days]) == at_risk
    assert sum(row["share"] for row in days) == pytest.approx(1)


def test_the_sum_of_overlapping_rounds_is_wider_than_of_independent_ones(cache: sqlite3.Connection) -> None:
    rows = records(forecast_table(cache, CLASSIC, MINE, ALL))
    independent = sum(float(row["payout_p95"] - row["payout_p05"]) ** 2 for row in rows) ** 0.5
    together = float(sum(row["payout_p95"] - row["payout_p05"] for row in rows))
    total = records(monitor(cache, CLASSIC, DAYS["saturday"])[1])[0]
    assert 1.5 * independent < float(total["payout_p95"] - total["payout_p05"]) < together


def test_earlier_days_of_the_total_hold_rounds_that_have_resolved_since(cache: sqlite3.Connection) -> None:
    first = records(total_table(cache, CLASSIC, MINE, ALL))[0]
    numbers = (f"SELECT count(*) FROM rounds WHERE tournament = 8 AND close_time < '{first['date']}T24' "
               f"AND substr(resolve_time, 1, 10) > '{first['date']}'")  # fmt: skip
    assert first["rounds"] == cache.execute(numbers).fetchone()[0] > 15


def test_screens_show_what_the_export_writes(cache: sqlite3.Connection) -> None:
    exported = {
        (row["model"], row["round"]): row
        for row in records(TABLES["drift"].make(cache, ReportContext(CLASSIC, DAYS["saturday"], forecast=True)))
    }
    assert exported
    for model in {model for model, _ in exported}:
        for row in records(model_forecasts(cache, CLASSIC, model, DAYS["saturday"])):
            same = exported[model, row["round"]]
            for name in ("at_risk", "value", "payout", "expected", "p05", "p95", "burn_probability", "expected_payout"):
                assert row[name] == same[name]
            assert row["progress"] == (same["day"], same["days"])
    for row in records(round_forecasts_by_model(cache, CLASSIC, 1390, Models())):
        assert row["expected"] == exported[row["model"], 1390]["expected"]
        assert row["pending"] == pytest.approx(exported[row["model"], 1390]["payout"], abs=Decimal("1e-12"))
    summed = {row["model"]: row for row in records(by_model(cache, CLASSIC))}
    for model, row in summed.items():
        rounds_of_model = [cells for (name, _), cells in exported.items() if name == model]
        assert row["payout"] == exact_sum([cells["payout"] for cells in rounds_of_model])
        assert [value for value in row["returns"] if value is not None] == [
            cells["value"] for cells in rounds_of_model if cells["value"] is not None
        ]


def test_a_path_fans_out_to_its_forecast(cache: sqlite3.Connection) -> None:
    path = model_path(cache, CLASSIC, "demo_breeze", 1390)
    row = records(forecast_table(cache, CLASSIC, Models(("demo_breeze",)), Rounds(1390, 1390)))[0]
    assert path is not None
    assert [value for value in path.values if value is not None][-1] == row["value"] == path.fan[0][1]
    assert path.fan[-1] == pytest.approx((60, row["expected"], row["p05"], row["p25"], row["p75"], row["p95"]))
    assert [name for name, _ in path.percentiles] == ["corr60", "mmc60"]
    assert all(0 <= value <= 1 for _, line in path.percentiles for value in line if value is not None)


def test_movers_add_up_to_what_stood_the_run_before(cache: sqlite3.Connection, site: Caches, tmp_path: Path) -> None:
    (tmp_path / "before").mkdir()
    with closing(open_reader(site.copy("friday", tmp_path / "before").db)) as before:
        was = {(r["model"], r["round"]): r["value"] for r in records(forecast_table(before, CLASSIC, Models(), ALL))}
    table, run = movers_table(cache, CLASSIC, Models())
    rows = records(table)
    now = {(r["model"], r["round"]): r for r in records(forecast_table(cache, CLASSIC, Models(), ALL))}
    moved = [row for row in rows if row["what"] == "moved"]
    assert len(moved) > 300
    for row in moved:
        key = row["model"], row["round"]
        assert (row["before"], row["value"]) == (pytest.approx(was[key]), now[key]["value"])
        assert row["change"] == pytest.approx(row["part_corr60"] + row["part_mmc60"] + row["part_clip"])
        assert row["payout_change"] == EXACT.multiply(row["at_risk"], Decimal(repr(row["change"])))
    assert [abs(row["payout_change"]) for row in moved] == sorted(
        (abs(row["payout_change"]) for row in moved), reverse=True
    )
    assert {row["round"] for row in rows if row["what"] == "new"} == {1401}
    facts = records(run)[0]
    assert (facts["run"], facts["moved"], facts["resolved"]) == ("2026-11-21", len(moved), 0)


def test_resolved_rounds_stand_against_the_forecast_that_was_recorded(site: Caches, tmp_path: Path) -> None:
    settings = site.copy("tuesday", tmp_path)
    with closing(open_reader(settings.db)) as cache:
        movers = [row for row in records(movers_table(cache, CLASSIC, MINE)[0]) if row["what"] == "resolved"]
        assert {row["round"] for row in movers} == {1343}
        resolved = {
            row["round"]: row for row in records(rounds(cache, CLASSIC, DAYS["tuesday"], MINE, Rounds(resolved=True)))
        }
        stored = cache.execute(
            "SELECT day, expected, p05, p95 FROM forecasts WHERE model = -8 AND round = 1343 AND day > 0 ORDER BY day"
        ).fetchall()
        key = "SELECT model FROM models WHERE tournament = 8 AND name = ?"
        for row in movers:
            number = cache.execute(key, (row["model"],)).fetchone()[0]
            first = cache.execute(
                "SELECT expected, at_risk FROM forecasts WHERE model = ? AND round = 1343 ORDER BY day", (number,)
            ).fetchone()
            assert (row["forecast_day"], row["expected"], row["outcome"]) == (58, first[0], row["value"])
            assert row["held"] is (row["p05"] <= row["outcome"] <= row["p95"])
        single = records(rounds(cache, CLASSIC, DAYS["tuesday"], Models(("demo_breeze",)), Rounds(1343, 1343)))[0]
    row = resolved[1343]
    assert (row["forecast_day"], row["expected"], row["p05"], row["p95"]) == stored[0]
    assert row["outcome"] == pytest.approx(float(row["settled"] or row["pending"]) / float(row["at_risk"]))
    assert row["held"] is (row["p05"] <= row["outcome"] <= row["p95"])
    assert (resolved[1342]["forecast_day"], resolved[1342]["outcome"]) == (None, None)
    breeze = next(row for row in movers if row["model"] == "demo_breeze")
    assert single["expected"] == breeze["expected"]
    assert single["outcome"] == pytest.approx(breeze["outcome"], abs=1e-9)


def test_forecasts_are_recorded_once_a_scoring_day(site: Caches, tmp_path: Path) -> None:
    sql = "SELECT * FROM forecasts ORDER BY model, round, day"
    recorded = {}
    for day in DAYS:
        settings = site.copy(day, tmp_path)
        with closing(sqlite3.connect(settings.db)) as cache:
            recorded[day] = cache.execute(sql).fetchall()
    write(settings, "UPDATE latest SET value = value + 1", "UPDATE scores SET value = value + 1")
    for tournament in Tournament:
        record_forecasts(settings, FixedClock(DAYS["tuesday"].replace(hour=23)), tournament)
    with closing(sqlite3.connect(settings.db)) as cache:
        assert cache.execute(sql).fetchall() == recorded["tuesday"]
        made = cache.execute("SELECT count(*) FROM forecasts WHERE days_left < 1 OR expected IS NULL").fetchone()
        assert made == (0,)
    assert set(recorded["friday"]) < set(recorded["saturday"]) < set(recorded["tuesday"])
    times = {row[3] for row in recorded["tuesday"]}
    assert times == {time.strftime("%Y-%m-%dT%H:%M:%SZ") for time in DAYS.values()}


def test_the_record_says_how_little_it_proves(cache: sqlite3.Connection) -> None:
    table, evidence = record_table(cache, CRYPTO)
    rows = records(table)
    assert [row["life"] for row in rows[-2:]] == ["sum by model", "sum of all"]
    assert all(0 <= row["held_50"] <= row["held_90"] <= 1 for row in rows if row["forecasts"])
    assert sum(row["forecasts"] for row in rows[:10]) > 100
    fact = records(evidence)[0]
    assert fact["caveat"] == CAVEAT
    assert 0 < fact["blocks"] < 20


def test_recorded_forecasts_enter_the_record_when_they_resolve(site: Caches, tmp_path: Path) -> None:
    with closing(open_reader(site.copy("tuesday", tmp_path).db)) as cache:
        rows = records(record_table(cache, CLASSIC)[0])
        stored = cache.execute(
            "SELECT count(*) FROM forecasts f JOIN positions p USING (model, round) "
            "JOIN models m USING (model) WHERE m.tournament = 8 AND round = 1343 AND p.at_risk + 0 > 0"
        ).fetchone()[0]
    assert [row["recorded"] for row in rows[:10]] == [0] * 9 + [stored]
    assert 0 <= rows[9]["recorded_held_90"] <= 1


def test_a_state_of_the_cache_is_computed_once(settings: Settings, cache: sqlite3.Connection) -> None:
    first = drift_of(cache, CLASSIC)
    assert drift_of(cache, CLASSIC) is first
    write(settings, "UPDATE positions SET at_risk = '2' WHERE round = 1390")
    second = drift_of(cache, CLASSIC)
    assert second is not first
    assert {amount for (_, r), amount in second.inputs.at_risk.items() if second.inputs.rounds.numbers[r] == 1390} == {
        Decimal(2)
    }


def test_without_history_a_round_keeps_its_standing_and_says_so(tmp_path: Path) -> None:
    fill(tmp_path / "cache.sqlite")
    with closing(open_reader(settings_of(tmp_path).db)) as cache:
        table = forecast_table(cache, CLASSIC, Models(), ALL)
        rows = records(table)
        assert {row["expected"] for row in rows} == {None}
        assert all(row["value"] is not None for row in rows if row["day"])
        assert "too few resolved rounds have corr60, mmc60 over 60 days" in table.notes[0]
        shown, sums = monitor(cache, CLASSIC, DAYS["saturday"])
        assert records(sums)[0]["reason"].startswith("12 rounds: too few resolved rounds")
        assert records(sums)[0]["expected_payout"] is None
        assert [row["expected"] for row in records(shown)] == [None] * 13
        assert records(record_table(cache, CLASSIC)[0]) == []
        assert model_path(cache, CLASSIC, "aurora", 1390).fan == ()  # type: ignore[union-attr]  # it is there
        assert list(drift_table(cache, CRYPTO, Models(), ALL).rows) == []
        assert records(monitor(cache, CRYPTO, DAYS["saturday"])[1])[0]["at_risk"] == 0


ODD = {
    "holes in the days": "DELETE FROM scores WHERE round % 3 = 0 AND day IN (4, 9, 10)",
    "a score without value": "UPDATE scores SET value = NULL WHERE day = 7",
    "a resolved round without its last days": "DELETE FROM scores WHERE day > 50 AND round < 1343",
    "no configuration": "DELETE FROM score_configs WHERE round IN (1380, 1381)",
    "an unknown clip": "UPDATE score_configs SET clip_threshold = NULL WHERE round = 1382",
    "an unknown multiplier": "UPDATE score_configs SET default_multiplier = NULL WHERE round = 1384",
    "nothing known of a stake": "UPDATE positions SET at_risk = NULL WHERE round = 1385",
    "no position": "DELETE FROM positions WHERE round = 1386",
    "no dates": "DELETE FROM score_dates",
    "no dates at all": "UPDATE latest SET date = NULL",
    "no resolution": "UPDATE rounds SET resolve_time = NULL WHERE round > 1400",
    "an old round that was never resolved": "UPDATE rounds SET resolved = NULL WHERE round = 1250",
    "no score": "DELETE FROM latest WHERE round = 1390",
    "no rounds": "DELETE FROM rounds",
}


@pytest.mark.parametrize("statement", ODD.values(), ids=ODD)
def test_odd_caches_break_nothing(settings: Settings, cache: sqlite3.Connection, statement: str) -> None:
    write(settings, statement)
    for tournament in (SIGNALS, CRYPTO):
        rows = records(forecast_table(cache, tournament, Models(), ALL))
        list(drift_table(cache, tournament, Models(), ALL).rows)
        daily = records(total_table(cache, tournament, Models(), ALL))
        shown, sums = monitor(cache, tournament, DAYS["saturday"])
        records(movers_table(cache, tournament, Models())[0])
        records(by_model(cache, tournament))
        records(weeks(cache, tournament))
        records(calendar(cache, tournament, DAYS["saturday"]))
        at_risk = exact_sum([row["at_risk"] for row in rows])
        assert records(sums)[0]["at_risk"] == at_risk
        assert not daily or daily[-1]["at_risk"] == at_risk
        assert len(records(shown)) == cache.execute(
            "SELECT count(*) FROM rounds WHERE tournament = ? AND coalesce(resolved, 0) = 0", (tournament,)
        ).fetchone()[0]  # fmt: skip


def test_a_models_own_terms_go_before_the_rounds(settings: Settings, cache: sqlite3.Connection) -> None:
    before = {(r["model"], r["round"]): r for r in records(forecast_table(cache, SIGNALS, MINE, ALL))}
    scores = dict(cache.execute("SELECT name, score FROM score_names").fetchall())
    model = cache.execute("SELECT model FROM models WHERE name = 'demo_signal_b'").fetchone()[0]
    keys = f"model = {model} AND round = 1380"
    write(
        settings,
        f"UPDATE positions SET payout_factor = '0.5' WHERE {keys}",
        f"DELETE FROM multipliers WHERE {keys}",
        f"INSERT INTO multipliers VALUES ({model}, 1380, {scores['neutral_corr']}, '2')",
        f"INSERT INTO multipliers VALUES ({model}, 1380, {scores['neutral_mmc']}, '0')",
    )
    after = {(r["model"], r["round"]): r for r in records(forecast_table(cache, SIGNALS, MINE, ALL))}
    changed = {key for key in after if after[key]["value"] != before[key]["value"]}
    assert changed == {("demo_signal_b", 1380)}
    row = after["demo_signal_b", 1380]
    corr = cache.execute(
        f"SELECT value FROM latest WHERE {keys} AND score = {scores['neutral_corr']}"
    ).fetchone()[0]  # fmt: skip
    assert row["value"] == pytest.approx(max(-0.035, min(0.035, 0.5 * 2 * corr)))
    assert row["p05"] <= row["expected"] <= row["p95"]


def test_without_own_models_the_sums_are_of_the_watched(settings: Settings, cache: sqlite3.Connection) -> None:
    write(settings, "UPDATE models SET mine = 0, watched = name IN ('demo_breeze', 'demo_cinder')")
    rows = records(forecast_table(cache, CLASSIC, Models(), ALL))
    assert {row["model"] for row in rows} == {"demo_breeze", "demo_cinder"}
    assert records(total_table(cache, CLASSIC, Models(), ALL))[-1]["at_risk"] == exact_sum([r["at_risk"] for r in rows])


def test_a_round_with_nothing_staked_is_the_mean_of_its_models(settings: Settings, cache: sqlite3.Connection) -> None:
    write(settings, "UPDATE positions SET at_risk = '0' WHERE round = 1390")
    row = next(row for row in records(monitor(cache, CLASSIC, DAYS["saturday"])[0]) if row["round"] == 1390)
    models = records(forecast_table(cache, CLASSIC, MINE, Rounds(1390, 1390)))
    assert row["value"] == pytest.approx(np.mean([model["value"] for model in models]))
    assert row["expected"] == pytest.approx(np.mean([model["expected"] for model in models]))
    assert row["p05"] < row["expected"] < row["p95"]
    assert (row["at_risk"], row["expected_payout"]) == (0, 0)


def test_days_between_known_dates_are_scoring_days(settings: Settings, cache: sqlite3.Connection) -> None:
    whole = round_dates(cache, CLASSIC, [1343, 1360])
    write(settings, "DELETE FROM score_dates WHERE day NOT IN (1, 30)", "UPDATE latest SET date = NULL")
    assert (round_dates(cache, CLASSIC, [1343, 1360]) == whole).all()
    write(settings, "DELETE FROM score_dates")
    assert (round_dates(cache, CLASSIC, [1343, 1360]) == whole).all()
    assert (np.diff(whole[0]) > 0).all()
    assert {np.datetime64(date_text(day)).astype(object).weekday() for day in whole[0].tolist()} == {1, 2, 3, 4, 5}
    assert ordinal_of(None) == 0


def test_a_sparkline_keeps_both_ends() -> None:
    points = [float(number) for number in range(60)]
    assert sampled(points)[0] == 0 and sampled(points)[-1] == 59 and len(sampled(points)) == 12
    assert sampled(points[:5]) == tuple(points[:5])


def test_the_resolved_rounds_of_the_window_can_be_asked_for(cache: sqlite3.Connection) -> None:
    rows = records(drift_table(cache, CLASSIC, MINE, replace(ALL, resolved=True)))
    assert {row["days"] for row in rows} == {20}
    assert max(row["round"] for row in rows) == 1342


def test_own_models_stand_before_watched_ones(cache: sqlite3.Connection) -> None:
    own = [bool(row["mine"]) for row in records(by_model(cache, CLASSIC))]
    assert own == sorted(own, reverse=True) and any(own)
