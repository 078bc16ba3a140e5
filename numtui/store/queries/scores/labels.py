"""How scores are written: by displayName, by `name@version` where a name has two versions."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence

from numtui.model import Tournament
from numtui.store.database import placeholders
from numtui.store.queries.scores.values import score_names
from numtui.store.queries.selection import Rounds


def score_labels(
    connection: sqlite3.Connection, tournament: Tournament, models: Sequence[int], rounds: Rounds
) -> dict[int, str]:
    """How the scores of these models and rounds are written: displayName, `name@version` where a name has two versions.

    Keys are the cache's score numbers; scores that do not occur in the range are not there.
    """
    condition, values = rounds.condition("s.round", "r.resolved")
    marks = placeholders(models)
    sql = f"""SELECT DISTINCT n.score, n.name, n.version FROM latest s JOIN score_names n USING (score)
      LEFT JOIN rounds r ON r.tournament = ? AND r.round = s.round WHERE s.model IN ({marks}) AND {condition}"""
    rows = connection.execute(sql, (tournament, *models, *values)).fetchall()
    return disambiguated({score: (name, version) for score, name, version in rows})


def disambiguated(scores: Mapping[int, tuple[str, str]]) -> dict[int, str]:
    """Scores of the cache's numbers, given by name and version, as they are written beside each other."""
    names = [name for name, _ in scores.values()]
    return {score: f"{name}@{version}" if names.count(name) > 1 else name for score, (name, version) in scores.items()}


def version_aliases(connection: sqlite3.Connection, scores: Collection[int]) -> dict[int, int]:
    """Other scores that can only be one of `scores`: of the same name, where one of both states no version, and there
    is no second of that name among `scores`."""
    known = {row.score: row for row in score_names(connection)}
    of_name: dict[str, list[int]] = {}
    for score in scores:
        of_name.setdefault(known[score].name, []).append(score)
    return {
        other: of_name[name][0]
        for other, name, version in known.values()
        if other not in scores and len(of_name.get(name, ())) == 1 and not (version and known[of_name[name][0]].version)
    }
