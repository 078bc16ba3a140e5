"""Payout terms: the scores a regime pays, what its users could choose, clip and factor, as they were announced.

The terms of a round come from the API (`roundScoreConfigs`); the presets here serve rounds that it no longer describes,
what its configurations leave out, and backtests that ask what other terms would have paid.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from numtui.analysis.staking_system import StatedRound, System, system_of_round
from numtui.model import Tournament

ONE = Decimal(1)
DAILY_FROM, A_SATURDAY = 340, 344  # Classic's first daily round, and the first of a Saturday among them


@dataclass(frozen=True)
class Choice:
    """A payout score by its name in the API, and the multipliers its users could choose (one: fixed)."""

    score: str
    multipliers: tuple[Decimal, ...]


@dataclass(frozen=True)
class Constraint:
    """`score` may be paid only where `other` has the multiplier `needs`."""

    score: str
    other: str
    needs: Decimal

    def allows(self, multipliers: Mapping[str, Decimal]) -> bool:
        """True unless these multipliers break the rule. Scores that are not named are not judged."""
        if not multipliers.get(self.score) or self.other not in multipliers:
            return True
        return multipliers[self.other] == self.needs


@dataclass(frozen=True)
class PayoutRegime:
    """The payout terms of a regime.

    `first_round` is None where nothing says it, `approximate` when it was worked out from `since`, the day on which
    it opened. `threshold` is the stake at risk (NMR) above which the payout factor falls below 1; None: the factor is
    always 1 (Atomic). `saturdays`: of the daily rounds only Saturday's were paid, the others had factor 0. `note` says
    what else a reader must know.
    """

    name: str
    tournament: Tournament
    first_round: int | None
    choices: tuple[Choice, ...]
    clip: Decimal
    threshold: Decimal | None
    constraints: tuple[Constraint, ...] = ()
    approximate: bool = False
    note: str = ""
    since: date | None = None
    saturdays: bool = False

    @property
    def scores(self) -> tuple[str, ...]:
        """The payout scores in their order."""
        return tuple(choice.score for choice in self.choices)

    @property
    def atomic(self) -> bool:
        """True under staking v3: factor 1, clip 1."""
        return self.threshold is None

    def pays(self, number: int) -> bool:
        """Whether a round of these terms was paid at all."""
        return not self.saturdays or number < DAILY_FROM or (number - A_SATURDAY) % 5 == 0

    def factor(self, total_at_risk: Decimal) -> Decimal:
        """The payout factor min(1, threshold / total at risk): a fallback, since the API's own differs by up to 1 %."""
        if self.threshold is None or total_at_risk <= self.threshold:
            return Decimal(1)
        return self.threshold / total_at_risk

    def allows(self, multipliers: Mapping[str, Decimal]) -> bool:
        """True where no constraint is broken."""
        return all(constraint.allows(multipliers) for constraint in self.constraints)


def regime_named(name: str, tournament: Tournament | None = None) -> PayoutRegime:
    """The preset of that name, whichever tournament it is of.

    ValueError lists the names when there is none: those of `tournament`, or of all (None).
    """
    for regime in PRESETS:
        if regime.name == name:
            return regime
    names = [regime.name for regime in PRESETS if tournament in {None, regime.tournament}]
    where = "" if tournament is None else f" in {tournament.label}"
    raise ValueError(f"no payout terms {name!r}{where}; there are actual, {', '.join(names)}")


def regime_of_round(tournament: Tournament, number: int, *, atomic: bool | None = None) -> PayoutRegime | None:
    """The preset in force in a round, of one staking system where `atomic` says which; None before the first known."""
    known = [
        regime
        for regime in PRESETS
        if regime.tournament == tournament
        and regime.first_round is not None
        and regime.first_round <= number
        and atomic in {None, regime.atomic}
    ]
    return max(known, key=lambda regime: regime.first_round or 0, default=None)


@dataclass(frozen=True, slots=True)
class RoundPayout:
    """The payout terms of a round: `clip` and `factor`, None where nothing tells them, and the `regime` of its system.

    A model's own performance row goes before this `factor`.
    """

    atomic: bool
    clip: Decimal | None
    factor: Decimal | None
    regime: PayoutRegime | None


def round_payout(tournament: Tournament, stated: StatedRound) -> RoundPayout:
    """The terms that a round is paid by: what the API states of it, and what it leaves out by its system and regime.

    Left out, clip and factor are 1 in an Atomic round; a legacy round has its regime's clip, and no factor until one
    is stated, unless it is one that was not paid. The round's factor goes before its configurations'. Where the system
    is undecided the regime of the round's number tells it: this is arithmetic, and no ground to change anything.

    Several payout scores may each state a clip. It bounds the round's one sum, so every one of them holds, and the
    smallest is the one that bites; factors alike.
    """
    clip = min((terms.clip for terms in stated.payouts if terms.clip is not None), default=None)
    factor = min((terms.factor for terms in stated.payouts if terms.factor is not None), default=None)
    if stated.factor is not None:
        factor = stated.factor
    if clip is not None:
        clip = clip.normalize() + 0  # 1.0 and 1 are one clip: what is worked out from it has the same digits
    system = system_of_round(stated)
    regime = regime_of_round(tournament, stated.number)
    if system is System.UNDECIDED:
        atomic = regime is not None and regime.atomic and clip in {None, ONE}
    else:
        atomic = system is System.ATOMIC
    if regime is not None and regime.atomic is not atomic:
        regime = regime_of_round(tournament, stated.number, atomic=atomic)
    if atomic:
        return RoundPayout(True, ONE if clip is None else clip, ONE if factor is None else factor, regime)
    if regime is not None:
        clip = regime.clip if clip is None else clip
        factor = Decimal(0) if factor is None and not regime.pays(stated.number) else factor
    return RoundPayout(False, clip, factor, regime)


def _choice(score: str, multipliers: str) -> Choice:
    return Choice(score, tuple(Decimal(m) for m in multipliers.split()))


_CLASSIC, _SIGNALS, _CRYPTO = Tournament.CLASSIC, Tournament.SIGNALS, Tournament.CRYPTO
_TO_3 = "0 0.5 1 1.5 2 2.5 3"
_LOW = Decimal("0.05")
_SIGNALS_GRID = "which multipliers Signals offered is not recorded here: those of Classic at the time"

PRESETS: tuple[PayoutRegime, ...] = (
    PayoutRegime(
        "classic-2020-mmc", _CLASSIC, 222, (_choice("corr20", "1"), _choice("mmc", "0 0.5 1 2")),
        Decimal("0.25"), Decimal(300_000), note="from July 2020",
    ),
    PayoutRegime(
        "classic-2022-tc", _CLASSIC, 311, (_choice("corr20", "1"), _choice("tc", "0 0.5 1 2")),
        Decimal("0.25"), Decimal(300_000), note="from round 340 (2022-10-25) on only Saturday's rounds were paid",
        since=date(2022, 4, 9), saturdays=True,
    ),
    PayoutRegime(
        "classic-2023-01", _CLASSIC, 395, (_choice("corr20", "1"), _choice("tc", "0 0.5 1 2")),
        Decimal("0.25"), Decimal(360_000), approximate=True, note="only Saturday's rounds were paid",
        since=date(2023, 1, 8), saturdays=True,
    ),
    PayoutRegime(
        "classic-2023-tc", _CLASSIC, 474, (_choice("v2_corr20", "0 0.5 1"), _choice("tc", _TO_3)),
        _LOW, Decimal(72_000), since=date(2023, 4, 29),
    ),
    PayoutRegime(
        "classic-2023-10", _CLASSIC, 589, (_choice("v2_corr20", "0 0.5 1 1.5 2"), _choice("tc", "0 0.5 1")),
        _LOW, Decimal(72_000), (Constraint("tc", "v2_corr20", Decimal(2)),), since=date(2023, 10, 7),
    ),
    PayoutRegime(
        "classic-2024", _CLASSIC, 650, (_choice("v2_corr20", "0.5"), _choice("mmc", "2")),
        _LOW, Decimal(72_000), since=date(2024, 1, 2),
    ),
    PayoutRegime(
        "classic-2026", _CLASSIC, 1172, (_choice("v2_corr20", "0.75"), _choice("mmc", "2.25")),
        _LOW, Decimal(72_000), approximate=True, since=date(2026, 1, 1),
    ),
    PayoutRegime(
        "classic-atomic", _CLASSIC, 1343, (_choice("corr60", "3"), _choice("mmc60", "15")),
        ONE, None, since=date(2026, 8, 28),
    ),
    PayoutRegime(
        "signals-2023", _SIGNALS, 474, (_choice("corr20", "0 0.5 1"), _choice("tc", _TO_3)),
        _LOW, Decimal(36_000), note=_SIGNALS_GRID, since=date(2023, 4, 29),
    ),
    PayoutRegime(
        "signals-2023-fnc", _SIGNALS, 499, (_choice("fnc_v4", "0 0.5 1"), _choice("tc", _TO_3)),
        _LOW, Decimal(36_000), note=_SIGNALS_GRID,
    ),
    PayoutRegime(
        "signals-2024", _SIGNALS, 714, (_choice("fnc_v4", "1"), _choice("mmc", "2")),
        _LOW, Decimal(36_000), approximate=True, since=date(2024, 3, 30),
    ),
    PayoutRegime(
        "signals-2025", _SIGNALS, 1085, (_choice("alpha", "0.3"), _choice("mpc", "0.8")),
        Decimal("0.017"), Decimal(36_000), approximate=True, since=date(2025, 9, 2),
    ),
    PayoutRegime(
        "signals-2026", _SIGNALS, 1172, (_choice("alpha", "0.3"), _choice("mpc", "0.8")),
        Decimal("0.035"), Decimal(36_000), approximate=True, note="the clip of signals-2025, raised by a vote",
        since=date(2026, 1, 1),
    ),
    PayoutRegime(
        "signals-2026-09", _SIGNALS, 1363, (_choice("neutral_corr", "0.5"), _choice("neutral_mmc", "2")),
        Decimal("0.035"), Decimal(36_000), note="both scores are there from round 912 on, beside alpha and mpc",
        since=date(2026, 9, 25),
    ),
    PayoutRegime(
        "crypto-2024", _CRYPTO, 759, (_choice("corr", "1"), _choice("mmc", "2")),
        _LOW, Decimal(10_000), approximate=True, note="began in June 2024",
    ),
    PayoutRegime("crypto-2025", _CRYPTO, 929, (_choice("mmc", "1"),), _LOW, Decimal(10_000), since=date(2025, 1, 25)),
    PayoutRegime(
        "crypto-2026", _CRYPTO, 1172, (_choice("corr", "0.05"), _choice("mmc", "0.5")),
        _LOW, Decimal(10_000), approximate=True, note="from January 2026",
    ),
    PayoutRegime(
        "crypto-atomic", _CRYPTO, 1292, (_choice("corr", "0.1"), _choice("mmc", "1")),
        ONE, None, approximate=True, since=date(2026, 6, 18),
    ),
)  # fmt: skip
