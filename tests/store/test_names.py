"""A model asked for in another case is the same model: one row, the API's spelling, nothing lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from numtui.model import Tournament
from numtui.store.database import open_reader, open_writer
from numtui.store.queries.selection import Models, known_models, parse_names
from numtui.store.writes.models import ModelRow, put_models, set_watched
from tests.by_day import rows_by_day

from .former import former_cache, insert_scores

CLASSIC = Tournament.CLASSIC
AT = datetime(2026, 11, 21, 13, tzinfo=UTC)


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_writer(tmp_path / "cache.sqlite")) as connection:
        yield connection


def names(cache: sqlite3.Connection) -> list[tuple[str, str | None]]:
    return cache.execute("SELECT name, id FROM models ORDER BY name").fetchall()


def test_a_watched_name_in_another_case_is_the_same_model(cache: sqlite3.Connection) -> None:
    set_watched(cache, CLASSIC, "INTEGRATION_Test", True)
    number = put_models(cache, CLASSIC, [ModelRow("integration_test", "id-1")])["integration_test"]
    assert names(cache) == [("integration_test", "id-1")]
    for _ in range(2):
        set_watched(cache, CLASSIC, "Integration_TEST", True, ask_poller=False)
        assert put_models(cache, CLASSIC, [ModelRow("integration_test", "id-1")]) == {"integration_test": number}
    assert names(cache) == [("integration_test", "id-1")], "the name does not flip"
    set_watched(cache, CLASSIC, "INTEGRATION_TEST", False)
    assert cache.execute("SELECT watched FROM models").fetchall() == [(0,)]


def test_a_model_without_an_id_keeps_the_spelling_that_is_here(cache: sqlite3.Connection) -> None:
    put_models(cache, CLASSIC, [ModelRow("fox", "id-1")])
    assert list(put_models(cache, CLASSIC, [ModelRow("FOX")])) == ["FOX"]
    assert names(cache) == [("fox", "id-1")]


def test_two_models_of_one_name_in_two_cases_stay_two(cache: sqlite3.Connection) -> None:
    for _ in range(2):
        numbers = put_models(cache, CLASSIC, [ModelRow("fox", "id-1"), ModelRow("Fox", "id-2")])
        assert len(set(numbers.values())) == 2
    assert names(cache) == [("Fox", "id-2"), ("fox", "id-1")]


def test_two_models_that_change_names_keep_their_histories(cache: sqlite3.Connection) -> None:
    before = put_models(cache, CLASSIC, [ModelRow("a", "id-a"), ModelRow("b", "id-b")])
    after = put_models(cache, CLASSIC, [ModelRow("b", "id-a"), ModelRow("a", "id-b")])
    assert after == {"b": before["a"], "a": before["b"]}
    assert names(cache) == [("a", "id-b"), ("b", "id-a")]


def test_names_of_filters_are_found_in_any_case(cache: sqlite3.Connection) -> None:
    number = put_models(cache, CLASSIC, [ModelRow("fox", "id-1")])["fox"]
    assert known_models(cache, CLASSIC, Models(names=("FOX",))) == {"fox": number}
    assert parse_names("fox, FOX,owl") == ("fox", "owl")


def test_an_old_cache_with_doubles_heals(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    with former_cache(path, version=2) as cache:
        insert = (
            "INSERT INTO models (model, tournament, name, id, mine, watched, synced_time) VALUES (?, 8, ?, ?, ?, ?, ?)"
        )
        synced = "2026-11-21T13:00:00Z"
        models = [(1, "fox", "id-1", 1, 0, None), (2, "owl", "id-2", 0, 0, None), (3, "FOX", "id-1", 0, 1, synced)]
        cache.executemany(insert, [*models, (4, "Owl", None, 0, 1, None), (5, "JAY", "id-3", 0, 1, None)])
        cache.execute("INSERT INTO score_names VALUES (1, 'corr60', '1')")
        insert_scores(cache, [(1, 1, 1, 1, 0.1, 0.5, 0, None)])
        insert_scores(cache, [(3, number, 1, day, 0.2, 0.6, 0, None) for number in (1, 2) for day in (1, 2)])
        cache.execute("INSERT INTO positions (model, round, at_risk) VALUES (3, 2, '1.5')")
        note = "INSERT INTO notes (time, tournament, model, text) VALUES (?, 8, 'FOX', 'as I typed it')"
        cache.execute(note, (synced,))
        cache.execute(
            "INSERT INTO leaderboard (tournament, kind, name, id, snapshot) VALUES (8, 'model', 'jay', 'id-3', 1)"
        )
        cache.execute("DROP INDEX models_name")
    with closing(open_reader(path)) as cache:
        rows = cache.execute("SELECT name, id, mine, watched, synced_time FROM models ORDER BY name").fetchall()
        assert rows == [
            ("fox", "id-1", 1, 1, "2026-11-21T13:00:00Z"),
            ("jay", "id-3", 0, 1, None),
            ("owl", "id-2", 0, 1, None),
        ]
        scores = rows_by_day(cache, "model, round, value", "ORDER BY round, day")
        assert scores == [(1, 1, 0.1), (1, 1, 0.2), (1, 2, 0.2), (1, 2, 0.2)], "what is known twice stays as it was"
        assert cache.execute("SELECT model, at_risk FROM positions").fetchall() == [(1, "1.5")]
        assert cache.execute("SELECT model, text FROM notes").fetchall() == [("fox", "as I typed it")]
    with closing(open_writer(path)) as cache:
        put_models(cache, CLASSIC, [ModelRow("fox", "id-1")])
        assert cache.execute("SELECT count(*) FROM models").fetchone() == (3,)
