"""Where models stood in the field of each round: one round after the other, so that hundreds take a moment."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from numtui.analysis.arrays import Floats, Ints
from numtui.analysis.field.rounds import Field, percentiles
from numtui.model import Tournament
from numtui.reports.field.inputs import multipliers
from numtui.store.queries.scores.field import FieldSums, field_members, field_numbers, field_rounds, field_values
from numtui.store.queries.selection import Rounds


class FieldPlaces(NamedTuple):
    """Of M models in R `rounds`: `value` [M, R] the weighted sum of the scores that a round pays, `percentile` [M, R]
    the share of the others below it; NaN where a model was not in a round."""

    rounds: tuple[FieldSums, ...]
    value: Floats
    percentile: Floats


def field_places(
    connection: sqlite3.Connection, tournament: Tournament, models: Sequence[str], rounds: Rounds
) -> FieldPlaces:
    """The places of models (by name) in the rounds of the range whose field is here."""
    known = field_rounds(connection, tournament, rounds)
    keys = field_numbers(connection, tournament, models)
    value, share = np.full((2, len(models), len(known)), np.nan)
    for r, row in enumerate(known):
        members = field_members(connection, tournament, row.round)
        paid = field_values(connection, tournament, row.round, multipliers(tournament, row))
        if paid is None:
            continue
        places = np.searchsorted(members, keys)
        here = np.flatnonzero((keys > 0) & (members[np.minimum(places, members.size - 1)] == keys))
        positions: Ints = places[here]
        value[here, r] = paid[positions]
        field = Field(np.array([row.round]), paid[:, None], np.zeros((members.size, 1)))
        share[here, r] = percentiles(field, positions)[:, 0]
    return FieldPlaces(tuple(known), value, share)
