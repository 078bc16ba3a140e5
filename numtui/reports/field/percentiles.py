"""Where models stood in the field of each round: one round after the other, so that hundreds take a moment."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from numtui.analysis.arrays import Floats, Ints
from numtui.analysis.field.rounds import percentiles
from numtui.model import Tournament
from numtui.reports.field.inputs import round_field
from numtui.store.queries.scores.field import FieldSums, field_numbers, field_rounds
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
        of_round = round_field(connection, tournament, row, staked=False)
        if not of_round.members.size:
            continue
        places = np.searchsorted(of_round.members, keys)
        here = np.flatnonzero((keys > 0) & (of_round.members[np.minimum(places, of_round.members.size - 1)] == keys))
        positions: Ints = places[here]
        value[here, r] = of_round.value[positions]
        share[here, r] = percentiles(of_round.field(row.round), positions)[:, 0]
    return FieldPlaces(tuple(known), value, share)
