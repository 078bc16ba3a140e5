"""The options that a simulated tournament is started with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from numtui.clock import Clock, FixedClock, ScaledClock, SystemClock

# How names of which only the introspected spelling is known are found: as the schema writes them, or the other way.
Dialect = Literal["live", "camel"]
# Whether score configurations of Atomic rounds state clip 1 and factor 1, or leave both out.
AtomicTerms = Literal["null", "stated"]
# Whether the account's newest submissions are all accepted in time, or some are late, failed and queued.
Submissions = Literal["normal", "mixed"]


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """Options of the demo, as on its command line. `speed` is simulated days a real minute, None for none.

    `atomic_terms` is "null" unless said: configurations of Atomic rounds may leave clip and factor out, and a client
    that can do without them can do with them too. `limits` keeps to the published requests a minute.
    """

    seed: int = 0
    now: datetime | None = None
    skill: float = 1.0
    speed: float | None = None
    models: int = 15_000
    account_models: int = 12
    port: int = 0
    latency_ms: float = 0.0
    state_dir: Path | None = None
    dialect: Dialect = "live"
    atomic_terms: AtomicTerms = "null"
    submissions: Submissions = "normal"
    limits: bool = False

    def clock(self) -> Clock:
        """The clock: the machine's, frozen at `now`, or running at `speed` from `now` (or from this moment)."""
        if self.speed is not None:
            real = datetime.now(UTC)
            return ScaledClock(real, self.now or real, self.speed)
        return SystemClock() if self.now is None else FixedClock(self.now)

    def arguments(self) -> list[str]:
        """The same options as arguments of `python -m numtui.demo`."""
        words = ["--seed", str(self.seed), "--skill", repr(self.skill), "--models", str(self.models)]
        words += ["--account-models", str(self.account_models), "--port", str(self.port)]
        words += ["--latency-ms", repr(self.latency_ms), "--dialect", self.dialect]
        words += ["--atomic-terms", self.atomic_terms, "--submissions", self.submissions]
        if self.limits:
            words.append("--limits")
        if self.now is not None:
            words += ["--now", self.now.isoformat()]
        if self.speed is not None:
            words += ["--speed", repr(self.speed)]
        if self.state_dir is not None:
            words += ["--state-dir", str(self.state_dir)]
        return words
