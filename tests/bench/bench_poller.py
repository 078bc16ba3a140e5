"""The memory of a poller: after a first sync of 100 models and ten scoring runs a day apart, and at its most.

The poller is a process of its own, driven day by day as the simulated tournament is.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from numtui import demo
from numtui.clock import FixedClock
from numtui.config import PUBLIC_ID, SECRET_KEY, Settings
from numtui.poller.jobs.record_forecasts import record_forecasts
from numtui.poller.memory import use_little_memory
from numtui.poller.service import Service
from tests.bench.bench_sync import NOW
from tests.bench.figure import Figure
from tests.bench.served import serving
from tests.bench.terminal import memory

RUNS = 10


def poller(url: str, folder: str) -> None:
    """Polls once for each time that comes on standard input, and answers with the exit code."""
    use_little_memory()
    where = Path(folder)
    settings = Settings(where / "cache.db", where, where / "none.toml", (url,), simulated=True)
    for line in sys.stdin:
        clock = FixedClock(datetime.fromisoformat(line.strip()))
        code = asyncio.run(Service(settings, clock, once=True, hooks=[record_forecasts]).run())
        print(code, flush=True)


def figures() -> dict[str, Figure]:
    """MB of resident memory after the last run, and the most that there ever was."""
    environ = os.environ | {PUBLIC_ID: demo.DEMO_PUBLIC, SECRET_KEY: demo.DEMO_SECRET}
    with tempfile.TemporaryDirectory() as folder, serving(NOW) as server:
        command = [sys.executable, "-m", "tests.bench.bench_poller", server.url, folder]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            for run in range(RUNS + 1):
                now = NOW + timedelta(days=run)
                if run:
                    server.become(now)
                print(now.isoformat(), file=process.stdin, flush=True)
                code = process.stdout.readline().strip()
                assert code == "0", f"a poll ended with {code or 'nothing'}"
                print(f"  {now:%d %B}: {memory(process.pid, 'VmRSS'):.0f} MB, ", end="")
                print(f"at most {memory(process.pid, 'VmHWM'):.0f} MB")
            now_mb, most_mb = memory(process.pid, "VmRSS"), memory(process.pid, "VmHWM")
    return {"poller_memory_mb": Figure(now_mb), "poller_peak_mb": Figure(most_mb)}


if __name__ == "__main__":
    poller(*sys.argv[1:])
