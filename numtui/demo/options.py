"""What a simulated tournament is started with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from numtui.clock import Clock, FixedClock, ScaledClock, SystemClock


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """Options of the demo, as on its command line. `speed` is simulated days a real minute, None for none."""

    seed: int = 0
    now: datetime | None = None
    skill: float = 1.0
    speed: float | None = None
    models: int = 15_000
    account_models: int = 12
    port: int = 0
    latency_ms: float = 0.0
    state_dir: Path | None = None

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
        words += ["--latency-ms", repr(self.latency_ms)]
        if self.now is not None:
            words += ["--now", self.now.isoformat()]
        if self.speed is not None:
            words += ["--speed", repr(self.speed)]
        if self.state_dir is not None:
            words += ["--state-dir", str(self.state_dir)]
        return words
