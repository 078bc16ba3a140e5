"""Fields and arguments as we name them, their other spellings, and a document put into a service's."""

from __future__ import annotations

import re
from dataclasses import dataclass

from numtui.api.dialect.types import ROOT
from numtui.api.errors import NotOffered

LEFT_OUT = ""  # in the place of a spelling: the service has none
CAPITAL = re.compile(r"(?<!^)(?<!_)(?=[A-Z])")
DIGITS = re.compile(r"(?<=[a-z])(?=\d)")
DIGITS_BUT_VERSIONS = re.compile(r"(?<=[a-z][a-z])(?=\d)")  # of v2_corr20 only the 20
COMPARISON = re.compile(r"(?<=[a-z0-9])_?(Eq|Gte|Lte|eq|gte|lte)$")


@dataclass(frozen=True, slots=True)
class Name:
    """A field, or with `argument` an argument of it, in our first spelling. `owner` is the type that has the field."""

    owner: str
    field: str
    argument: str | None = None

    @property
    def word(self) -> str:
        """The word whose spelling is meant: the argument, else the field."""
        return self.field if self.argument is None else self.argument

    def __str__(self) -> str:
        where = self.field if self.owner == ROOT else f"{self.owner}.{self.field}"
        return where if self.argument is None else f"{where}({self.argument}:)"


def looked_up(name: str) -> str:
    """The name as the service looks it up: an underscore before each capital, none before a digit."""
    return CAPITAL.sub("_", name).lower()


def spellings(name: str) -> tuple[str, ...]:
    """The ways to ask for a name, the one given first; those that the service looks up alike count once."""
    head, *words = name.split("_")
    camel = head + "".join(word[:1].upper() + word[1:] for word in words)
    snake = looked_up(name)
    ways = [name, camel, DIGITS_BUT_VERSIONS.sub("_", snake), DIGITS.sub("_", snake)]
    if compared := COMPARISON.search(camel):
        ways.insert(1, f"{camel[: compared.start()]}__{compared[1].lower()}")
    first: dict[str, str] = {}
    for way in ways:
        first.setdefault(looked_up(way), way)
    return tuple(first.values())


@dataclass(frozen=True, slots=True)
class RespelledDocument:
    """A document as the service takes it. `lost`: alias and name of what is gone; `text` is empty where all is."""

    text: str
    variables: frozenset[str] | None = None  # those that are left; None: all
    lost: tuple[tuple[str, str], ...] = ()

    @property
    def errors(self) -> tuple[NotOffered, ...]:
        """The errors in the place of the lost parts."""
        return tuple(NotOffered(name, (alias,)) for alias, name in self.lost)
