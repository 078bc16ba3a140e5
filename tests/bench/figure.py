"""The figures of the benches: what each means, which bench takes it, and the goal that it is held against."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Goal(NamedTuple):
    """A bound that a figure keeps: `at_most` or `at_least` this value."""

    sense: Literal["at_most", "at_least"]
    bound: float

    def met(self, value: float) -> bool:
        """Whether a figure of this value keeps the bound."""
        return value <= self.bound if self.sense == "at_most" else value >= self.bound


class Spec(NamedTuple):
    """A figure that is known: `bench` is the module `bench_<bench>` that takes it."""

    bench: str
    words: str
    unit: str = ""
    goal: Goal | None = None


class Figure(NamedTuple):
    """A figure as measured. Where it compares, `ours` and `beside` are both sides in `unit`, taken in the same run, and
    `peer` says whose `beside` is.
    """

    value: float
    ours: float | None = None
    beside: float | None = None
    unit: str = ""
    peer: str = ""


def at_most(bound: float) -> Goal:
    return Goal("at_most", bound)


def at_least(bound: float) -> Goal:
    return Goal("at_least", bound)


SPECS = {
    "first_frame_ratio": Spec("start", "first frame of `numtui`, 15,000 models, warm cache", "times", at_most(1.4)),
    "first_rows_ratio": Spec("start", "the same to the account's models on the first screen", "times"),
    "version_ratio": Spec("start", "`numtui --version`", "times"),
    "start_bytes": Spec("start", "start from a warm cache, 120x40", "bytes", at_most(60_000)),
    "key_median_ms": Spec("screens", "key to repaint at 15,000 models, median", "ms", at_most(8)),
    "key_worst_ms": Spec("screens", "the slowest key, sort and reverse too", "ms", at_most(40)),
    "page_down_bytes": Spec("screens", "page down", "bytes", at_most(15_000)),
    "screen_bytes": Spec("screens", "change of screen, the largest", "bytes", at_most(45_000)),
    "idle_bytes": Spec("screens", "a minute without a key", "bytes", at_most(2_000)),
    "tui_memory_mb": Spec("screens", "memory of the screens, each visited", "MB"),
    "ssh_start_bytes": Spec(
        "ssh", "over a real sshd, its encryption counted: start from a warm cache", "bytes", at_most(60_000)
    ),
    "ssh_first_sync_bytes": Spec("ssh", "start with a first sync", "bytes", at_most(120_000)),
    "ssh_screen_bytes": Spec("ssh", "change of screen, the largest", "bytes", at_most(45_000)),
    "ssh_page_down_bytes": Spec("ssh", "page down", "bytes", at_most(15_000)),
    "ssh_idle_bytes": Spec("ssh", "a minute without a key", "bytes", at_most(2_000)),
    "sync_usable_ratio": Spec(
        "sync", "first sync of 100 models, 100 ms a request, to complete screens", "times", at_least(100)
    ),
    "sync_usable_s": Spec("sync", "the same", "s"),
    "sync_full_ratio": Spec("sync", "the same to every day of every round", "times", at_least(40)),
    "poll_incremental_s": Spec("sync", "poll after a scoring run, 100 models", "s"),
    "poller_memory_mb": Spec(
        "poller", "memory of the poller, 100 models, after a first sync and ten scoring runs", "MB", at_most(250)
    ),
    "poller_peak_mb": Spec("poller", "the same at its most, while forecasts are made", "MB"),
    "db_bytes_per_score": Spec("store", "disk for one daily score", "bytes", at_most(20)),
    "field_keep_s": Spec("field", "a round with 15,000 models: read, packed and kept", "s", at_most(0.5)),
    "field_bytes": Spec("field", "the same on disk", "bytes", at_most(400_000)),
    "field_read_s": Spec("field", "300 such rounds: percentiles of 12 models", "s", at_most(0.3)),
    "drift_read_s": Spec(
        "drift_report", "drift monitor, 100 models x 64 unresolved rounds: reading", "s", at_most(0.3)
    ),
    "drift_compute_s": Spec("drift_report", "the same: profile, forecasts, portfolio", "s"),
    "grid_ratio": Spec(
        "backtest", "21 cells, 100 models x 400 rounds, every column with its interval", "times", at_least(100)
    ),
    "grid_2500_s": Spec("backtest", "2,500 cells, every column with its interval, worst clip", "s", at_most(1.5)),
    "coverage_min": Spec("coverage", "90 % intervals of mean and Sharpe hold, least", "", at_least(0.85)),
    "coverage_max": Spec("coverage", "the same, most", "", at_most(0.92)),
    "export_ratio": Spec("export", "1,000,000 score rows to CSV, speed", "times", at_least(1.5)),
    "export_rows_per_s": Spec("export", "the same", "rows/s"),
}
