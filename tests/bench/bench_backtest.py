"""Backtest speed against a script in the style of the forum.

The script keeps a dict of round -> payout for each combination of multipliers and hands it to pandas for the figures,
as the ones that were copied from hand to hand did. It is timed on some of the models and scaled up, which favours it.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from functools import partial

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program sets it before numpy loads

import numpy as np
import pandas as pd

from numtui.analysis.arrays import Floats
from numtui.analysis.backtest.backtest import ScoreHistory, backtest
from numtui.analysis.intervals import OPEN_20
from tests.bench.figure import Figure

MODELS, ROUNDS = 100, 400
SMALL = [(c, m) for c in (0.0, 0.5, 1.0) for m in np.arange(0, 3.5, 0.5)]  # 21 with the cell of zeros
LARGE = [(c, m) for c in np.linspace(0, 3, 50) for m in np.linspace(0, 3, 50)]


def history(clip: float, gaps: float = 0.03) -> ScoreHistory:
    """Scores with the spread and the overlap of real ones, and some missing rounds."""
    rng = np.random.default_rng(0)
    steps = rng.normal(size=(MODELS, ROUNDS + 23, 2))
    sums = np.cumsum(np.pad(steps, ((0, 0), (1, 0), (0, 0))), axis=1)
    values = (sums[:, 24:] - sums[:, :-24]) / np.sqrt(24) * np.array([0.02, 0.008]) + np.array([0.01, 0.002])
    values[rng.random((MODELS, ROUNDS)) < gaps] = np.nan
    models = tuple(f"model_{i}" for i in range(MODELS))
    return ScoreHistory(models, np.arange(ROUNDS), ("corr", "mmc"), values, factor=0.4, clip=clip, stake=1.0)


def forum_script(data: ScoreHistory, cells: list[tuple[float, float]], models: int) -> list[dict[str, float]]:
    """Dict per round and combination, then pandas: every column of the table but the interval."""
    clip, factor = float(np.asarray(data.clip)), float(np.asarray(data.factor))
    table = []
    for model in range(models):
        by_round = {int(r): (float(c), float(m)) for r, (c, m) in zip(data.rounds, data.values[model], strict=True)}
        for corr_x, mmc_x in cells:
            payouts = {}
            for number, (corr, mmc) in by_round.items():
                if not (math.isnan(corr) or math.isnan(mmc)):
                    payouts[number] = max(-clip, min(clip, factor * (corr_x * corr + mmc_x * mmc)))
            r = pd.Series(payouts)
            equity = (1 + r).cumprod()
            downside = np.sqrt((r.clip(upper=0) ** 2).mean())
            table.append(
                {
                    "total": r.sum(),
                    "average": r.mean(),
                    "std": r.std(),
                    "sharpe": r.mean() / r.std() if r.std() else np.nan,
                    "sortino": r.mean() / downside if downside else np.nan,
                    "max_drawdown": (1 - equity / equity.cummax().clip(lower=1)).max(),
                    "cvar_5": r[r <= r.quantile(0.05)].mean(),
                    "burn_rate": (r < 0).mean(),
                    "worst_20": r.rolling(20).sum().min(),
                }
            )
    return table


def seconds(job: Callable[[], object], repeats: int = 3) -> float:
    """The best of some runs."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        job()
        times.append(time.perf_counter() - start)
    return min(times)


def array(cells: list[tuple[float, float]]) -> Floats:
    return np.array(cells)


def figures() -> dict[str, Figure]:
    """Best of some runs; the script's columns agree with ours, or there is no figure."""
    data, some = history(clip=0.05), 5
    ours = seconds(lambda: backtest(data, array(SMALL), open_rounds=OPEN_20))
    theirs = seconds(lambda: forum_script(data, SMALL, some), 1) * MODELS / some
    got, expected = backtest(data, array(SMALL)), pd.DataFrame(forum_script(data, SMALL, some))
    for name in expected:
        values = getattr(got, str(name))[:some].ravel()
        np.testing.assert_allclose(values, expected[name], rtol=1e-9, atol=1e-12, err_msg=str(name))
    large = {}
    for clip, label in ((1.0, "clip never binds"), (0.05, "clip binds at times"), (0.01, "clip binds often")):
        job = partial(backtest, history(clip), array(LARGE), open_rounds=OPEN_20, workers=2)
        large[label] = seconds(job)
        print(f"  2,500 cells, {label}: {large[label]:.2f} s")
    return {
        "grid_ratio": Figure(theirs / ours, ours * 1000, theirs * 1000, "ms", "a script in the forum's style"),
        "grid_2500_s": Figure(max(large.values())),
    }
