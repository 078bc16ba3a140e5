"""The rounds with everybody in them, as arrays: the value that each round paid for, single scores, stakes."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

import numpy as np

from numtui.analysis.arrays import Floats, Ints
from numtui.analysis.field.rounds import Field
from numtui.analysis.regimes import regime_of_round
from numtui.errors import USAGE, NumtuiError
from numtui.model import Tournament
from numtui.store.field_pack import STAKE
from numtui.store.queries.scores.field import FieldSums, field_array, field_models, field_rounds, field_scores
from numtui.store.queries.selection import Rounds

CORR = ("corr60", "v2_corr20", "corr20", "corr", "alpha")  # the first that rounds have stands for a model's CORR
MMC = ("mmc60", "mmc", "mpc")
META = "corr_w_meta_model"


class FieldError(NumtuiError, ValueError):
    """A question about the field that cannot be answered as asked; its text is one line that says why."""

    exit_code = USAGE


@dataclass(frozen=True, slots=True, eq=False)
class FieldInputs:
    """N models by `names` in R `rounds`. `corr`, `mmc`, `meta` [N, R] are scores of every model, NaN for none, under
    the names `corr_name` and `mmc_name` ("" for none)."""

    tournament: Tournament
    names: tuple[str, ...]
    rounds: tuple[FieldSums, ...]
    field: Field
    corr: Floats
    mmc: Floats
    meta: Floats
    corr_name: str
    mmc_name: str

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
    scores = {name: field_array(connection, tournament, numbers, keys, name) for name in available}
    empty = np.full((keys.size, len(numbers)), np.nan)
    corr, mmc = (next((name for name in names if name in scores), "") for names in (CORR, MMC))
    return FieldInputs(
        tournament=tournament,
        names=tuple(models[key] for key in keys.tolist()),
        rounds=tuple(known),
        field=Field(
            np.array(numbers),
            _value([weights or multipliers(tournament, row) for row in known], scores, empty),
            field_array(connection, tournament, numbers, keys, STAKE),
        ),
        corr=scores.get(corr, empty),
        mmc=scores.get(mmc, empty),
        meta=scores.get(META, empty),
        corr_name=corr,
        mmc_name=mmc,
    )


def multipliers(tournament: Tournament, row: FieldSums) -> dict[str, float]:
    """What a round's scores count in its payouts: as the API states it, else by the regime of the round where that
    leaves no choice; empty where nothing tells."""
    if row.multipliers:
        return row.multipliers
    regime = regime_of_round(tournament, row.round)
    if regime is None or any(len(choice.multipliers) != 1 for choice in regime.choices):
        return {}
    return {choice.score: float(choice.multipliers[0]) for choice in regime.choices}


def _value(weights: list[dict[str, float]], scores: dict[str, Floats], empty: Floats) -> Floats:
    """[N, R] the weighted sum of scores by the weights of each round; NaN where one of them is not known."""
    value = empty.copy()
    for place, of_round in enumerate(weights):
        paid = {name: weight for name, weight in of_round.items() if weight}
        if paid and all(name in scores for name in paid):
            value[:, place] = sum(weight * scores[name][:, place] for name, weight in paid.items())
    return value
