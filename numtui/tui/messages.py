"""What is told to screens."""

from __future__ import annotations

from textual.message import Message


class CacheChanged(Message, bubble=False):
    """The cache was written. Screens compare the counts of the tables they use, so the newest message says it all."""

    def can_replace(self, message: Message) -> bool:
        """Two waiting messages are one."""
        return isinstance(message, CacheChanged)
