"""Whatever an API that keeps to the schema does differently, the figures are the same, or missing: never wrong."""

from __future__ import annotations

from decimal import Decimal

import pytest

from . import expected
from .conftest import WATCHED, MakeScene, Scene
from .expected import decimal_or_none, read_scores
from .other_habits import Habits
from .other_market import CLASSIC, SIGNALS, Market, Model
from .program import DONE, FAILED


@pytest.fixture(scope="module")
def small() -> Market:
    """Enough for a habit to show."""
    return Market(models=110, rounds=14, lengths={"classic": 5, "old": 3, "signals": 4, "crypto": 3})


def polled(made: Scene) -> Scene:
    ran = made.program("poll", "--once")
    # Without a pipeline's state the poll says so; what it could fetch is there all the same.
    assert ran.code == (FAILED if made.server.habits.pipeline == "null" else DONE), ran
    return made


def own_and_watched(made: Scene) -> list[Model]:
    of = made.market.tournaments[CLASSIC]
    return [m for m in of.own if not m.archived] + [of.by_name[name] for name in WATCHED["classic"]]


BOARD_HABITS = {
    "pages of 100": Habits(page_cap=100),
    "every page is the first": Habits(offset_ignored=True),
    "ids that are no model ids": Habits(leaderboard_ids="other"),
    "no ids": Habits(leaderboard_ids="null", page_cap=100),
    "rows in another order each time": Habits(shuffled=True),
    "rows twice": Habits(duplicated=True, page_cap=90),
    "amounts with commas": Habits(money_commas=True),
    "fields that nobody asked for": Habits(extras=True),
}


@pytest.mark.parametrize("habits", BOARD_HABITS.values(), ids=BOARD_HABITS.keys())
def test_leaderboards(scene: MakeScene, small: Market, habits: Habits) -> None:
    made = scene(habits, of=small, keys=False)
    rows = made.program.export("leaderboard").rows
    wanted = expected.entries(made.server.answers, small, CLASSIC)
    assert [row["model"] for row in rows if row["rank"]] == sorted(
        (name for name, entry in wanted.items() if entry["rank"]), key=lambda name: wanted[name]["rank"]
    )
    assert len(rows) == len(wanted)
    for row in rows:
        entry = wanted[row["model"]]
        assert Decimal(row["nmr_staked"]) == Decimal(entry["nmrStaked"].replace(",", ""))
        assert expected.number_or_none(row["corr60"]) == entry["corr60Rep"]
    accounts = made.program.export("accounts").rows
    assert len(accounts) == len(made.server.answers.accounts(CLASSIC))


def test_a_server_that_gives_only_its_first_page_ends(scene: MakeScene, small: Market) -> None:
    made = scene(Habits(offset_ignored=True, page_cap=100), of=small, keys=False)
    assert len(made.program.export("leaderboard").rows) == 100
    assert made.server.requests < 10


SCORE_HABITS = {
    "latest scores null": Habits(days_in="intra"),
    "rounds ascending": Habits(rounds_ascending=True),
    "everything shuffled": Habits(shuffled=True),
    "everything twice": Habits(duplicated=True),
    "other ids on leaderboards": Habits(leaderboard_ids="other"),
    "no ids on leaderboards": Habits(leaderboard_ids="null"),
    "rounds that are not listed": Habits(unlisted=5),
    "rounds without configurations": Habits(without_configs=5),
    "no multipliers": Habits(multipliers_null=True),
    "no payouts": Habits(payouts_null=True),
    "resolved null": Habits(resolved_null=True),
    "no pipeline": Habits(pipeline="null"),
    "pipeline without a time": Habits(pipeline="waiting"),
    "no prices": Habits(prices_null=True),
    "between rounds": Habits(between_rounds=True),
    "few scopes": Habits(scopes=("read_user_info",)),
    "unknown words and fields": Habits(extras=True),
    "models without name or tournament": Habits(own_models="nameless"),
}


@pytest.mark.parametrize("habits", SCORE_HABITS.values(), ids=SCORE_HABITS.keys())
def test_scores_are_complete(scene: MakeScene, small: Market, habits: Habits) -> None:
    made = polled(scene(habits, of=small, watch=WATCHED))
    of = small.tournaments[CLASSIC]
    rows = made.program.export("scores", "--mine", "--watched", "--offline").rows
    scores = {key: value for key, value in read_scores(rows).items() if key[0] != "homeless"}
    assert scores == expected.scores(of, own_and_watched(made))


def test_the_choice_of_rounds_holds_for_unlisted_ones(scene: MakeScene, small: Market) -> None:
    made = polled(scene(Habits(unlisted=5), of=small))
    of = small.tournaments[CLASSIC]
    last = min(of.rounds) + 3
    rows = made.program.export("scores", "--mine", "--rounds", f"..{last}", "--offline").rows
    own = [model for model in of.own if not model.archived]
    assert read_scores(rows) == expected.scores(of, own, chosen=lambda each: each.number <= last)


def test_percentiles_that_are_null_are_empty(scene: MakeScene, small: Market) -> None:
    made = polled(scene(Habits(percentile_null=True), of=small))
    rows = made.program.export("scores", "--mine").rows
    assert rows
    assert {row["percentile"] for row in rows} == {""}


def test_versions_that_are_null_leave_the_names(scene: MakeScene, small: Market) -> None:
    made = polled(scene(Habits(version_null=True), of=small))
    rows = made.program.export("scores", "--mine", tournament="signals").rows
    of = small.tournaments[SIGNALS]
    wanted = {(m, r, s, d): v for (m, r, s, _, d), v in expected.scores(of, of.own).items()}
    scores = {
        (row["model"], int(row["round"]), row["score"], int(row["day"])): (
            float(row["value"]),
            float(row["percentile"]),
        )
        for row in rows
    }
    assert scores == wanted


@pytest.mark.parametrize("factor", [None, "1", "0.1234"])
def test_payout_factors(scene: MakeScene, small: Market, factor: str | None) -> None:
    made = scene(Habits(factor=factor), of=small, keys=False)
    rows = made.program.export("rounds").rows
    assert {row["payout_factor"] for row in rows} == {factor or ""}


def test_rounds_without_configurations_have_times(scene: MakeScene, small: Market) -> None:
    made = scene(Habits(without_configs=99), of=small, keys=False)
    rows = {int(row["round"]): row for row in made.program.export("rounds").rows}
    for number, each in small.tournaments[CLASSIC].rounds.items():
        assert rows[number]["status"] == each.status
        assert rows[number]["days"] in {"", str(len(each.dates))}


def test_payouts_that_are_null_are_not_zero(scene: MakeScene, small: Market) -> None:
    made = polled(scene(Habits(payouts_null=True), of=small))
    rows = made.program.export("rounds", "--mine", "--resolved").rows
    assert rows
    assert {row["settled"] for row in rows} == {""}


@pytest.mark.parametrize("refusal", ["You must be authenticated", "Your session is invalid or has expired."])
def test_keys_that_are_wrong(scene: MakeScene, small: Market, refusal: str) -> None:
    wrong = {"NUMERAI_PUBLIC_ID": "WRONG", "NUMERAI_SECRET_KEY": "wrong-secret-key-55aa"}
    made = scene(Habits(refusal=refusal), of=small, environment=wrong, watch=WATCHED)
    ran = made.program("poll", "--once")
    assert "NUMERAI_PUBLIC_ID" in ran.err or "key" in ran.err, ran
    assert "wrong-secret-key-55aa" not in ran.err
    rows = made.program.export("leaderboard", "--offline").rows  # the public part is there all the same
    assert len(rows) == len(small.tournaments[CLASSIC].field)
    mine = made.program("export", "models", "--mine")
    assert mine.code in {1, 4}
    assert "key" in mine.err.lower(), mine


@pytest.mark.parametrize(("share", "seed"), [(0.03, 0), (0.03, 1), (0.3, 2)])
def test_nulls_anywhere(scene: MakeScene, small: Market, share: float, seed: int) -> None:
    """Nothing that is shown differs from what the server holds, whatever part of it comes as null."""
    made = scene(Habits(nulls=share, null_seed=seed), of=small, watch=WATCHED)
    ran = made.program("poll", "--once")
    assert ran.code in {0, 1}, ran
    of = small.tournaments[CLASSIC]
    board = expected.entries(made.server.answers, small, CLASSIC)
    ran = made.program("export", "leaderboard", "--offline")
    for row in ran.rows if ran.code == DONE else ():
        if row["model"] not in board:
            continue
        for column, field in expected.REPUTATIONS[CLASSIC].items():
            assert row[column] == "" or float(row[column]) == board[row["model"]][field]
    ran = made.program("export", "rounds", "--offline")
    for row in ran.rows if ran.code == DONE else ():
        each = of.rounds[int(row["round"])]
        assert decimal_or_none(row["payout_factor"]) in {None, decimal_or_none(each.factor)}
        assert row["days"] in {"", str(len(each.dates))}
    ran = made.program("export", "scores", "--offline")
    wanted = {(m, r, s.split("@")[0], d): v for (m, r, s, _, d), v in expected.scores(of, of.field[:40]).items()}
    twice = {"bmc", "mmc"}
    for row in ran.rows if ran.code == DONE else ():
        name = row["score"].split("@")[0]
        value = wanted.get((row["model"], int(row["round"]), name, int(row["day"])))
        if name not in twice and row["value"] and row["model"] in of.by_name:
            assert value is not None
            assert float(row["value"]) == value[0]
    for table in ("accounts", "models", "stakes", "payouts"):
        assert made.program("export", table, "--offline").code in {0, 4}
