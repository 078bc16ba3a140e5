"""Exports of a synced cache against the server's own data, value for value."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from . import expected
from .conftest import WATCHED, Scene
from .expected import decimal_or_none, number_or_none, read_scores
from .other_market import CLASSIC, CRYPTO, SIGNALS, USERNAME, Model, iso
from .program import NOTHING

TOURNAMENTS = {"classic": CLASSIC, "signals": SIGNALS, "crypto": CRYPTO}


def mine(scene: Scene, number: int) -> list[Model]:
    return [model for model in scene.market.tournaments[number].own if not model.archived]


def watched(scene: Scene, label: str) -> list[Model]:
    return [scene.market.tournaments[TOURNAMENTS[label]].by_name[name] for name in WATCHED.get(label, ())]


@pytest.mark.parametrize(("label", "number"), TOURNAMENTS.items())
def test_leaderboard_is_the_servers(synced: Scene, label: str, number: int) -> None:
    rows = synced.program.export("leaderboard", tournament=label).rows
    wanted = expected.entries(synced.server.answers, synced.market, number)
    assert len(rows) == len(wanted)
    assert {row["model"] for row in rows} == set(wanted)
    for row in rows:
        entry = wanted[row["model"]]
        assert row["rank"] == ("" if entry["rank"] is None else str(entry["rank"]))
        assert Decimal(row["nmr_staked"]) == Decimal(entry["nmrStaked"].replace(",", ""))
        assert row["team"] == str(entry["team"]).lower()
        assert row["tournament"] == label
        for column, field in expected.REPUTATIONS[number].items():
            assert number_or_none(row[column]) == entry[field], (row["model"], column)


@pytest.mark.parametrize(("label", "number"), TOURNAMENTS.items())
def test_accounts_are_the_servers(synced: Scene, label: str, number: int) -> None:
    rows = synced.program.export("accounts", tournament=label).rows
    wanted = {row["username"]: row for row in synced.server.answers.accounts(number)}
    assert len(rows) == len(wanted)
    for row in rows:
        entry = wanted[row["account"]]
        assert int(row["rank"]) == entry["rank"]
        assert Decimal(row["nmr_staked"]) == Decimal(entry["nmrStaked"].replace(",", ""))
        assert number_or_none(row["corr60"]) == entry["corr60"]
        assert row["mmc60"] == ""


def test_five_formats_hold_the_same(synced: Scene, tmp_path: Path) -> None:
    in_csv = synced.program.export("accounts").rows
    objects = synced.program.export("accounts", "--format", "json").objects
    lines = synced.program.export("accounts", "--format", "ndjson").out.splitlines()
    assert [json.loads(line) for line in lines] == objects
    assert [list(item) for item in objects] == [list(row) for row in in_csv]
    for row, found in zip(in_csv, objects, strict=True):
        for name, value in found.items():
            if value is None:
                assert row[name] == ""
            elif isinstance(value, bool):
                assert row[name] == str(value).lower()
            elif isinstance(value, float):
                assert float(row[name]) == value
            else:
                assert row[name] == str(value)
        assert isinstance(found["nmr_staked"], str)
        assert isinstance(found["corr60"], float)
        assert found["mmc60"] is None
    table = synced.program.export("accounts", "--format", "md").out.splitlines()
    assert len(table) == len(in_csv) + 2
    assert [cell.strip() for cell in table[0].strip("|").split("|")] == list(in_csv[0])
    target = tmp_path / "accounts.parquet"
    ran = synced.program("export", "accounts", "--format", "parquet", "-o", str(target))
    assert (ran.code, ran.out) == (0, "")
    frame = pd.read_parquet(target)
    assert list(frame.columns) == list(in_csv[0])
    assert list(frame["nmr_staked"]) == [Decimal(item["nmr_staked"]) for item in objects]


def test_csv_quotes_what_it_must(synced: Scene) -> None:
    out = synced.program.export("accounts").out
    assert len(list(csv.reader(io.StringIO(out)))) == len(synced.server.answers.accounts(CLASSIC)) + 1


@pytest.mark.parametrize(("label", "number"), TOURNAMENTS.items())
def test_rounds_are_the_servers(synced: Scene, label: str, number: int) -> None:
    of = synced.market.tournaments[number]
    rows = {int(row["round"]): row for row in synced.program.export("rounds", "--mine", tournament=label).rows}
    assert set(rows) == set(of.rounds)
    for each in of.rounds.values():
        row = rows[each.number]
        assert row["status"] == each.status
        assert (row["open_time"], row["close_time"]) == (iso(each.opens), iso(each.closes))
        assert (row["close_staking_time"], row["resolve_time"]) == (iso(each.closes), iso(each.resolves))
        assert int(row["days"]) == len(each.dates)
        assert decimal_or_none(row["payout_factor"]) == decimal_or_none(each.factor)
        if each.done:
            assert int(row["day"]) == each.done
        risk, pending, settled = expected.money_of_round(of, mine(synced, number), each)
        assert (decimal_or_none(row["at_risk"]) or 0) == risk
        assert (decimal_or_none(row["pending"]) or 0) == pending
        assert (decimal_or_none(row["settled"]) or 0) == settled


def test_rounds_can_be_chosen(synced: Scene) -> None:
    of = synced.market.tournaments[CLASSIC]
    resolved = {number for number, each in of.rounds.items() if each.resolved}

    def chosen(*args: str) -> set[int]:
        return {int(row["round"]) for row in synced.program.export("rounds", *args).rows}

    assert chosen("--unresolved") == set(of.rounds) - resolved
    assert chosen("--resolved") == resolved
    first = min(resolved) + 3
    assert chosen("--resolved", "--rounds", f"{first}..") == {number for number in resolved if number >= first}
    assert chosen("--rounds", f"..{first}") == {number for number in of.rounds if number <= first}
    assert chosen("--rounds", f"{first}..{first + 2}") == {first, first + 1, first + 2}
    synced.program.export("rounds", "--rounds", "9000..", code=NOTHING)


def test_models_are_the_accounts_and_the_watched(synced: Scene) -> None:
    of = synced.market.tournaments[CLASSIC]
    own = mine(synced, CLASSIC)
    rows = {row["model"]: row for row in synced.program.export("models", "--mine").rows}
    assert set(rows) == {model.name for model in own}
    for model in own:
        row = rows[model.name]
        assert row["account"] == USERNAME
        assert Decimal(row["stake"]) == model.stake
        assert (decimal_or_none(row["at_risk"]) or 0) == expected.at_risk(of, model)
        assert row["submitted"] == str(model.submitted).lower()
    both = synced.program.export("models").rows
    assert {row["model"] for row in both} == set(rows) | set(WATCHED["classic"])
    only = synced.program.export("models", "--watched", "--format", "json").objects
    assert {item["model"] for item in only} == set(WATCHED["classic"])
    for item in only:
        model = of.by_name[item["model"]]
        assert item["account"] == model.account
        assert Decimal(item["stake"]) == model.stake
        assert Decimal(item["at_risk"] or 0) == expected.at_risk(of, model)
        assert not item["mine"]


@pytest.mark.parametrize(("label", "number"), TOURNAMENTS.items())
def test_scores_of_every_day_are_the_servers(synced: Scene, label: str, number: int) -> None:
    of = synced.market.tournaments[number]
    rows = synced.program.export("scores", "--mine", tournament=label).rows
    assert read_scores(rows) == expected.scores(of, mine(synced, number))
    for row in rows:
        each = of.rounds[int(row["round"])]
        if int(row["day"]) == each.done:
            assert row["resolved"] == str(each.resolved).lower()
        if row["date"] or not each.resolved:
            assert row["date"][:10] == each.dates[int(row["day"]) - 1].isoformat()


def test_latest_scores_are_the_newest_days(synced: Scene) -> None:
    of = synced.market.tournaments[CLASSIC]
    rows = synced.program.export("scores", "--mine", "--watched", "--latest").rows
    models = mine(synced, CLASSIC) + watched(synced, "classic")
    assert read_scores(rows) == expected.scores(of, models, latest=True)


def test_scores_of_chosen_rounds_name_versions_only_where_two_are(synced: Scene) -> None:
    of = synced.market.tournaments[CLASSIC]
    own = mine(synced, CLASSIC)
    newest = of.newest
    spans = [
        (newest - 22, newest - 18),
        (newest - 26, newest - 18),
        (newest - 11, newest - 9),
        (newest - 40, newest - 28),
    ]
    names = set()
    for first, last in spans:
        rows = synced.program.export("scores", "--mine", "--rounds", f"{first}..{last}").rows
        within = range(first, last + 1)
        wanted = expected.scores(of, own, chosen=lambda each, within=within: each.number in within)  # type: ignore[misc]  # bound now
        assert read_scores(rows) == wanted
        names |= {label for _, _, label, _, _ in wanted}
    assert {"mmc", "mmc@old", "mmc@new", "bmc@v1", "bmc@v2"} <= names  # else this test would say little


def test_scores_of_unresolved_rounds(synced: Scene) -> None:
    of = synced.market.tournaments[CLASSIC]
    rows = synced.program.export("scores", "--mine", "--unresolved").rows
    wanted = expected.scores(of, mine(synced, CLASSIC), chosen=lambda each: not each.resolved)
    assert read_scores(rows) == wanted


def test_json_scores_are_numbers_unrounded(synced: Scene) -> None:
    of = synced.market.tournaments[CLASSIC]
    rows = synced.program.export("scores", "--models", "mine_b", "--format", "json").objects
    wanted = expected.scores(of, [of.by_name["mine_b"]])
    values = {(f["model"], f["round"], f["score"], f["version"], f["day"]): (f["value"], f["percentile"]) for f in rows}
    assert values == wanted


def test_stakes_and_payouts_of_the_account(synced: Scene) -> None:
    of = synced.market.tournaments[SIGNALS]
    stakes = {row["model"]: row for row in synced.program.export("stakes", "--mine", tournament="signals").rows}
    assert {name: Decimal(row["stake"]) for name, row in stakes.items()} == {m.name: m.stake for m in of.own}
    assert Decimal(stakes["mine_s"]["pending"]) == Decimal("-5.25")
    assert stakes["mine_s"]["due"].startswith("2027-01-15")
    rows = synced.program.export("payouts", "--mine", tournament="signals").rows
    wanted = {
        (model.name, each.number): (each.resolved, sum(parts.values(), Decimal(0)))
        for model in of.own
        for each in of.rounds.values()
        if (parts := of.payouts(model, each))
    }
    payouts = {(r["model"], int(r["round"])): (r["settled"] == "true", Decimal(r["payout"])) for r in rows}
    assert payouts == wanted


@pytest.mark.parametrize(("label", "number"), TOURNAMENTS.items())
def test_drift_of_today_is_what_the_server_has_pending(synced: Scene, label: str, number: int) -> None:
    of = synced.market.tournaments[number]
    rows = synced.program.export("drift", "--mine", tournament=label).rows
    drift = {(row["model"], int(row["round"]), int(row["day"])): row for row in rows}
    wanted = {
        (model.name, each.number, day)
        for model in mine(synced, number)
        for each in of.rounds.values()
        if not each.resolved and of.takes_part(model, each.number)
        for day in range(1, each.done + 1)
    }
    assert set(drift) == wanted
    for model in mine(synced, number):
        for each in of.rounds.values():
            row = drift.get((model.name, each.number, each.done))
            if row is not None:
                payout = sum(of.payouts(model, each).values(), Decimal(0))
                assert abs(Decimal(row["payout"]) - payout) < Decimal("1e-9"), row
                assert Decimal(row["at_risk"]) == of.at_risk(model, each)
                assert (int(row["days"]), int(row["days_left"])) == (len(each.dates), len(each.dates) - each.done)
