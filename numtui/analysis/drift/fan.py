"""The forecast fan of one round of one model: where its projected return will stand on each day to come."""

from dataclasses import dataclass

import numpy as np

from numtui.analysis.arrays import Floats, Ints
from numtui.analysis.drift.draws import DRAWS, LEVELS, MIN_BLOCKS, Columns, block_length, doubt, draw_shocks
from numtui.analysis.drift.profile import DriftProfile
from numtui.analysis.drift.projection import project
from numtui.analysis.drift.revisions import Revisions


@dataclass(frozen=True)
class Fan:
    """`day` [H] from today's to the last; `expected` [H] and `quantiles` [H, 4] (5, 25, 75, 95 %) of the return."""

    day: Ints
    expected: Floats
    quantiles: Floats


def forecast_fan(
    profile: DriftProfile,
    revisions: Revisions,
    model: int,
    day: int,
    raw: float,
    *,
    factor: float = 1.0,
    clip: float = np.inf,
    draws: int = DRAWS,
    seed: int = 0,
) -> Fan | None:
    """The fan of `model`'s round that stands at `raw` (before factor and clip) on `day`; None without history.

    Drawn like the forecast of a single group with the same seed. A drawn forecast at age k is turned back into the
    value that would make it: (forecast - intercept_k) / slope_k.
    """
    days, length = profile.days, block_length(profile.days)
    history = revisions.table.shape[0]
    if history < MIN_BLOCKS * length or not 0 <= day < days:
        return None
    shocks = draw_shocks(history, length, days, draws, np.random.default_rng([seed]))
    value = raw if day > 0 else 0.0
    ahead = np.arange(days - day)
    rows = shocks.starts[ahead // length].T + ahead % length
    correction = np.sqrt(history / max(history - length, length))
    noise = correction * revisions.table[rows, model, day + ahead].cumsum(axis=1)
    column = Columns(np.array([model]), np.array([day]), np.array([value]))
    whole = doubt(profile, revisions.table, shocks, column)
    noise += whole * (ahead + 1) / ahead.size
    noise *= shocks.scale[:, None]
    noise -= noise.mean(axis=0)
    now = profile.intercept[model, day] + profile.slope[day] * value
    later = day + 1 + ahead
    slope = np.where(np.abs(profile.slope[later]) > 1e-6, profile.slope[later], np.nan)
    path = project((now + noise - profile.intercept[model, later]) / slope, np.array(factor), np.array(clip))
    today = project(np.array(value), np.array(factor), np.array(clip))
    return Fan(
        day=np.arange(day, days + 1),
        expected=np.concatenate([[today], path.mean(axis=0)]),
        quantiles=np.concatenate([np.full((1, len(LEVELS)), today), np.quantile(path, LEVELS, axis=0).T]),
    )
