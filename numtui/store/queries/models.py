"""Models: the account's own, the watched ones, and what of them is in the cache."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from numtui.model import Tournament, time_of


class CachedModel(NamedTuple):
    """A row of `models`. `model` is the cache's number, `id` the API's (None: known by its name only).

    `mine`: of the account, archived or not. `synced`: when the whole history was last complete here; None: never.
    `days_from`: the oldest of the rounds whose every day is here; None: of no round, 0: of all.
    """

    model: int
    name: str
    id: str | None
    mine: bool
    archived: bool
    watched: bool
    synced: datetime | None
    days_from: int | None = None

    @property
    def own(self) -> bool:
        """Whether it is the account's and not archived."""
        return self.mine and not self.archived

    def has_days(self, first: int) -> bool:
        """Whether every day of its rounds from `first` on is here."""
        return self.synced is not None and self.days_from is not None and self.days_from <= first

    @property
    def followed(self) -> bool:
        """Whether its history is kept up to date: own and watched ones."""
        return self.own or self.watched


class ModelFacts(NamedTuple):
    """What is known of a model: its account, the round and time of its newest submission, its rank on the leaderboard,
    whether it is Numerai's own (`team`), and in how many rounds it has scores here."""

    account: str | None
    submission_round: int | None
    submission_time: datetime | None
    rank: int | None
    mine: bool
    watched: bool
    team: bool | None
    rounds: int


def all_models(connection: sqlite3.Connection, tournament: Tournament) -> list[CachedModel]:
    """Every model that the cache knows, in the order in which they came."""
    sql = """SELECT model, name, id, mine, archived, watched, synced_time, days_from FROM models
      WHERE tournament = ? ORDER BY model"""
    return [
        CachedModel(model, name, identity, bool(mine), bool(archived), bool(watched), time_of(synced), days_from)
        for model, name, identity, mine, archived, watched, synced, days_from in connection.execute(
            sql, (int(tournament),)
        )
    ]


def model_facts(connection: sqlite3.Connection, tournament: Tournament) -> dict[int, ModelFacts]:
    """What is known of every model of the tournament, by its number."""
    return {
        model: ModelFacts(
            account,
            number,
            time_of(sent),
            rank,
            bool(mine),
            bool(watched),
            None if team is None else bool(team),
            rounds,
        )
        for model, account, number, sent, rank, mine, watched, team, rounds in connection.execute(
            _FACTS, (int(tournament),)
        )
    }


_FACTS = """SELECT m.model, m.account, u.round, u.time, l.rank, m.mine, m.watched,
    coalesce(m.team, l.team), (SELECT count(DISTINCT round) FROM latest t WHERE t.model = m.model)
  FROM models m LEFT JOIN submissions u USING (model)
  LEFT JOIN leaderboard l ON l.tournament = m.tournament AND l.kind = 'model' AND l.name = m.name
  WHERE m.tournament = ?"""


def own_models(connection: sqlite3.Connection, tournament: Tournament) -> list[CachedModel]:
    """The account's models that are not archived."""
    return [model for model in all_models(connection, tournament) if model.own]


def watched_models(connection: sqlite3.Connection, tournament: Tournament) -> list[CachedModel]:
    """The models that are marked to be watched."""
    return [model for model in all_models(connection, tournament) if model.watched]


def followed_models(
    connection: sqlite3.Connection, tournament: Tournament, names: Iterable[str] | None = None
) -> list[CachedModel]:
    """The models of which the API can be asked: own and watched ones, or else those of `names`, in whatever case."""
    wanted = None if names is None else {name.lower() for name in names}
    return [
        model
        for model in all_models(connection, tournament)
        if model.id is not None and (model.followed if wanted is None else model.name.lower() in wanted)
    ]


def model_named(connection: sqlite3.Connection, tournament: Tournament, name: str) -> CachedModel | None:
    """The model of that name in whatever case, one with an id before one without; None where there is none."""
    rows = [model for model in all_models(connection, tournament) if model.name.lower() == name.lower()]
    return min(rows, key=lambda model: model.id is None, default=None)


def model_number(connection: sqlite3.Connection, tournament: Tournament, name: str) -> int:
    """The number of the model of exactly that name. KeyError when it is not in the cache."""
    sql = "SELECT model FROM models WHERE tournament = ? AND name = ?"
    row = connection.execute(sql, (int(tournament), name)).fetchone()
    if row is None:
        raise KeyError(name)
    return int(row[0])


def spelling(connection: sqlite3.Connection, tournament: Tournament) -> dict[str, str]:
    """The names of the models that the cache has of a tournament, by their names in lower case."""
    sql = "SELECT name FROM models WHERE tournament = ?"
    return {name.casefold(): name for (name,) in connection.execute(sql, (tournament,))}
