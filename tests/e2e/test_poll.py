"""`poll --once`: what it asks, what it notices, and what a kill leaves behind."""

from __future__ import annotations

import sqlite3
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from . import expected
from .conftest import WATCHED, MakeScene
from .expected import read_scores
from .other_habits import Habits
from .other_market import CLASSIC, CRYPTO, SIGNALS, USERNAME, Market, Model
from .program import DONE, Program, kill

TABLES = (
    "rounds",
    "score_configs",
    "score_names",
    "score_paths",
    "odd_days",
    "latest",
    "positions",
    "multipliers",
    "models",
    "stakes",
)
VOLATILE = {"entry", "snapshot", "synced_time", "model", "score"}  # numbers that the cache gives in its own order


@pytest.fixture
def market() -> Market:
    """A smaller one than elsewhere."""
    return Market(models=60, rounds=14, lengths={"classic": 6, "old": 4, "signals": 6, "crypto": 3})


def polled(program: Program) -> str:
    ran = program("poll", "--once")
    assert ran.code == DONE, ran
    assert ran.out == ""
    return ran.err


def test_a_first_sync_of_a_hundred_models_and_a_second_right_after(scene: MakeScene) -> None:
    market = Market(models=400, rounds=6)
    names = {
        "classic": [f"fox_{i:04d}" for i in range(60)],
        "signals": [f"owl_{i:04d}" for i in range(20)],
        "crypto": [f"elk_{i:04d}" for i in range(14)],
    }
    made = scene(of=market, watch=names)
    polled(made.program)
    for label, number in (("classic", CLASSIC), ("signals", SIGNALS), ("crypto", CRYPTO)):
        of = market.tournaments[number]
        models = [of.by_name[name] for name in names[label]] + [model for model in of.own if not model.archived]
        rows = made.program.export("scores", tournament=label).rows
        assert read_scores(rows) == expected.scores(of, models)
    made.server.forget()
    polled(made.program)
    assert made.server.requests <= 3, made.server.asked


def test_a_first_sync_of_an_account_of_a_hundred_models(scene: MakeScene) -> None:
    market = Market(models=300, rounds=6)
    for number, count in ((CLASSIC, 50), (SIGNALS, 25), (CRYPTO, 18)):
        own = market.tournaments[number].own
        own += [Model(number, f"slot_{number}_{i}", USERNAME, Decimal(i)) for i in range(count)]
    made = scene(of=market)
    polled(made.program)
    with sqlite3.connect(made.program.db) as connection:
        first = connection.execute("SELECT sum(requests) FROM polls WHERE kind = 'first'").fetchone()[0]
    assert first <= 80, made.server.fields()
    assert made.server.requests <= 160, "every day of the usual rounds too"


def test_an_idle_poll_is_a_request_a_tournament(scene: MakeScene) -> None:
    made = scene(watch=WATCHED)
    polled(made.program)
    made.server.forget()
    polled(made.program)
    assert [asked.operation for asked in made.server.asked] == ["Idle"] * 3


def test_an_idle_poll_notices_what_moves(scene: MakeScene) -> None:
    made = scene(watch=WATCHED)
    polled(made.program)
    answers, of = made.server.answers, made.market.tournaments[CLASSIC]
    model = of.by_name["mine_late"]
    assert of.open_round is not None
    answers.stakes[model.id] = Decimal("41.5")
    answers.sent[model.id] = of.open_round.number
    signals = made.market.tournaments[SIGNALS]
    assert signals.open_round is not None
    opened = {**answers.round(signals.open_round), "number": signals.newest + 1, "id": "new"}
    answers.extra_open.append(opened)
    made.server.forget()
    polled(made.program)
    assert made.server.requests <= 12, made.server.fields()  # what follows from the news is asked for
    rows = {row["model"]: row for row in made.program.export("models", "--mine", "--offline").rows}
    assert Decimal(rows["mine_late"]["stake"]) == Decimal("41.5")
    assert rows["mine_late"]["submitted"] == "true"
    stakes = {row["model"]: row for row in made.program.export("stakes", "--mine", "--offline").rows}
    assert Decimal(stakes["mine_late"]["stake"]) == Decimal("41.5")
    rounds = made.program.export("rounds", "--offline", "--unresolved", tournament="signals").rows
    assert int(rounds[0]["round"]) == signals.newest + 1
    assert rounds[0]["status"] == "open"


def test_a_scoring_run_asks_for_unresolved_rounds_only(scene: MakeScene) -> None:
    made = scene(watch=WATCHED)
    polled(made.program)
    made.server.forget()
    made.server.answers.scored_at = "2026-11-20T14:50:00Z"
    polled(made.program)
    asked = [each for each in made.server.asked if "v2RoundModelPerformances" in each.fields]
    assert asked
    for each in asked:
        of = made.market.tournaments[int(each.variables["tournament"])]
        lowest = min(number for number, one in of.rounds.items() if not one.resolved)
        assert [value for name, value in each.variables.items() if "from" in name] == [lowest], each


def test_missed_scoring_runs_are_made_up_for(scene: MakeScene, tmp_path: Path) -> None:
    """The same cache on Thursday before the run, on Friday before the run, after it, and after the weekend."""
    times = ["2026-11-19T12:00", "2026-11-20T10:00", "2026-11-20T15:00", "2026-11-25T16:00", "2026-12-04T09:00"]
    for text in times:
        now = datetime.fromisoformat(text).replace(tzinfo=UTC)
        made = scene(of=Market(models=40, rounds=12, now=now), watch={"classic": ["fox_0003"]})
        made.program.folder = tmp_path / "same"
        made.program.environment = {"NUMTUI_CLOCK": f"fixed {text}"}
        polled(made.program)
        for label, number in (("classic", CLASSIC), ("signals", SIGNALS), ("crypto", CRYPTO)):
            of = made.market.tournaments[number]
            models = [model for model in of.own if not model.archived]
            models += [of.by_name["fox_0003"]] if number == CLASSIC else []
            rows = made.program.export("scores", "--offline", tournament=label).rows
            assert read_scores(rows) == expected.scores(of, models), (text, label)
            rounds = made.program.export("rounds", "--mine", "--offline", tournament=label).rows
            assert len(rounds) == len(of.rounds)
            for row in rounds:
                each = of.rounds[int(row["round"])]
                assert row["status"] == each.status
                own = [model for model in of.own if not model.archived]
                risk, pending, settled = expected.money_of_round(of, own, each)
                assert Decimal(row["at_risk"] or 0) == risk, (text, label, row)
                assert Decimal(row["pending"] or 0) == pending, (text, label, row)
                assert Decimal(row["settled"] or 0) == settled, (text, label, row)


def test_polls_leave_a_row_each(scene: MakeScene) -> None:
    made = scene()
    polled(made.program)
    with sqlite3.connect(made.program.db) as connection:
        rows = connection.execute("SELECT tournament, state, requests, bytes, errors, kind FROM polls").fetchall()
    assert sorted(row[0] for row in rows if row[5] == "first") == [CLASSIC, SIGNALS, CRYPTO]
    assert {row[5] for row in rows} == {"first", "days"}
    assert {row[1] for row in rows} == {"done"}
    assert sum(row[2] for row in rows) == made.server.requests
    assert all(row[3] > 0 and row[4] == 0 for row in rows)


def content(db: Path) -> dict[str, list[tuple[object, ...]]]:
    """The tables with names in place of the cache's own numbers, in a fixed order."""
    found: dict[str, list[tuple[object, ...]]] = {}
    with sqlite3.connect(db) as connection:
        models = dict(connection.execute("SELECT model, tournament || ' ' || name FROM models").fetchall())
        scores = dict(connection.execute("SELECT score, name || '@' || version FROM score_names").fetchall())
        for table in (*TABLES, "leaderboard"):
            cursor = connection.execute(f"SELECT * FROM {table}")
            columns = [column[0] for column in cursor.description]
            rows: list[tuple[object, ...]] = []
            for row in cursor:
                named = dict(zip(columns, row, strict=True))
                kept = {name: value for name, value in named.items() if name not in VOLATILE}
                kept["who"] = models.get(named.get("model"))
                kept["what"] = scores.get(named.get("score"))
                rows.append(tuple(kept.items()))
            found[table] = sorted(rows, key=repr)
    return found


@pytest.mark.parametrize("after", [5, 11])
def test_sigkill_during_a_first_sync(scene: MakeScene, after: int) -> None:
    watch = {"classic": [f"fox_{i:04d}" for i in range(4)], "crypto": ["elk_0003"]}
    calm, hurried = scene(watch=watch), scene(watch=watch)
    polled(calm.program)
    hurried.server.delay = 0.03
    process = hurried.program.start("poll", "--once")
    limit = time.monotonic() + 30
    while hurried.server.requests < after:
        assert time.monotonic() < limit
        assert process.poll() is None
        time.sleep(0.01)
    kill(process)
    hurried.server.delay = 0
    polled(hurried.program)
    assert content(hurried.program.db) == content(calm.program.db)


def test_between_rounds(scene: MakeScene) -> None:
    made = scene(Habits(between_rounds=True))
    polled(made.program)
    assert {row["status"] for row in made.program.export("rounds").rows} == {"upcoming", "resolving", "resolved"}
    assert len(made.program.export("models", "--mine").rows) == 3


def test_an_account_without_models(scene: MakeScene) -> None:
    for habits in (Habits(own_models="none"), Habits(own_models="null")):
        made = scene(habits)
        polled(made.program)
        made.program.export("models", "--mine", code=4)
        assert made.program.export("leaderboard").rows


def test_without_keys_polling_brings_public_tables(scene: MakeScene) -> None:
    made = scene(keys=False, watch=WATCHED)
    polled(made.program)
    assert all(asked.authorization == "" for asked in made.server.asked)
    assert {row["model"] for row in made.program.export("models", "--offline").rows} == set(WATCHED["classic"])
