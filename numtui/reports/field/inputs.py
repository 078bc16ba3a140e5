"""The rounds with everybody in them, as arrays: the value that each round paid for, single scores, stakes."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from numtui.analysis.arrays import Floats, Ints
from numtui.analysis.field.rounds import Field
from numtui.analysis.regimes import regime_of_round
from numtui.errors import USAGE, NumtuiError
from numtui.model import Tournament
from numtui.store.field_pack import STAKE
from numtui.store.queries.scores.field import FieldSums, field_columns, field_models, field_rounds, field_scores
from numtui.store.queries.selection import Rounds

# The score that most rounds have, the first of several, stands for a model's CORR, and for its MMC.
CORR = ("corr60", "v2_corr20", "corr20", "corr", "alpha")
MMC = ("mmc60", "mmc", "mpc")
META = "corr_w_meta_model"


class FieldError(NumtuiError, ValueError):
    """A question about the field that cannot be answered as asked; its text is one line that says why."""

    exit_code = USAGE


class RoundField(NamedTuple):
    """Everybody in a round: N `members` by number, ascending, their `value` (the weighted sum of the scores that it
    pays, NaN where one is not known), `stake` NMR, and other `scores` by name, [N] each."""

    members: Ints
    value: Floats
    stake: Floats
    scores: dict[str, Floats]

    def field(self, number: int) -> Field:
        """The round as a field of one, its members as the axis of models."""
        return Field(np.array([number]), self.value[:, None], self.stake[:, None])


@dataclass(frozen=True, slots=True, eq=False)
class FieldInputs:
    """N models by `names` in R `rounds`. `corr`, `mmc`, `meta` [N, R] are scores of every model, NaN for none."""

    tournament: Tournament
    names: tuple[str, ...]
    rounds: tuple[FieldSums, ...]
    field: Field
    corr: Floats
    mmc: Floats
    meta: Floats

    def positions(self, models: list[str]) -> Ints:
        """Where these models stand; those that were in none of the rounds are left out."""
        places = {name.lower(): place for place, name in enumerate(self.names)}
        found = [places[name.lower()] for name in models if name.lower() in places]
        return np.array(found, dtype=np.int64)


def field_inputs(
    connection: sqlite3.Connection, tournament: Tournament, rounds: Rounds, weights: dict[str, float] | None = None
) -> FieldInputs | None:
    """The rounds of the range that are here; None without any. `weights` by score stand in the place of the multipliers
    of each round. FieldError for a score that no round has."""
    known = field_rounds(connection, tournament, rounds)
    if not known:
        return None
    numbers = [row.round for row in known]
    models = field_models(connection, tournament)
    keys = np.array(sorted(models), dtype=np.int64)
    available = field_scores(connection, tournament, numbers)
    if unknown := sorted(set(weights or ()) - set(available)):
        raise FieldError(f"no round has the score {', '.join(unknown)}: they have {', '.join(available)}")
    corr, mmc = (max(names, key=lambda name: available.get(name, 0)) for names in (CORR, MMC))
    value, *scores = (np.full((keys.size, len(known)), np.nan) for _ in range(4))
    stake = np.zeros_like(value)
    for r, row in enumerate(known):
        of_round = round_field(connection, tournament, row, weights, (corr, mmc, META))
        places = np.searchsorted(keys, of_round.members)
        value[places, r], stake[places, r] = of_round.value, of_round.stake
        for score, name in zip(scores, (corr, mmc, META), strict=True):
            score[places, r] = of_round.scores.get(name, np.nan)
    return FieldInputs(
        tournament=tournament,
        names=tuple(models[key] for key in keys.tolist()),
        rounds=tuple(known),
        field=Field(np.array(numbers), value, stake),
        corr=scores[0],
        mmc=scores[1],
        meta=scores[2],
    )


def round_field(
    connection: sqlite3.Connection,
    tournament: Tournament,
    row: FieldSums,
    weights: dict[str, float] | None = None,
    names: Sequence[str] = (),
    *,
    staked: bool = True,
) -> RoundField:
    """Everybody in one round that is here; `weights` by score in the place of its multipliers, and the scores of these
    `names` that it has. Stakes take as long to unpack as all scores: without `staked` they are 0."""
    paid = {name: weight for name, weight in (weights or multipliers(tournament, row)).items() if weight}
    wanted = {*names, *paid, *([STAKE] if staked else [])}
    members, columns = field_columns(connection, tournament, row.round, wanted)
    value = np.full(members.size, np.nan)
    if paid and columns.keys() >= paid.keys():
        value = sum((weight * columns[name] for name, weight in paid.items()), start=np.zeros(members.size))
    stake = columns.get(STAKE, np.zeros(members.size))
    return RoundField(members, value, stake, {name: columns[name] for name in names if name in columns})


def multipliers(tournament: Tournament, row: FieldSums) -> dict[str, float]:
    """What a round's scores count in its payouts: as the API states it, else by the regime of the round where that
    leaves no choice; empty where nothing tells."""
    if row.multipliers:
        return row.multipliers
    regime = regime_of_round(tournament, row.round)
    if regime is None or any(len(choice.multipliers) != 1 for choice in regime.choices):
        return {}
    return {choice.score: float(choice.multipliers[0]) for choice in regime.choices}
