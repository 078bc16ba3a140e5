"""The spelling of names that a service takes: learnt from what it refuses, remembered, put into every document.

A service may know a field as `rank_change_1d` and not as `rankChange1d`, or not at all, and refuses the whole document
for one such name. It is asked for in its other spellings then, and at last left out: no document is lost for a name.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from numtui.api.answer import Answer
from numtui.api.dialect.names import LEFT_OUT, Name, RespelledDocument, spellings
from numtui.api.dialect.types import ROOT, type_named
from numtui.api.documents import Document
from numtui.api.errors import GraphQLError
from numtui.version import __version__

log = logging.getLogger(__name__)

TRIED_ANEW = 7 * 86400.0  # seconds until what a service lacked is asked for again

UNKNOWN_FIELD = re.compile(r"""Cannot query field ['"](\w+)['"] on type ['"](\w+)['"]""")
UNKNOWN_ARGUMENT = re.compile(
    r"""Unknown argument ['"](\w+)['"] on field ['"](?:\w+\.)?(\w+)['"](?: of type ['"]\w+['"])?"""
)

Send = Callable[[str, Mapping[str, object]], Awaitable[Answer]]


class Memory(Protocol):
    """The store of a service's dialect from one process to the next: one text for its URL."""

    def load(self) -> str | None:
        """The text saved last; None when there is none."""

    def save(self, text: str) -> None:
        """Keeps `text`."""


class Dialect:
    """The dialect of one service. `names`: the spelling of each that is not asked for in its first."""

    def __init__(self, memory: Memory | None = None, wall: Callable[[], float] = time.time) -> None:
        self.names: dict[Name, str] = {}
        self._memory = memory
        self._wall = wall
        self._since: float | None = None  # when the first of these names was learnt
        self._loaded = False
        self._changed = False
        self._respelt: dict[str, RespelledDocument] = {}

    def lacks(self, field: str, argument: str | None = None) -> bool:
        """Whether the service is known to have no such question, or not this argument of it."""
        names = (Name(ROOT, field), Name(ROOT, field, argument))
        return any(self.names.get(name) == LEFT_OUT for name in names)

    async def ask(self, document: Document, variables: Mapping[str, object], send: Send) -> Answer:
        """The answer to a document, asked for as the service wants it; a lost part has a NotOffered in its place."""
        self._recall()
        while True:
            respelt = self._as_taken(document.text)
            if not respelt.text:
                return Answer({}, respelt.errors)
            kept = respelt.variables
            given = {name: value for name, value in variables.items() if kept is None or name in kept}
            answer = await send(respelt.text, given)
            if not self._learn(document.text, answer.errors) or self._as_taken(document.text).text == respelt.text:
                break
        self._remember()
        return replace(answer, errors=(*answer.errors, *respelt.errors)) if respelt.lost else answer

    def _as_taken(self, text: str) -> RespelledDocument:
        if not any(name.word in text for name in self.names):
            return RespelledDocument(text)
        if text not in self._respelt:
            from numtui.api.dialect import respelling  # late: most services need none of it, and it loads graphql-core

            self._respelt[text] = respelling.respell(text, self.names)
        return self._respelt[text]

    def _learn(self, text: str, errors: Iterable[GraphQLError]) -> bool:
        """Takes the next spelling of the names that these errors refuse; whether they refuse any."""
        refused = [words for error in errors if (words := _refused(error.message))]
        if not refused:
            return False
        from numtui.api.dialect import respelling

        for name in respelling.names_in(text):
            asked = self.names.get(name, name.word)
            if any(_concerns(complaint, name, asked) for complaint in refused):
                self._next_spelling(name, asked)
        return True

    def _next_spelling(self, name: Name, asked: str) -> None:
        ways = spellings(name.word)
        following = ways.index(asked) + 1
        self.names[name] = ways[following] if following < len(ways) else LEFT_OUT
        if self.names[name] == LEFT_OUT:
            log.warning("the API knows %s in no spelling: it is left out and reads as missing", name)
        else:
            log.info("the API does not know %s as %s: asking for %s", name, asked, self.names[name])
        self._since = self._since or self._wall()
        self._changed = True
        self._respelt.clear()

    def _recall(self) -> None:
        """Loads what was remembered, once, and forgets what is older than a week or of another release."""
        if not self._loaded:
            self._loaded = True
            self._take_over(self._memory.load() if self._memory is not None else None)
        if self._since is not None and not 0 <= self._wall() - self._since < TRIED_ANEW:
            self.names.clear()
            self._respelt.clear()
            self._since, self._changed = None, True

    def _take_over(self, text: str | None) -> None:
        try:
            saved = json.loads(text or "{}")
            if saved.get("version") != __version__:
                return
            names = {Name(*key): str(way) for *key, way in saved["names"]}
            since = float(saved["since"])
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            log.warning("what the API takes is learnt anew: %s", error)
            return
        known = {name: way for name, way in names.items() if way == LEFT_OUT or way in spellings(name.word)}
        self.names, self._since = known, since

    def _remember(self) -> None:
        if self._changed and self._memory is not None:
            names = [[name.owner, name.field, name.argument, way] for name, way in self.names.items()]
            self._memory.save(json.dumps({"version": __version__, "since": self._since, "names": names}))
        self._changed = False


@dataclass(frozen=True, slots=True)
class _Refusal:
    word: str
    owner: str | None = None  # the field's type, None for one that we do not know
    of_field: str | None = None  # an argument's field


def _refused(message: str) -> _Refusal | None:
    if words := UNKNOWN_FIELD.search(message):
        return _Refusal(words[1], type_named(words[2]))
    if words := UNKNOWN_ARGUMENT.search(message):
        return _Refusal(words[1], of_field=words[2])
    return None


def _concerns(refusal: _Refusal, name: Name, asked: str) -> bool:
    if refusal.word != asked or (refusal.of_field is None) != (name.argument is None):
        return False
    if refusal.of_field is not None:
        return _letters(refusal.of_field) == _letters(name.field)
    return refusal.owner in (None, name.owner)


def _letters(name: str) -> str:
    return name.replace("_", "").lower()
