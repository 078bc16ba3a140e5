"""Leaderboards and profiles of models."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from numtui.api.records.public import LeaderboardEntry, Profile
from numtui.poller.sync.plausible import fits, plausible
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


def entry_row(entry: LeaderboardEntry) -> EntryRow | None:
    """A leaderboard's row with each score in the column of its displayName; None for one without a name."""
    if not entry.username or not fits("name", entry.username):
        return None
    values: dict[str, Any] = {}
    for field in entry.__struct_fields__:
        name = field.removesuffix("_rep")
        name = RENAMED.get(name, name)
        value = getattr(entry, field)
        if name in EntryRow._fields and (value is not None or name not in values):
            values[name] = value
    return plausible(EntryRow(**values))


def entry_rows(page: Iterable[LeaderboardEntry]) -> list[EntryRow]:
    """A page's rows that have a name."""
    return [row for entry in page if (row := entry_row(entry)) is not None]


def profile_row(name: str, profile: Profile) -> ModelRow:
    """A model by its public page, under the API's spelling of the `name` that it was asked by."""
    stated = profile.username
    spelled = stated if stated is not None and stated.lower() == name.lower() else name
    return plausible(ModelRow(spelled, profile.id, profile.account_name, None, profile.team, profile.start_date))
