"""What a unit of systemd with Type=notify is told: that the poller is ready, and that it ends."""

from __future__ import annotations

import os
import socket

READY, STOPPING = "READY=1", "STOPPING=1"


def tell(state: str) -> None:
    """Send a state to the service manager that started this process; nothing where none did (sd_notify(3)).

    A manager that does not listen is no failure of the poller.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    where = f"\0{address[1:]}" if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        try:
            out.sendto(state.encode(), where)
        except OSError:
            return
