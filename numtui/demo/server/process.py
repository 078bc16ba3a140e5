"""The demo server: served in this process until the end, or as a child process that ends with its parent."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from types import TracebackType

from numtui.clock import VARIABLE, Clock, clock_to_text
from numtui.demo.options import DemoOptions

STOP_WITHIN = 5.0  # seconds


def serve_forever(options: DemoOptions, clock: Clock | None = None, *, until_stdin_closes: bool = False) -> None:
    """Serve on 127.0.0.1 until interrupted, or until standard input closes; the URL is the first line of stdout."""
    # Imported here so that starting a child, and --help, need neither numpy nor the web server.
    from numtui.demo.market.market import Market
    from numtui.demo.server.limits import Limits
    from numtui.demo.server.server import GraphQLApp, listen, make_server

    market = Market(
        seed=options.seed,
        clock=clock or options.clock(),
        models=options.models,
        skill=options.skill,
        account_models=options.account_models,
        state_dir=options.state_dir,
        atomic_terms=options.atomic_terms,
        submissions=options.submissions,
    )
    limits = Limits() if options.limits else None
    server = make_server(GraphQLApp(market, options.latency_ms, options.dialect, limits))
    listener = listen("127.0.0.1", options.port)
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)  # noqa: T201 -- the promised first line
    if until_stdin_closes:

        def watch() -> None:
            sys.stdin.buffer.read()
            server.should_exit = True

        threading.Thread(target=watch, daemon=True).start()
    server.run(sockets=[listener])


class DemoProcess:
    """A running `python -m numtui.demo` with its `url`; leaving the context, or the parent's death, ends it."""

    def __init__(self, options: DemoOptions, clock: Clock | None) -> None:
        command = [sys.executable, "-m", "numtui.demo", "--child", *options.arguments()]
        text = None if clock is None else clock_to_text(clock)
        environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
        if text is not None:
            environment[VARIABLE] = text
        self._child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        assert self._child.stdout is not None
        self.url = self._child.stdout.readline().strip()
        if not self.url:
            code = self._child.wait()
            raise RuntimeError(f"the demo server did not start (exit code {code})")

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._child.pid

    def stop(self) -> None:
        """Close the child's standard input, which ends it, and wait; kill it when it does not end."""
        if self._child.stdin is not None:
            self._child.stdin.close()
        try:
            self._child.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        if self._child.stdout is not None:
            self._child.stdout.close()

    def __enter__(self) -> DemoProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(options: DemoOptions | None = None, *, clock: Clock | None = None) -> DemoProcess:
    """Start a server process and wait until it listens. RuntimeError when it ends before.

    `clock` instead of the options' own makes parent and child agree on a running clock.
    """
    return DemoProcess(options or DemoOptions(), clock)
