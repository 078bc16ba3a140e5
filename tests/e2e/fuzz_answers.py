"""Any JSON of any type in any place of any answer, any status, any cut: each ends in a result or a clear line, and the
next clean poll gives the content of an undisturbed cache.

By hand: `python -m tests.e2e.fuzz_answers 500 [SEED]`; a few are in the suite (test_fuzz_answers.py).
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from numtui.api.settings import ApiSettings

from .other_market import Market
from .other_server import Asked, Handler, serve
from .program import DONE, Program, Ran

EXPORTS = (
    ("leaderboard",), ("accounts",), ("rounds",), ("scores", "--mine"), ("models", "--mine"), ("stakes",), ("payouts",),
)  # fmt: skip
CODES = {0, 1, 3, 4}
PATIENT = "read_timeout = 60\nconnect_timeout = 60\n"  # no answer is slow here, but the machine may be busy
STATUSES = (200, 200, 200, 204, 301, 400, 401, 403, 404, 418, 429, 500, 503)
ODD: tuple[Any, ...] = (
    None, True, "n/a", "", "\u0000", "NaN", "Infinity", "-1e999", -1, 2**63, 2**80, 1e308, [], {}, [None], [[]],
    {"message": "x"}, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "x" * 20_000, "\ud83d",
)  # fmt: skip


class Fuzz:
    """Alters one answer in `one_in`, the same for the same seed."""

    def __init__(self, seed: int, one_in: int = 4) -> None:
        self.chance = random.Random(seed)
        self.one_in = one_in
        self.active = True
        self.done: list[str] = []

    def alter(self, raw: bytes) -> tuple[int, bytes]:
        """An answer's status and body."""
        if not self.active or self.chance.random() * self.one_in > 1:
            return 200, raw
        kind = self.chance.choice(["value", "value", "value", "value", "status", "cut", "noise"])
        if kind == "status":
            status = self.chance.choice(STATUSES)
            self.done.append(f"HTTP {status}")
            return status, raw
        if kind == "cut":
            self.done.append("cut")
            return 200, raw[: self.chance.randrange(len(raw))]
        if kind == "noise":
            self.done.append("noise")
            return 200, self.chance.randbytes(self.chance.randrange(200))
        return 200, self._with_odd_value(raw)

    def _with_odd_value(self, raw: bytes) -> bytes:
        content = json.loads(raw)
        places = list(_places(content))
        holder, key, path = self.chance.choice(places)
        before, odd = holder[key], self.chance.choice(ODD)
        if _could_be_true(before, odd):
            return raw
        holder[key] = odd
        self.done.append(f"{path}: {before!r:.30} -> {odd!r:.30}")
        return json.dumps(content).encode()


def _places(value: Any, path: str = "") -> Iterator[tuple[Any, Any, str]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        yield value, key, f"{path}.{key}"
        yield from _places(part, f"{path}.{key}")


def _could_be_true(before: object, odd: object) -> bool:
    """Whether nobody can tell the odd value from a true one: a null leaf, another text, a number for an id, no rows."""
    if before is None or isinstance(before, bool):
        return True
    if isinstance(before, str):
        return odd is None or isinstance(odd, str | int | float)
    if isinstance(before, list):
        return odd == []
    return isinstance(before, int | float) and (odd in (None, "", True) or odd == -1)


@contextmanager
def quick() -> Iterator[None]:
    """Without the pauses between tries."""
    fast = partial(ApiSettings, backoff=0.001, longest_backoff=0.002, breaker_failures=1000)
    with mock.patch("numtui.api.settings.ApiSettings", fast):
        yield


def contents(program: Program) -> dict[str, str]:
    """What the exports say, offline."""
    return {" ".join(words): program("export", *words, "--offline").out for words in EXPORTS}


def is_told(ran: Ran) -> bool:
    """Whether a command ended in a result or in words."""
    return (
        ran.code in CODES and (ran.code == DONE or bool(ran.err.strip()) or bool(ran.out)) and "Error:" not in ran.err
    )


def struck(folder: Path, market: Market, seed: int, calm: dict[str, str]) -> int:
    """A cache of its own through fuzzed answers, then a clean poll; how many answers were altered. AssertionError."""
    fuzz = Fuzz(seed)
    answer = Handler.answer

    def altered(self: Handler, asked: Asked, query: str) -> bytes:
        status, body = fuzz.alter(answer(self, asked, query))
        self.status = status  # type: ignore[attr-defined]
        return body

    def send(self: Handler, status: int, body: bytes, *rest: Any) -> None:
        plain(self, getattr(self, "status", status), body, *rest)

    plain = Handler.send
    with (
        serve(market) as server,
        mock.patch.object(Handler, "answer", altered),
        mock.patch.object(Handler, "send", send),
    ):
        program = Program(folder, server.url, settings=PATIENT)
        for words in (("poll", "--once"), ("export", *random.Random(seed).choice(EXPORTS), "--refresh"), ("doctor",)):
            ran = program(*words)
            assert is_told(ran), (seed, fuzz.done, ran)
        fuzz.active = False
        ran = program("poll", "--once")
        assert ran.code == DONE, (seed, fuzz.done, ran)
        tables = contents(program)
        for table, text in calm.items():
            assert tables[table] == text, (seed, table, fuzz.done)
    return len(fuzz.done)


def fuzz(count: int, first_seed: int = 0) -> int:
    """So many altered answers at least; how many there were. AssertionError names the seed."""
    market = Market(models=12, rounds=5, lengths={"classic": 4, "old": 3, "signals": 4, "crypto": 3})
    altered = seed = 0
    with tempfile.TemporaryDirectory() as name, quick():
        with serve(market) as server:
            program = Program(Path(name) / "calm", server.url, settings=PATIENT)
            assert program("poll", "--once").code == DONE
            calm = contents(program)
        while altered < count:
            altered += struck(Path(name) / f"run{seed}", market, first_seed + seed, calm)
            seed += 1
    return altered


if __name__ == "__main__":
    words = [int(word) for word in sys.argv[1:]] or [300]
    sys.stdout.write(f"{fuzz(*words)} answers\n")
