"""Score paths as they are written: whatever comes in whatever order and batches, the content is the same."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from math import nan
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numtui.model import Tournament
from numtui.store.database import open_writer
from numtui.store.paths import joined, length, packed, unpacked, value_of, with_day
from numtui.store.queries.scores.paths import score_paths_of
from numtui.store.queries.scores.values import newest_days
from numtui.store.queries.selection import Rounds
from numtui.store.writes.models import ModelRow, put_models
from numtui.store.writes.rounds import score_ids
from numtui.store.writes.scores import LatestRow, ScoreDateRow, forget_versionless, put_score_dates, put_scores
from tests.by_day import rows_by_day, score_days

CLASSIC = Tournament.CLASSIC
KEYS = [("corr60", "1"), ("mmc60", "1"), ("mmc60", "")]

numbers = st.floats(-1, 1, allow_nan=False).map(lambda value: value + 0.0)  # no -0.0
column = st.lists(st.one_of(st.none(), numbers), max_size=8)


@contextmanager
def cache() -> Iterator[tuple[sqlite3.Connection, int, dict[tuple[str, str], int]]]:
    with tempfile.TemporaryDirectory() as folder, closing(open_writer(Path(folder) / "cache.db")) as connection:
        model = put_models(connection, CLASSIC, [ModelRow("m", "id")])["m"]
        yield connection, model, score_ids(connection, KEYS)


def known(path: bytes) -> dict[int, float]:
    return {day: value for day, value in enumerate(unpacked(path), 1) if value == value}  # noqa: PLR0124  not NaN


@given(column, column)
def test_joined_paths_hold_the_new_days_and_the_held_ones_they_lack(
    new: list[float | None], held: list[float | None]
) -> None:
    path = joined(packed(new), packed(held))
    assert length(path) == max(len(new), len(held))
    assert known(path) == known(packed(held)) | known(packed(new))
    assert packed([nan if value is None else value for value in new]) == packed(new)


@given(column, st.integers(1, 12), st.one_of(st.none(), numbers))
def test_a_path_with_one_day_more(held: list[float | None], day: int, value: float | None) -> None:
    path = with_day(packed(held), day, value)
    assert length(path) == max(len(held), day)
    assert known(path) == known(packed(held)) | ({} if value is None else {day: value})
    assert value_of(path, day) == (value if value is not None or day > len(held) else held[day - 1])


facts = st.dictionaries(
    st.tuples(st.integers(1, 3), st.sampled_from([0, 1]), st.integers(1, 9)),
    st.tuples(st.one_of(st.none(), numbers), st.one_of(st.none(), st.floats(0, 1))),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(facts, st.data())
def test_the_order_of_answers_makes_no_difference(
    days: dict[tuple[int, int, int], tuple[float | None, float | None]], data: st.DataObject
) -> None:
    """The days come shuffled and cut into answers, some twice, some with half of what is known, some as newest days."""
    order = data.draw(
        st.permutations([*days, *data.draw(st.lists(st.sampled_from(list(days)), max_size=5) if days else st.just([]))])
    )
    with cache() as (connection, model, ids):
        scores = [ids[KEYS[0]], ids[KEYS[1]]]
        while order:
            size = data.draw(st.integers(1, len(order)))
            answer, order = order[:size], order[size:]
            if data.draw(st.booleans()):
                rows = [LatestRow(model, number, scores[s], day, *days[number, s, day]) for number, s, day in answer]
                put_scores(connection, [], rows)
                continue
            by_path: dict[tuple[int, int], list[tuple[int, float | None, float | None]]] = {}
            for number, s, day in answer:
                by_path.setdefault((number, s), []).append((day, *days[number, s, day]))
            paths = [score_days(model, number, scores[s], None, rows) for (number, s), rows in by_path.items()]
            put_scores(connection, paths)
            assert put_scores(connection, paths) == 0, "what is known already changes nothing"
        stored = {
            (number, score, day): (value, share)
            for number, score, day, value, share in rows_by_day(connection, "round, score, day, value, percentile")
        }
        assert stored == {(number, scores[s], day): pair for (number, s, day), pair in days.items()}
        assert newest_days(connection, model, 0) == {
            (number, *KEYS[s]): max(day for other, o, day in days if (other, o) == (number, s)) for number, s, _ in days
        }


def exported(connection: sqlite3.Connection, model: int) -> list[tuple[object, ...]]:
    """What the reader gives, a row a day: round, score, day, value, percentile, resolved, date."""
    return [
        (path.round, path.score, *day)
        for path in score_paths_of(connection, CLASSIC, [model], Rounds())
        for day in zip(path.days, path.values, path.percentiles, path.resolved, path.dates, strict=True)
    ]


@settings(max_examples=30, deadline=None)
@given(facts)
def test_a_reader_gives_what_is_stored(days: dict[tuple[int, int, int], tuple[float | None, float | None]]) -> None:
    with cache() as (connection, model, ids):
        scores = [ids[KEYS[0]], ids[KEYS[1]]]
        put_scores(
            connection, [score_days(model, n, scores[s], 0, [(day, *pair)]) for (n, s, day), pair in days.items()]
        )
        put_score_dates(connection, CLASSIC, [ScoreDateRow(n, day, f"2026-11-{day:02}") for n, _, day in days])
        rows = rows_by_day(
            connection, "round, score, day, value, percentile, resolved, date", "ORDER BY round, score, day"
        )
        assert exported(connection, model) == rows
        assert len(rows) == len(days)


def test_a_date_of_its_own_stays_when_another_day_is_the_newest() -> None:
    with cache() as (connection, model, ids):
        score = ids[KEYS[0]]
        put_score_dates(connection, CLASSIC, [ScoreDateRow(1, day, f"2026-11-{day:02}") for day in (1, 2, 3)])
        for day, date in ((1, "2026-11-01"), (2, "2026-11-09"), (3, "2026-11-03")):
            put_scores(connection, [], [LatestRow(model, 1, score, day, day / 10, 0.5, False, date)])
        assert [row[-1] for row in exported(connection, model)] == ["2026-11-01", "2026-11-09", "2026-11-03"]
        assert connection.execute("SELECT day, date FROM odd_days").fetchall() == [(2, "2026-11-09")]
        put_scores(connection, [], [LatestRow(model, 1, score, 2, 0.2, 0.5, False, "2026-11-02")])
        assert connection.execute("SELECT count(*) FROM odd_days").fetchone() == (0,), "stated anew as all models' date"


def test_a_day_without_a_value_is_there_until_its_value_comes() -> None:
    with cache() as (connection, model, ids):
        score = ids[KEYS[0]]
        put_scores(connection, [], [LatestRow(model, 1, score, 2, None, None, False)])
        assert exported(connection, model) == [(1, score, 2, None, None, 0, None)]
        put_scores(connection, [score_days(model, 1, score, 0, [(1, 0.1, 0.5), (2, 0.2, None)])])
        assert exported(connection, model) == [(1, score, 1, 0.1, 0.5, 0, None), (1, score, 2, 0.2, None, 0, None)]
        assert connection.execute("SELECT count(*) FROM odd_days").fetchone() == (0,)


def test_only_paths_that_changed_are_written_and_counted() -> None:
    with cache() as (connection, model, ids):
        score = ids[KEYS[0]]
        paths = [score_days(model, n, score, 0, [(day, day / 10, 0.5) for day in (1, 2, 3)]) for n in (1, 2, 3)]
        assert put_scores(connection, paths) == 6, "three paths and their newest days"
        corrected = score_days(model, 2, score, 0, [(2, 0.25, 0.5)])
        assert put_scores(connection, [paths[0], corrected, paths[2]]) == 1
        resolved = [path._replace(resolved=1) for path in paths[:1]]
        assert put_scores(connection, resolved) == 2
        versions = dict(connection.execute("SELECT name, version FROM changes").fetchall())
        assert versions["score_paths"] == 3


@pytest.mark.parametrize("both", [True, False])
def test_a_version_that_becomes_known_takes_the_place_of_the_score_without(both: bool) -> None:
    with cache() as (connection, model, ids):
        named, nameless = ids["mmc60", "1"], ids["mmc60", ""]
        put_scores(connection, [score_days(model, n, nameless, 0, [(1, 0.1, None), (2, None, None)]) for n in (1, 2)])
        if both:
            put_scores(connection, [score_days(model, 1, named, 0, [(1, 0.1, 0.5)])])
        gone = forget_versionless(connection, model, [named])
        left = {(number, score) for number, score, *_ in exported(connection, model)}
        assert left == ({(1, named), (2, nameless)} if both else {(1, nameless), (2, nameless)})
        assert (gone > 0) == both


def test_a_later_day_without_its_date_does_not_keep_that_of_the_former() -> None:
    """Found by tests/e2e/sessions.py: a cache kept the wrong date of a day for good where a poll was cut off."""
    with cache() as (connection, model, scores):
        score = scores[KEYS[0]]
        first = LatestRow(model, 1, score, 1, 0.1, 0.5, False, "2026-11-24T16:38:00Z")
        put_scores(connection, [], [first])
        put_scores(connection, [], [first._replace(day=2, date=None)])
        assert rows_by_day(connection, "day, date", "ORDER BY day") == [
            (1, "2026-11-24T16:38:00Z"),
            (2, None),
        ]
        put_scores(connection, [], [first._replace(day=2, date=None, percentile=0.6)])
        put_scores(connection, [], [first._replace(day=2, date="2026-11-25T16:34:00Z")])
        put_scores(connection, [], [first._replace(day=None, date=None, percentile=0.7)])
        assert connection.execute("SELECT day, date FROM latest").fetchall() == [(2, "2026-11-25T16:34:00Z")]
