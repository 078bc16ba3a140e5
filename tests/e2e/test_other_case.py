"""A model asked for in another case: the same rows under the API's spelling, and one model in the cache."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from .conftest import MakeScene, Scene
from .program import DONE


def models_of(made: Scene) -> list[tuple[str, int]]:
    with closing(sqlite3.connect(made.program.db)) as cache:
        sql = "SELECT name, watched FROM models WHERE tournament = 8 AND lower(name) LIKE 'fox_0003' ORDER BY name"
        return cache.execute(sql).fetchall()


def test_a_name_in_another_case_is_the_same_model(scene: MakeScene) -> None:
    made = scene(keys=False)
    right = made.program.export("scores", "--models", "fox_0003", "--latest").rows
    for name in ("FOX_0003", "Fox_0003"):
        assert made.program.export("scores", "--models", name, "--latest").rows == right
    assert {row["model"] for row in right} == {"fox_0003"}
    assert models_of(made) == [("fox_0003", 0)]


def test_a_name_in_capitals_alone(scene: MakeScene) -> None:
    made = scene(keys=False)
    rows = made.program.export("models", "--models", "FOX_0003,fox_0003").rows
    assert [row["model"] for row in rows] == ["fox_0003"]
    assert models_of(made) == [("fox_0003", 0)]


def test_a_watch_list_in_capitals_does_not_double_a_model(scene: MakeScene) -> None:
    made = scene(watch={"classic": ["FOX_0003"]}, keys=False)
    for _ in range(2):
        assert made.program("poll", "--once").code == DONE
        assert models_of(made) == [("fox_0003", 1)]
    watched = made.program.export("models", "--watched", "--offline").rows
    assert [(row["model"], row["rank"] != "") for row in watched] == [("fox_0003", True)]


def test_an_own_model_watched_in_another_case_stays_one(scene: MakeScene) -> None:
    made = scene(watch={"classic": ["MINE_A"]})
    for _ in range(2):
        assert made.program("--tournament", "classic", "poll", "--once").code == DONE
    with closing(sqlite3.connect(made.program.db)) as cache:
        sql = "SELECT name, mine, watched FROM models WHERE tournament = 8 AND lower(name) = 'mine_a'"
        assert cache.execute(sql).fetchall() == [("mine_a", 1, 1)]
