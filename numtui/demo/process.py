"""The demo server as a child process that ends with its parent."""

from __future__ import annotations

import subprocess
import sys
from types import TracebackType

from numtui.demo.options import DemoOptions

STOP_WITHIN = 5.0  # seconds


class DemoProcess:
    """A running `python -m numtui.demo` with its `url`; leaving the context, or the parent's death, ends it."""

    def __init__(self, options: DemoOptions) -> None:
        command = [sys.executable, "-m", "numtui.demo", "--until-stdin-closes", *options.arguments()]
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
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


def start(options: DemoOptions | None = None) -> DemoProcess:
    """Start a server process and wait until it listens. RuntimeError when it ends before."""
    return DemoProcess(options or DemoOptions())
