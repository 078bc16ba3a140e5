"""Faults of the server on command, and the log of its requests."""

from __future__ import annotations

import random
import threading
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from numtui.demo.server.engine import Roots

KINDS = (
    "500",  # Internal Server Error, HTML body
    "502",  # Bad Gateway, HTML body
    "429",  # Too Many Requests; Retry-After when `retry_after` is given
    "rate_limit",  # HTTP 200 with a GraphQL error that says "rate limit"
    "delay",  # the answer comes `delay` seconds late
    "truncated",  # Content-Length of the whole body, and then only half of it
    "html",  # HTTP 200 with a page of HTML
    "drop",  # the connection is closed without an answer
    "nulls",  # null in place of values, see `share`
    "unknown",  # unknown words in status, state and type fields, and fields nobody asked for
    "graphql_error",  # HTTP 200, the first root field null and an error for it
    "null_alias",  # HTTP 200, one root field null with "Internal server error" and its path; asked again it may pass
    "lost_answer",  # the request is carried out, then the connection is closed
)


@dataclass(slots=True)
class Fault:
    """A failure for the next `times` requests that match.

    `match` is a part of the document's text, `field` the name of a root field; `mutations_only` leaves queries alone.
    `alias` is a key that the request must ask for; "null_alias" strikes it (unless said, the first one).
    `after` lets that many matching requests through first, and `every` strikes one in so many from there (`seen`
    counts them). For "nulls", `share` is the part of all values below the root that become null (1.0: every leaf, the
    structure stays; `objects` takes objects and lists too).
    """

    kind: str
    times: int = 1
    match: str | None = None
    field: str | None = None
    mutations_only: bool = False
    after: int = 0
    every: int = 1
    alias: str | None = None
    seen: int = 0
    retry_after: float | None = None
    delay: float = 1.0
    share: float = 1.0
    objects: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no fault {self.kind!r}: one of {', '.join(KINDS)}")

    def concerns(self, query: str, roots: Roots) -> bool:
        """Whether a request is one of those that this fault waits for."""
        return (
            (self.match is None or self.match in query)
            and (self.field is None or self.field in roots.names)
            and (self.alias is None or self.alias in roots.keys)
            and (roots.mutation or not self.mutations_only)
        )


class Faults:
    """The faults that wait for their requests, first come, first served."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def add(self, kind: str, **options: Any) -> Fault:
        """Order a fault; the options are Fault's fields."""
        fault = Fault(kind, **options)
        with self._lock:
            self._waiting.append(fault)
        return fault

    def clear(self) -> None:
        """Forget all faults."""
        with self._lock:
            self._waiting.clear()

    @property
    def waiting(self) -> list[dict[str, Any]]:
        """Faults that have not been used up."""
        with self._lock:
            return [asdict(fault) for fault in self._waiting]

    def take(self, query: str, roots: Roots) -> Fault | None:
        """The fault for this request, counted down."""
        with self._lock:
            for fault in self._waiting:
                if not fault.concerns(query, roots):
                    continue
                fault.seen += 1
                if fault.seen <= fault.after or (fault.seen - fault.after) % fault.every:
                    continue
                fault.times -= 1
                if fault.times <= 0:
                    self._waiting.remove(fault)
                return fault
        return None


@dataclass(slots=True)
class RequestLog:
    """Counts of what the server has been asked, the latest requests, and how many are being worked on."""

    working: int = 0
    requests: int = 0
    mutations: int = 0
    bytes_sent: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    entries: list[dict[str, object]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def request(self, roots: Roots) -> dict[str, object]:
        """Count a request; the returned entry is completed by `sent`."""
        entry: dict[str, object] = {"fields": roots.names, "mutation": roots.mutation, "bytes": 0, "fault": None}
        with self.lock:
            self.requests += 1
            self.mutations += roots.mutation
            self.fields.update(roots.names)
            self.entries.append(entry)
            del self.entries[:-1000]
        return entry

    def sent(self, entry: dict[str, object], size: int, fault: str | None) -> None:
        """Complete an entry with the answer's size on the wire and the fault (or "limit") that struck it."""
        with self.lock:
            entry["bytes"], entry["fault"] = size, fault
            self.bytes_sent += size
            if fault is not None:
                self.faults[fault] += 1

    def clear(self) -> None:
        """Count from zero again."""
        with self.lock:
            self.requests = self.mutations = self.bytes_sent = 0
            self.fields.clear()
            self.faults.clear()
            self.entries.clear()

    def summary(self) -> dict[str, object]:
        """The counts as JSON."""
        with self.lock:
            return {
                "requests": self.requests,
                "mutations": self.mutations,
                "bytes": self.bytes_sent,
                "fields": dict(self.fields),
                "faults": dict(self.faults),
                "entries": list(self.entries),
            }


def with_nulls(value: object, share: float, objects: bool, rng: random.Random) -> object:
    """A copy of JSON data in which a share of the values are null; the structure stays unless `objects`."""
    if isinstance(value, dict | list):
        if objects and rng.random() < share:
            return None
        if isinstance(value, dict):
            return {key: with_nulls(item, share, objects, rng) for key, item in value.items()}
        return [with_nulls(item, share, objects, rng) for item in value]
    return None if rng.random() < share else value


NEW_WORD = "SOMETHING_NEW"
WORD_FIELDS = frozenset({"status", "state", "type"})


def with_unknowns(value: object) -> object:
    """A copy of JSON data with unknown words for states and types, and a field that nobody asked for in each object."""
    if isinstance(value, dict):
        copy = {
            key: NEW_WORD if key in WORD_FIELDS and isinstance(item, str) else with_unknowns(item)
            for key, item in value.items()
        }
        return copy | {"fieldOfTomorrow": {"nested": [1, 2, 3]}}
    if isinstance(value, list):
        return [with_unknowns(item) for item in value]
    return value
