"""Messages to screens."""

from __future__ import annotations

from textual.message import Message


class CacheChanged(Message, bubble=False):
    """The cache was written. Screens compare the counts of the tables they use, so the newest message says it all."""

    def can_replace(self, message: Message) -> bool:
        """Whether one waiting message takes the place of another: always."""
        return isinstance(message, CacheChanged)
