"""Leaderboards and profiles of models."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from numtui.api.records.public import LeaderboardEntry, Profile
from numtui.poller.sync.plausible import all_plausible, fits, plausible
from numtui.store.writes.leaderboards import EntryRow
from numtui.store.writes.models import ModelRow

# The leaderboards spell one score in several ways; `leaderboard` has one column for it, named as `displayName` is.
RENAMED = {
    "corr20_v2": "v2_corr20",
    "cor_j60": "corj60",
    "return_1_day": "return_1d",
    "return_13_weeks": "return_3m",
    "return_52_weeks": "return_1y",
    "return_all_time": "return_all",
    "return_all_time_nmr": "return_all_nmr",
    "is_active": "active",
    "prev_rank": "stored_rank",
    "username": "name",
}


class _Columns(NamedTuple):
    """How a kind of entry becomes an `EntryRow`: its values, the place of each column's among them (the last: None),
    and the columns that several fields state, each with the places of these."""

    values: Callable[[LeaderboardEntry], tuple[Any, ...]]
    in_order: Callable[[Sequence[Any]], tuple[Any, ...]]
    doubled: tuple[tuple[str, tuple[int, ...]], ...]


@cache
def _columns(kind: type[LeaderboardEntry]) -> _Columns:
    fields = kind.__struct_fields__
    places: dict[str, list[int]] = {}
    for place, field in enumerate(fields):
        name = field.removesuffix("_rep")
        places.setdefault(RENAMED.get(name, name), []).append(place)
    order = [places.get(column, [len(fields)])[0] for column in EntryRow._fields]
    doubled = tuple((column, tuple(places[column])) for column in EntryRow._fields if len(places.get(column, ())) > 1)
    return _Columns(attrgetter(*fields), itemgetter(*order), doubled)


def _entry_row(entry: LeaderboardEntry) -> EntryRow:
    """A leaderboard's row with each score in the column of its displayName; of several fields for one the last that
    says anything."""
    columns = _columns(type(entry))
    values = (*columns.values(entry), None)
    row = EntryRow(*columns.in_order(values))
    for column, places in columns.doubled:
        stated = [values[place] for place in places if values[place] is not None]
        if stated:
            row = row._replace(**{column: stated[-1]})
    return row


def entry_rows(page: Iterable[LeaderboardEntry]) -> Sequence[EntryRow]:
    """A page's rows that have a name."""
    return all_plausible([_entry_row(entry) for entry in page if entry.username and fits("name", entry.username)])


def profile_row(name: str, profile: Profile) -> ModelRow:
    """A model by its public page, under the API's spelling of the `name` that it was asked by."""
    stated = profile.username
    spelled = stated if stated is not None and stated.lower() == name.lower() else name
    return plausible(ModelRow(spelled, profile.id, profile.account_name, None, profile.team, profile.start_date))
