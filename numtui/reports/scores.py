"""Every day's scores of chosen models and rounds, streamed: a hundred models have millions of rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping

from numtui.model import Column, Kind, Row, Table, Tournament
from numtui.store.queries.selection import Models, Rounds, known_models

COLUMNS = (
    Column("model", Kind.TEXT, doc="the model's name"),
    Column("round", Kind.INT, doc="the round's number"),
    Column("score", Kind.TEXT, doc="displayName; name@version where the range has the name in two versions"),
    Column("version", Kind.TEXT, doc="the score's version"),
    Column("day", Kind.INT, doc="scoring day, from 1"),
    Column("value", Kind.SCORE, doc="the score"),
    Column("percentile", Kind.PERCENTILE, doc="0..1 within the round's field"),
    Column("resolved", Kind.BOOL, doc="whether the score is final"),
    Column("date", Kind.TEXT, doc="when the day was scored"),
    Column("tournament", Kind.TEXT, doc="classic, signals or crypto"),
)


def scores(
    connection: sqlite3.Connection, tournament: Tournament, chosen: Models, rounds: Rounds, *, latest: bool = False
) -> Table:
    """The scores of the chosen models and rounds by model, round, score and day; `latest`: only the newest days."""
    models = known_models(connection, tournament, chosen)
    source = "latest" if latest else "scores"
    return Table("scores", COLUMNS, _stream(connection, tournament, models, rounds, source))


def score_labels(
    connection: sqlite3.Connection, tournament: Tournament, models: list[int], rounds: Rounds
) -> dict[int, str]:
    """How the scores of these models and rounds are written: displayName, `name@version` where a name has two versions.

    Keys are the cache's score numbers; scores that do not occur in the range are not there.
    """
    condition, values = rounds.condition("s.round", "r.resolved")
    marks = ", ".join("?" * len(models))
    sql = f"""SELECT DISTINCT n.score, n.name, n.version FROM latest s JOIN score_names n USING (score)
      LEFT JOIN rounds r ON r.tournament = ? AND r.round = s.round WHERE s.model IN ({marks}) AND {condition}"""
    found = connection.execute(sql, (tournament, *models, *values)).fetchall()
    return disambiguated({score: (name, version) for score, name, version in found})


def disambiguated(scores: Mapping[int, tuple[str, str]]) -> dict[int, str]:
    """Scores of the cache's numbers, given by name and version, as they are written beside each other."""
    names = [name for name, _ in scores.values()]
    return {score: f"{name}@{version}" if names.count(name) > 1 else name for score, (name, version) in scores.items()}


def version_aliases(connection: sqlite3.Connection, scores: Collection[int]) -> dict[int, int]:
    """Other scores that can only be one of `scores`: of the same name, where one of both states no version, and there
    is no second of that name among `scores`."""
    found = connection.execute("SELECT score, name, version FROM score_names")
    known = {score: (name, version) for score, name, version in found}
    of_name: dict[str, list[int]] = {}
    for score in scores:
        of_name.setdefault(known[score][0], []).append(score)
    return {
        other: of_name[name][0]
        for other, (name, version) in known.items()
        if other not in scores and len(of_name.get(name, ())) == 1 and not (version and known[of_name[name][0]][1])
    }


def _stream(
    connection: sqlite3.Connection,
    tournament: Tournament,
    models: dict[str, int],
    rounds: Rounds,
    source: str,
) -> Iterator[Row]:
    labels = score_labels(connection, tournament, list(models.values()), rounds)
    condition, values = rounds.condition("s.round", "r.resolved")
    sql = f"""SELECT s.round, s.score, n.version, s.day, s.value, s.percentile, s.resolved, coalesce(s.date, d.date)
      FROM {source} s JOIN score_names n USING (score)
      LEFT JOIN rounds r ON r.tournament = ? AND r.round = s.round
      LEFT JOIN score_dates d ON d.tournament = r.tournament AND d.round = s.round AND d.day = s.day
      WHERE s.model = ? AND {condition} ORDER BY s.round, n.name, n.version, s.day"""
    for name, model in models.items():
        for row in connection.execute(sql, (tournament, model, *values)):
            number, score, version, day, value, percentile, resolved, date = row
            final = None if resolved is None else bool(resolved)
            yield name, number, labels[score], version, day, value, percentile, final, date, tournament.label
