"""The channels of delivery: a command of the user's, and the services that apprise knows. Its error texts hold no
secrets.

A channel's name stands in the cache and in messages: `command`, or the kind of an address with a mark of its own.
"""

from __future__ import annotations

import logging
import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote

from numtui.analysis.alerts.states import State
from numtui.errors import NumtuiError
from numtui.poller.alerts.messages import Message
from numtui.printable import printable

if TYPE_CHECKING:
    from numtui.config_file import Notify

log = logging.getLogger(__name__)

COMMAND = "command"
KEYS = ("NUMERAI_PUBLIC_ID", "NUMERAI_SECRET_KEY")  # the user's command does not get them
SHORTEST_SECRET = 4  # characters of a part of an address that is taken out of words
MOST_OUTPUT = 2000  # characters of what a command said


class DeliveryFailed(NumtuiError):  # noqa: N818  like the errors of the store
    """A message did not arrive, or nobody can tell; its text is one line without secrets."""


class Channel(Protocol):
    """A way for messages."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    def send(self, message: Message) -> None:
        """Delivers. DeliveryFailed."""
        ...


def channels_of(notify: Notify | None) -> list[Channel]:
    """The channels of the settings."""
    if notify is None:
        return []
    command = [CommandChannel(tuple(notify.command), notify.timeout)] if notify.command else []
    return [*command, *(AppriseChannel(url, notify.timeout) for url in notify.urls)]


def channel_names(notify: Notify | None) -> list[str]:
    """Their names."""
    return [channel.name for channel in channels_of(notify)]


@dataclass(frozen=True, slots=True)
class CommandChannel:
    """A command, run without a shell, with the message as JSON on its stdin; exit code 0 is the receipt."""

    words: tuple[str, ...]
    timeout: float
    name: str = COMMAND

    def send(self, message: Message) -> None:
        """Runs it; what it writes goes to the log. DeliveryFailed: it cannot be run, fails, or takes too long."""
        environment = {name: value for name, value in os.environ.items() if name not in KEYS}
        try:
            process = subprocess.Popen(
                self.words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise DeliveryFailed(f"the command {self.words[0]} cannot be run: {reason}") from None
        try:
            output, _ = process.communicate(message.to_json().encode() + b"\n", timeout=self.timeout)
        except subprocess.TimeoutExpired:
            _kill(process)
            raise DeliveryFailed(f"the command took longer than {self.timeout:g} s and was ended") from None
        said = printable(" ".join(output.decode(errors="replace").split()))[:MOST_OUTPUT]
        if process.returncode:
            raise DeliveryFailed(f"the command ended with exit code {process.returncode}{f': {said}' if said else ''}")
        log.info("the alert command said: %s", said or "nothing")


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Ends the command with all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@dataclass(frozen=True, slots=True)
class AppriseChannel:
    """A service by its apprise address. apprise (the extra `notify`) is imported only when something is sent."""

    url: str = field(repr=False)
    timeout: float

    @property
    def name(self) -> str:
        """The kind of the address, and a mark that tells it from others of its kind."""
        return f"{self.url.partition('://')[0].lower()}-{sha256(self.url.encode()).hexdigest()[:8]}"

    def send(self, message: Message) -> None:
        """Sends it. DeliveryFailed: the service did not take it, or did not answer in time."""
        try:
            import apprise  # an extra, and slow: only where something is sent
        except ImportError:
            raise DeliveryFailed("apprise is not installed: pip install 'numtui[notify]'") from None
        outcome: list[str | None] = []
        worker = threading.Thread(target=lambda: outcome.append(self._notify(apprise, message)), daemon=True)
        worker.start()
        worker.join(self.timeout)
        if not outcome:
            raise DeliveryFailed(f"no answer within {self.timeout:g} s")
        if outcome[0] is not None:
            raise DeliveryFailed(outcome[0])

    def _notify(self, apprise: Any, message: Message) -> str | None:
        """None when it arrived, else why not."""
        logging.getLogger("apprise").propagate = False  # its lines may hold parts of the address
        try:
            target = apprise.Apprise(asset=apprise.AppriseAsset(async_mode=False, app_id="numtui"))
            with apprise.LogCapture(level=logging.WARNING, fmt="%(message)s") as said:
                fires = any(change.state is State.FIRING for change in message.newest)
                kind = apprise.NotifyType.WARNING if fires else apprise.NotifyType.SUCCESS
                if not target.add(self.url):
                    return "apprise does not understand the address"
                if target.notify(title=message.title, body=message.text, notify_type=kind):
                    return None
                lines = said.getvalue().splitlines()
        except Exception as error:  # noqa: BLE001  whatever a plug-in of apprise raises, the message did not arrive
            lines = [f"apprise failed: {error}" if str(error) else "apprise failed"]
        return self.hidden(lines[0]) if lines else "the service did not take it"

    def hidden(self, text: str) -> str:
        """A text without any part of the address."""
        _, _, rest = self.url.partition("://")
        parts = re.split(r"[/:@?&=]", f"{rest}/{unquote(rest)}")
        for part in sorted({part for part in parts if len(part) >= SHORTEST_SECRET}, key=len, reverse=True):
            text = text.replace(part, "***")
        return printable(" ".join(text.split()))[:MOST_OUTPUT]


def named(channels: Iterable[Channel]) -> dict[str, Channel]:
    """Channels by their names."""
    return {channel.name: channel for channel in channels}
