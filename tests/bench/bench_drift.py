"""Figures of the drift forecasts, printed: time at full size, and the record over many simulated markets.

    python -m tests.bench.bench_drift [time] [kinds] [demo] [recorded]

`time`: 100 models x 64 unresolved rounds x 60 days with 300 resolved rounds behind. `kinds`: 200 markets of each kind
of scores and length, harder ones too (strong memory, noise within a day, one model, short history). `demo`: 200 markets
of the demo's own simulation. `recorded`: the recorded finals with simulated day paths, 20 times.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np

from numtui.analysis.arrays import Floats
from numtui.analysis.drift.calibration import SelfCheck, self_check
from numtui.analysis.drift.forecast import OpenRounds, RoundGroup, forecast
from numtui.analysis.drift.profile import DriftHistory, learn_profile
from numtui.analysis.drift.projection import at_day, last_day
from numtui.analysis.drift.revisions import learn_revisions
from numtui.demo.market.market import Market
from numtui.model import Tournament
from tests.analysis.drift.markets import KINDS, RECORDED, Kind, market, recorded_finals, recorded_paths
from tests.analysis.drift.test_coverage import errors, single_coverage, total_coverage

MARKETS = 200
HARDER = {
    "memory 0.4": Kind(memory=0.4),
    "jitter 0.2": Kind(jitter=0.2),
    "no skill, adds up": Kind(power=0.0, skill=0.0),
    "great skill": Kind(power=0.0, skill=3.0),
    "one factor only": Kind(common=1.0, own=0.0),
}


def full_size() -> None:
    whole = market(0, Kind(), models=100, rounds=364, days=60)
    history = whole.until(int(whole.scored_on[299, -1]))
    for _ in range(3):
        laps = [time.perf_counter()]
        profile = learn_profile(history)
        assert profile is not None
        laps.append(time.perf_counter())
        revisions = learn_revisions(history, profile)
        laps.append(time.perf_counter())
        day = last_day(history.raw)
        unresolved = np.flatnonzero((day < 60).any(axis=0))
        waiting = ((0, 0), (0, 64 - unresolved.size))  # rounds that wait for their first score
        value = np.pad(at_day(history.raw, day)[:, unresolved], waiting, constant_values=np.nan)
        ones = np.ones(64)
        rounds = OpenRounds(value, np.pad(day[:, unresolved], waiting), ones, ones, np.ones(value.shape))
        made = forecast([RoundGroup(rounds, profile, revisions)])
        laps.append(time.perf_counter())
        parts = " ".join(f"{name} {1000 * (b - a):.0f}" for name, (a, b) in zip(PARTS, pairwise(laps), strict=True))
        print(f"ms: {parts} | all {1000 * (laps[-1] - laps[0]):.0f} ({profile.rounds} resolved rounds)")
        assert np.isfinite(made.portfolio.p05)


PARTS = ("profile", "revisions", "forecast")


def show(name: str, made: Sequence[SelfCheck]) -> None:
    def ratio(of: str, to: str) -> str:
        return " ".join(f"{x:.2f}" for x in (errors(made, of) / errors(made, to))[:9])

    rows = [single_coverage(made)]
    rows += [total_coverage([c.model_totals for c in made]), total_coverage([c.portfolio_total for c in made])]
    held = "  ".join(f"{what} {100 * a:.1f}/{100 * b:.1f}" for what, (a, b) in zip(WHAT, rows, strict=True))
    print(f"{name:28s} held 90/50 %: {held}  (portfolio forecasts: {sum(c.portfolio_total[0] for c in made)})")
    print(f"    error by tenth of life to today's {ratio('error', 'error_today')}")
    print(f"    error by tenth of life to zero    {ratio('error', 'error_zero')}")
    print(f"    interval score to history's quantiles {ratio('score', 'score_history')}", flush=True)


WHAT = ("rounds", "models", "portfolio")


def study(
    name: str,
    days: int,
    kinds: Sequence[Kind],
    *,
    models: int = 4,
    lives: tuple[float, float] = (2, 5),
    checked: int = 3,
) -> None:
    made = []
    for seed in range(MARKETS):
        behind = int(np.random.default_rng(5000 + seed).uniform(*lives) * days)
        kind = kinds[seed % len(kinds)]
        history = market(10_000 + seed, kind, models=models, rounds=behind + (checked + 1) * days, days=days)
        one = self_check(history, [behind + days * (j + 1) for j in range(checked)], draws=400, seed=seed)
        if one is not None:
            made.append(one)
    show(f"{name}, {days} days", made)


def kinds() -> None:
    for days in (20, 60):
        lives = (4.0, 12.0) if days == 20 else (2.0, 5.0)
        study("all kinds", days, KINDS, lives=lives)
        for name, kind in HARDER.items():
            study(name, days, [kind], lives=lives)
        study("one model", days, KINDS, models=1, lives=lives)
        study("ten models", days, KINDS, models=10, lives=lives)
        study("one life of history", days, KINDS, lives=(1.0, 1.0), checked=1)


def demo() -> None:
    """The demo's markets: 60-day rounds at 3 corr60 + 15 mmc60, 20-day rounds at 0.5 v2_corr20 + 2 mmc."""
    when = datetime(2026, 11, 1, tzinfo=UTC)
    for days, scores, history in ((60, {"corr60": 3.0, "mmc60": 15.0}, 420), (20, {"v2_corr20": 0.5, "mmc": 2.0}, 240)):
        made = []
        for seed in range(MARKETS):
            simulated = Market(seed, now=when, models=5, rounds=history + 120, account_models=3)
            last = simulated.rounds(Tournament.CLASSIC).stop - 100 if days == 20 else simulated.newest() + 1
            numbers = range(last - history, last)
            parts = [
                weight * simulated.paths(Tournament.CLASSIC, name, rounds=numbers, hindsight=True)[:, :, :days]
                for name, weight in scores.items()
            ]
            raw: Floats = np.sum(parts, axis=0)
            scored_on = np.arange(history)[:, None] + np.arange(1, days + 1)
            one = self_check(
                DriftHistory(raw, scored_on), [history - days * j - 5 for j in (3, 2, 1)], draws=400, seed=seed
            )
            if one is not None:
                made.append(one)
        show(f"demo, {days} days", made)


def recorded() -> None:
    if not RECORDED.exists():
        print("the recorded scores are not here")
        return
    finals = recorded_finals()
    days = list(range(70, 258, 12))
    made = [self_check(recorded_paths(finals, seed), days, draws=400, seed=seed) for seed in range(20)]
    show("recorded finals", [one for one in made if one is not None])


PARTS_OF_STUDY: dict[str, Callable[[], None]] = {"time": full_size, "kinds": kinds, "demo": demo, "recorded": recorded}


def main(names: Iterable[str]) -> None:
    for name in names:
        PARTS_OF_STUDY[name]()


if __name__ == "__main__":
    main(sys.argv[1:] or PARTS_OF_STUDY)
