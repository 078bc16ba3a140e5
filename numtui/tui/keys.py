"""Keys one after the other, however fast they come.

Textual hands a key to the widget that has the focus when the key arrives. In a burst (a slow line, key repeat, a paste
without brackets) that is the widget of before: what the first key opens never sees the second one, which then acts on
a table behind it, or on a dialog that is closed already. Here a key waits until the one before it was done.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, TypeVar

from textual import events
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.command import CommandList, CommandPalette
from textual.dom import DOMNode
from textual.message import Message
from textual.screen import ModalScreen, Screen

PATIENCE = 0.25  # seconds: a widget that works longer on a key holds up no other one
CHECK = 0.01  # seconds: so often it is seen whether the widget that works on a key is still there
ROUNDS = 4  # a key makes a message makes a message: so often what a widget was told is waited for
Result = TypeVar("Result")


class KeyDone(Message):
    """Told to `target` behind a key; it bubbles up to the app when what the key led to is done, one message deep."""

    def __init__(self, ticket: int, target: DOMNode, rounds: int = ROUNDS) -> None:
        super().__init__()
        self.ticket, self.target, self.rounds = ticket, target, rounds


class KeyByKeyApp(App[None]):
    """An app in which a key acts on what the one before it left."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._waiting: deque[events.Event] = deque()
        self._ticket = 0
        self._under_way = False
        self._front: Screen[Any] | None = None  # the screen that the key under way is waited for on
        self._target: DOMNode | None = None  # the widget that is to say that the key under way is done
        self._check: asyncio.TimerHandle | None = None
        self._told = False  # the widgets are done with the key; the screen in front may still read

    @property
    def works_on_keys(self) -> bool:
        """Whether a key is being acted on, or waits for its turn."""
        return self._under_way

    def is_read(self) -> bool:
        """Whether the screen in front shows what the next key acts on."""
        return True

    async def on_event(self, event: events.Event) -> None:
        """Queue keys and pastes; leave everything else to Textual."""
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        self._waiting.append(event)
        if not self._under_way:
            await self._next_key()

    async def _next_key(self) -> None:
        if self._check is not None:
            self._check.cancel()
        self._under_way = bool(self._waiting) and bool(self.screen_stack)
        if not self._under_way:
            return
        self._ticket, self._front, self._told = self._ticket + 1, self.screen, False
        target = self._target = self.focused or self.screen
        self._check_later(self._ticket, asyncio.get_running_loop().time() + PATIENCE)
        await super().on_event(self._waiting.popleft())
        if not target.post_message(KeyDone(self._ticket, target)):
            self._ask_front()

    def _ask_front(self) -> None:
        """Let the next key wait until the screen in front has its focus."""
        if self._under_way and self.screen_stack:
            self._front = self._target = self.screen
            self._told = False
            self._front.post_message(KeyDone(self._ticket, self._front))

    async def on_key_done(self, event: KeyDone) -> None:
        """Go on to the next key once all is done and the screen in front is ready for it."""
        event.stop()
        if event.ticket != self._ticket or not self._under_way or not self.screen_stack:
            return
        if self._front is not self.screen:
            self._ask_front()
            return
        target, rounds = event.target, event.rounds - 1
        if not rounds or not target.post_message(KeyDone(event.ticket, target, rounds)):
            self._told = True
            if self.is_read():
                await self._next_key()

    def _check_later(self, ticket: int, limit: float) -> None:
        loop = asyncio.get_running_loop()
        self._check = loop.call_later(CHECK, self.call_later, self._check_target, ticket, limit)

    async def _check_target(self, ticket: int, limit: float) -> None:
        """Go on without a widget that works too long, and ask the screen in place of one that was removed.

        A widget that its own key removed, such as a button of a dialog that goes on, tells nothing any more.
        """
        if ticket != self._ticket or not self._under_way:
            return
        if asyncio.get_running_loop().time() >= limit or (self._told and self.is_read()):
            await self._next_key()
            return
        if self._target is not None and not self._target.is_attached:
            self._ask_front()
        self._check_later(ticket, limit)

    def pop_screen(self) -> AwaitComplete:
        """Close the screen in front; its widgets may not tell any more that their key is done."""
        done = super().pop_screen()
        self.call_later(self._ask_front)
        return done


class Dialog(ModalScreen[Result]):
    """A modal screen that is dismissed once: what comes late is ignored."""

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Close the dialog, unless it is closed or covered."""
        return super().dismiss(result) if self.app.screen is self else AwaitComplete()


class Palette(CommandPalette):
    """Textual's command list, dismissed once."""

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Close the list, unless it is closed or covered."""
        return super().dismiss(result) if self.app.screen is self else AwaitComplete()

    def _action_command_list(self, action: str) -> None:
        """Move in the list, unless nothing of it is on screen: there Textual's own action fails."""
        if action == "select" or self.query_one(CommandList).size.height:
            super()._action_command_list(action)
