"""When an export fetches, when it does not, and how it ends when there is nothing."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest

from . import expected
from .conftest import MakeScene
from .expected import read_scores
from .other_habits import Habits
from .other_market import CLASSIC, SIGNALS
from .program import FAILED, NOTHING, USAGE, Program, one_line


def test_leaderboard_and_rounds_need_no_keys(scene: MakeScene) -> None:
    made = scene(keys=False)
    assert len(made.program.export("leaderboard").rows) == len(made.market.tournaments[CLASSIC].field)
    assert len(made.program.export("rounds").rows) == len(made.market.tournaments[CLASSIC].rounds)
    assert all(asked.authorization == "" for asked in made.server.asked)


def test_any_public_model_can_be_named(scene: MakeScene) -> None:
    made = scene(keys=False)
    of = made.market.tournaments[SIGNALS]
    names = ["owl_0011", "owl_0020"]
    rows = made.program.export("scores", "--models", ",".join(names), tournament="signals").rows
    assert read_scores(rows) == expected.scores(of, [of.by_name[name] for name in names])
    models = {
        row["model"]: row for row in made.program.export("models", "--models", names[0], tournament="signals").rows
    }
    assert Decimal(models[names[0]]["stake"]) == of.by_name[names[0]].stake


def test_a_name_in_two_tournaments_is_two_models(scene: MakeScene) -> None:
    made = scene()
    for label, number in (("classic", CLASSIC), ("signals", SIGNALS)):
        of = made.market.tournaments[number]
        rows = made.program.export("scores", "--models", "mine_a", "--latest", tournament=label).rows
        assert read_scores(rows) == expected.scores(of, [of.by_name["mine_a"]], latest=True)


@pytest.mark.parametrize("unknown", ["error", "null"])
def test_a_model_that_does_not_exist(scene: MakeScene, unknown: str) -> None:
    made = scene(Habits(unknown_model=unknown), keys=False)
    for names in ("no_such_model", "fox_0003,no_such_model"):
        ran = made.program("export", "scores", "--models", names)
        assert ran.code in {FAILED, NOTHING}
        assert ran.out == ""
        assert "no_such_model" in one_line(ran)
        assert "fox_0003" not in ran.err


def test_what_is_fresh_is_not_fetched_again(scene: MakeScene) -> None:
    made = scene(watch={"classic": ["fox_0003"]})
    first = made.program.export("scores", "--models", "fox_0003").out
    made.server.forget()
    assert made.program.export("scores", "--models", "fox_0003").out == first
    assert made.server.requests == 0
    assert made.program.export("scores", "--models", "fox_0003", "--refresh").out == first
    assert made.server.requests > 0
    made.server.forget()
    assert made.program.export("scores", "--models", "fox_0003", "--offline").out == first
    assert made.program("--offline", "export", "scores", "--models", "fox_0003").out == first
    assert made.server.requests == 0


def test_what_is_old_is_fetched_again(scene: MakeScene) -> None:
    made = scene(keys=False)
    made.program.export("leaderboard")
    made.server.forget()
    later = Program(
        made.program.folder, made.server.url, keys=False, environment={"NUMTUI_CLOCK": "fixed 2026-11-20T15:04"}
    )
    later.export("leaderboard")
    assert made.server.requests == 0
    later.environment = {"NUMTUI_CLOCK": "fixed 2026-11-20T15:06"}
    later.export("leaderboard")
    assert made.server.requests > 0


def test_refresh_brings_what_changed(scene: MakeScene) -> None:
    made = scene()
    model = made.market.tournaments[CLASSIC].by_name["mine_a"]
    assert made.program.export("models", "--mine").rows
    made.server.answers.stakes[model.id] = Decimal("777.125")
    rows = {row["model"]: row for row in made.program.export("models", "--mine", "--refresh").rows}
    assert Decimal(rows["mine_a"]["stake"]) == Decimal("777.125")


@pytest.mark.parametrize("table", ["scores", "models", "stakes", "payouts"])
def test_tables_about_models_need_some(scene: MakeScene, table: str) -> None:
    made = scene(keys=False)
    assert "NUMERAI_PUBLIC_ID" in one_line(made.program.export(table, code=NOTHING))


def test_offline_without_a_cache(tmp_path: Path) -> None:
    program = Program(tmp_path)
    for args in (("leaderboard",), ("rounds",), ("scores", "--models", "fox_0003"), ("models", "--mine")):
        one_line(program.export(*args, "--offline", code=NOTHING))


def test_offline_says_which_model_is_missing(scene: MakeScene) -> None:
    made = scene(keys=False)
    made.program.export("leaderboard")
    ran = made.program.export("scores", "--models", "fox_0003", "--offline", code=NOTHING)
    assert "fox_0003" in one_line(ran) or "scores" in one_line(ran)


@pytest.mark.parametrize(
    "args",
    [
        ("export", "nothing"),
        ("export", "rounds", "--rounds", "9..3"),
        ("export", "rounds", "--rounds", "x"),
        ("export", "rounds", "--format", "xml"),
        ("export", "leaderboard", "--refresh", "--offline"),
        ("--tournament", "chess", "export", "rounds"),
        ("frobnicate",),
        ("--api-url", "ftp://example.org", "export", "rounds"),
        ("poll", "--interval", "0"),
    ],
)
def test_usage_errors(tmp_path: Path, args: tuple[str, ...]) -> None:
    ran = Program(tmp_path)(*args)
    assert (ran.code, ran.out) == (USAGE, "")
    assert ran.err.strip()


def test_half_a_key_is_said(tmp_path: Path) -> None:
    program = Program(tmp_path, keys=False, environment={"NUMERAI_PUBLIC_ID": "half"})
    ran = program("export", "models", "--mine")
    assert ran.code == USAGE
    assert "NUMERAI_SECRET_KEY" in one_line(ran)


def test_a_file_is_whole_or_untouched(scene: MakeScene, tmp_path: Path) -> None:
    made = scene(keys=False)
    out = made.program.export("leaderboard").out
    target = tmp_path / "out.csv"
    ran = made.program("export", "leaderboard", "-o", str(target))
    assert (ran.code, ran.out) == (0, "")
    assert target.read_text() == out
    ran = made.program("export", "leaderboard", "-o", str(tmp_path / "nowhere" / "out.csv"))
    assert (ran.code, ran.out) == (1, "")
    one_line(ran)


def test_the_cache_is_private(scene: MakeScene) -> None:
    made = scene()
    made.program.export("models", "--mine")
    assert made.program.db.parent.stat().st_mode & 0o777 == 0o700
    for file in made.program.db.parent.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file
    with sqlite3.connect(made.program.db) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
