"""Forecast revisions by calendar day: the history blocks from which the future of open rounds is drawn.

final - forecast at age d is, exactly, the sum of the later forecast's revisions, each of which belongs to one calendar
day (the martingale model of forecast evolution; Heath & Jackson 1994). One market day revises all open rounds of all
models at once, so drawing whole days keeps the correlation between rounds and between models, and history holds as
many days as rounds rather than one block per round length. Days are drawn in blocks of a quarter of a round's
life (moving block bootstrap; Künsch 1989), which keeps what correlation there is from day to day.
"""

from dataclasses import dataclass

import numpy as np

from numtui.analysis.arrays import Bools, Floats, Ints
from numtui.analysis.drift.profile import DriftHistory, DriftProfile, held_values

COVERED = 0.8  # a day counts when it has at least this share of the ages that the fullest day has


@dataclass(frozen=True)
class Revisions:
    """`table` [N, M, D]: the revision from age k to k + 1 of model m on history day n, centred over the days.

    `ordinal` [N] are the calendar days, ascending; `zero` is the size below which a revision is rounding.
    """

    ordinal: Ints
    table: Floats
    zero: float

    def on(self, ordinal: Ints) -> "Revisions":
        """The revisions of those of its days that are in `ordinal`."""
        kept = np.isin(self.ordinal, ordinal)
        return Revisions(self.ordinal[kept], self.table[kept], self.zero)


def learn_revisions(history: DriftHistory, profile: DriftProfile) -> Revisions:
    """The revisions that `profile`'s forecasts saw over `history`, unresolved rounds' days included.

    Ages that no round had on a day take the nearest age's revision of that day; a model without rounds on a day
    takes another model's, a different one from day to day.
    """
    value = held_values(history.raw)
    forecast = profile.slope * value
    forecast += profile.intercept[:, None, :]
    step = np.diff(forecast, axis=2)
    zero = 1e-9 * float(np.nanmax(np.abs(value), initial=0.0))
    days = np.unique(history.scored_on[history.scored_on > 0])
    table = np.full((days.size, *step.shape[::2]), np.nan)
    r, k = np.nonzero(history.scored_on > 0)
    table[np.searchsorted(days, history.scored_on[r, k]), :, k] = step[:, r, k].T
    known = ~np.isnan(table)
    covered = known.any(axis=1).sum(axis=1)
    kept = covered >= COVERED * covered.max(initial=1)
    table, known = table[kept], known[kept]
    if not known.all():
        table = _from_other_models(_from_nearest_age(table, known))
    if table.size:
        table -= table.mean(axis=0)
    table[np.abs(table) < zero] = 0.0
    return Revisions(days[kept].astype(np.int64), table, zero)


def _from_nearest_age(table: Floats, known: Bools) -> Floats:
    """Fill unknown ages of each (day, model) from the nearest younger known age, else the nearest older one."""
    rows = ~known.all(axis=2) & known.any(axis=2)
    part, has = table[rows], known[rows]
    ages = np.arange(table.shape[2])
    younger = np.maximum.accumulate(np.where(has, ages, -1), axis=1)
    older = np.minimum.accumulate(np.where(has, ages, ages.size)[:, ::-1], axis=1)[:, ::-1]
    take_older = (younger < 0) | ((older < ages.size) & (older - ages < ages - younger))
    table[rows] = np.take_along_axis(part, np.where(take_older, older, younger), axis=1)
    return table


def _from_other_models(table: Floats) -> Floats:
    """Fill models that have nothing on a day from models that have, in rotation."""
    has = ~np.isnan(table[:, :, 0])
    for n in np.flatnonzero(~has.all(axis=1)):
        donors, needy = np.flatnonzero(has[n]), np.flatnonzero(~has[n])
        table[n, needy] = table[n, donors[(needy + n) % donors.size]]
    return table
