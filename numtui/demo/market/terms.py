"""The scores and payout terms of each round: the regimes of the three tournaments, stated per round.

Numbers follow the project's notes on Numerai's announcements; a client has to read them from `roundScoreConfigs`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from numtui.demo.market.calendar import FIRST_DAILY_ROUND, OFFSET, day_index, index_date, open_index
from numtui.model import Tournament

SATURDAY = 5
FIRST_ROUNDS = {Tournament.CLASSIC: 222, Tournament.SIGNALS: 474, Tournament.CRYPTO: 765}


@dataclass(frozen=True, slots=True)
class ScoreSpec:
    """Identity of a score in a round: `display` is the API's displayName, `source` the simulated quantity behind it."""

    display: str
    name: str
    version: str
    days: int
    source: str
    canon: bool = False


@dataclass(frozen=True, slots=True)
class Multiplier:
    """A payout score's multiplier: what a user may choose, and what holds without a choice (equal where fixed)."""

    display: str
    choices: tuple[Decimal, ...]
    default: Decimal


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything that decides a round's payout. `threshold` None: no payout factor but 1."""

    scores: tuple[ScoreSpec, ...]
    payout: tuple[Multiplier, ...]
    clip: Decimal
    threshold: Decimal | None
    days: int
    atomic: bool = False
    paid: bool = True

    def spec(self, display: str) -> ScoreSpec | None:
        """The score of that displayName, None where the round has none."""
        return next((spec for spec in self.scores if spec.display == display), None)

    def multiplier(self, display: str) -> Multiplier | None:
        """The multiplier of a payout score, None for the others."""
        return next((multiplier for multiplier in self.payout if multiplier.display == display), None)


def _first_round_on_or_after(day: date) -> int:
    return day_index(day) - OFFSET + (index_date(day_index(day)) != day)


JANUARY_2023 = _first_round_on_or_after(date(2023, 1, 8))
FEBRUARY_2025 = _first_round_on_or_after(date(2025, 2, 1))
SIXTY_DAY_SCORES_FROM = 960  # corr60 and mmc60 are computed from here on, and paid from 1343
NEUTRAL_SCORES_FROM = 912  # Signals' four 60-day scores; the neutral ones pay from 1363


def _grid(display: str, *choices: str, default: str | None = None) -> Multiplier:
    values = tuple(Decimal(choice) for choice in choices)
    return Multiplier(display, values, values[0] if default is None else Decimal(default))


def _score(display: str, source: str, days: int, name: str | None = None, version: str = "v1") -> ScoreSpec:
    return ScoreSpec(display, name or display, version, days, source, canon=display.startswith("canon_"))


def _classic_scores(number: int) -> tuple[ScoreSpec, ...]:
    if number < 311:
        return (_score("corr", "corr", 20), _score("mmc", "mmc", 20), _score("fnc_v3", "fnc", 20, "fnc", "v3"))
    if number < 474:
        return (_score("corr20", "corr", 20), _score("tc", "tc", 20), _score("fnc_v3", "fnc", 20, "fnc", "v3"))
    atomic = number >= 1343
    canon_days = 60 if atomic else 20
    scores = [
        _score("canon_corr", "corr", canon_days),
        _score("canon_mmc", "mmc", canon_days),
        _score("v2_corr20", "corr", 20, "corr20", "v2"),
        _score("mmc", "mmc", 20),
        _score("bmc", "bmc", 20, version="v2" if number >= 1172 else "v1"),
    ]
    if number < SIXTY_DAY_SCORES_FROM:
        return (*scores, _score("fnc_v3", "fnc", 20, "fnc", "v3"), _score("tc", "tc", 20))
    return (*scores, _score("corr60", "corr", 60), _score("mmc60", "mmc", 60))


def _classic(number: int) -> Terms:
    scores = _classic_scores(number)
    saturday = index_date(open_index(number)).weekday() == SATURDAY
    if number < 311:
        pay = (_grid("corr", "1"), _grid("mmc", "0", "0.5", "1", "2"))
        return Terms(scores, pay, Decimal("0.25"), Decimal(300_000), 20)
    if number < 474:
        pay = (_grid("corr20", "1"), _grid("tc", "0", "0.5", "1", "2"))
        threshold = Decimal(360_000 if number >= JANUARY_2023 else 300_000)
        return Terms(scores, pay, Decimal("0.25"), threshold, 20, paid=number < FIRST_DAILY_ROUND or saturday)
    if number < 589:
        pay = (_grid("v2_corr20", "0", "0.5", "1", default="1"), _grid("tc", "0", "0.5", "1", "1.5", "2", "2.5", "3"))
    elif number < 650:
        pay = (_grid("v2_corr20", "0", "0.5", "1", "1.5", "2", default="2"), _grid("tc", "0", "0.5", "1"))
    elif number < 1172:
        pay = (_grid("v2_corr20", "0.5"), _grid("mmc", "2"))
    elif number < 1343:
        pay = (_grid("v2_corr20", "0.75"), _grid("mmc", "2.25"))
    else:
        return Terms(scores, (_grid("corr60", "3"), _grid("mmc60", "15")), Decimal(1), None, 60, atomic=True)
    return Terms(scores, pay, Decimal("0.05"), Decimal(72_000), 20)


def _signals(number: int) -> Terms:
    tc = _grid("tc", "0", "0.5", "1", "1.5", "2", "2.5", "3")
    fnc = _score("fnc_v4", "fnc", 20, "fnc", "v4")
    threshold = Decimal(36_000)
    if number < 499:
        scores: tuple[ScoreSpec, ...] = (_score("corr20", "corr", 20), fnc, _score("tc", "tc", 20))
        return Terms(scores, (_grid("corr20", "0", "0.5", "1", "2", default="1"), tc), Decimal("0.05"), threshold, 20)
    if number < 714:
        scores = (fnc, _score("tc", "tc", 20), _score("ic_v2", "ic", 20, "ic", "v2"))
        return Terms(scores, (_grid("fnc_v4", "0", "0.5", "1", "2", default="1"), tc), Decimal("0.05"), threshold, 20)
    sixty = (
        _score("neutral_corr", "neutral_corr", 60),
        _score("neutral_mmc", "neutral_mmc", 60),
        _score("alpha", "alpha", 60),
        _score("mpc", "mpc", 60),
    )
    if number < 1085:
        scores = (fnc, _score("mmc", "mmc", 20), _score("corr_v4", "corr", 20, "corr", "v4"))
        scores += sixty if number >= NEUTRAL_SCORES_FROM else ()
        return Terms(scores, (_grid("fnc_v4", "1"), _grid("mmc", "2")), Decimal("0.05"), threshold, 20)
    scores = (*sixty, _score("corr_v4", "corr", 60, "corr", "v4"), _score("fnc_v4", "fnc", 60, "fnc", "v4"))
    clip = Decimal("0.035" if number >= 1172 else "0.017")
    pay = (_grid("alpha", "0.3"), _grid("mpc", "0.8"))
    if number >= 1363:
        pay = (_grid("neutral_corr", "0.5"), _grid("neutral_mmc", "2"))
    return Terms(scores, pay, clip, threshold, 60)


def _crypto(number: int) -> Terms:
    scores = (
        _score("corr", "corr", 20),
        _score("mmc", "mmc", 20, version="v2" if number >= FEBRUARY_2025 else "v1"),
        _score("canon_corr", "corr", 20),
        _score("canon_mmc", "mmc", 20),
    )
    corr, mmc = ("0.1", "1") if number >= 1292 else ("0.05", "0.5") if number >= 1172 else ("1", "2")
    pay: tuple[Multiplier, ...] = (_grid("corr", corr), _grid("mmc", mmc))
    if FEBRUARY_2025 <= number < 1172:
        pay = (_grid("mmc", "1"),)
    if number >= 1292:
        return Terms(scores, pay, Decimal(1), None, 20, atomic=True)
    return Terms(scores, pay, Decimal("0.05"), Decimal(10_000), 20)


@lru_cache(maxsize=8192)
def terms(tournament: Tournament, number: int) -> Terms:
    """The terms of a round. ValueError for a round before the tournament's first."""
    if number < FIRST_ROUNDS[tournament]:
        raise ValueError(f"{tournament.label} has no round {number}")
    match tournament:
        case Tournament.CLASSIC:
            return _classic(number)
        case Tournament.SIGNALS:
            return _signals(number)
        case Tournament.CRYPTO:
            return _crypto(number)


def choice(tournament: Tournament, number: int, row: int) -> tuple[Decimal, ...]:
    """The multipliers of a model in a round, in the order of `terms.payout`: the user's choice where there was one.

    A third of the models keep the default. From Classic 589 to 649 tc could be had only with twice corr.
    """
    pay = terms(tournament, number).payout
    if row % 3 == 0 or all(len(multiplier.choices) == 1 for multiplier in pay):
        return tuple(multiplier.default for multiplier in pay)
    selection = [m.choices[(row * 7 + 3 * position) % len(m.choices)] for position, m in enumerate(pay)]
    if tournament is Tournament.CLASSIC and 589 <= number < 650 and selection[0] != 2:
        selection[1] = Decimal(0)
    return tuple(selection)
