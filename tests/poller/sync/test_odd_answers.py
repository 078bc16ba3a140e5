"""Answers that no API should give: each is a failed poll with a word, and nothing of it stays once the API is well."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from numtui.demo.server import server
from numtui.poller.freshen import freshen
from tests.poller.site import Dump, Site, differences, dump, one

Change = Callable[[str, Any], Any]


def each(value: Any, change: Change) -> Any:
    """JSON data with every value of an object replaced by what `change` makes of its key and it."""
    if isinstance(value, dict):
        return {key: each(change(key, part), change) for key, part in value.items()}
    if isinstance(value, list):
        return [each(part, change) for part in value]
    return value


def strike(monkeypatch: pytest.MonkeyPatch, change: Change) -> None:
    """From now on every value of the server's answers is what `change` makes of it; a text in {braces} stands bare."""
    encode = server.encode

    def changed(body: object) -> bytes:
        raw = encode(each(msgspec.json.decode(encode(body)), change))
        return raw.replace(b'"{', b"").replace(b'}"', b"")

    monkeypatch.setattr(server, "encode", changed)


def of(name: str, value: object) -> Change:
    return lambda key, old: value if key == name and old is not None else old


CHANCE = random.Random(3)


def named(content: Dump) -> Dump:
    """The same without the numbers that the cache gives to models in the order in which it hears of them."""
    return content | {"stakes": [(row[0], *row[2:]) for row in content["stakes"]]}


DEEP = "{" + "[" * 50_000 + "]" * 50_000 + "}"
ODD = {
    "deep JSON": of("intraRoundSubmissionScores", DEEP),
    "deep JSON in an idle answer": of("pipeline", DEEP),
    "1e400": of("value", "{1e400}"),
    "-1e400 as a count": of("day", "{-1e400}"),
    "beyond 64 bits": of("rank", 2**63 - 1 << 1),
    "a round beyond 64 bits": of("number", "{" + str(2**80) + "}"),
    "a round's row beyond 64 bits": of("roundNumber", "{" + str(2**80) + "}"),
    "before year 1": of("openTime", "0001-01-01T00:00:00+14:00"),
    "NaN": of("value", "NaN"),
    "Infinity": of("percentile", "Infinity"),
    "an amount beyond measure": of("nmrStaked", "1e999999999"),
    "a negative clip": of("clipThreshold", -0.05),
    "a day out of range": of("day", 100_000),
    "scores without their version in places": lambda key, old: (
        None if key == "version" and CHANCE.random() < 0.2 else old
    ),
    "a lonely half of a sign": of("displayName", '{"\\ud83d"}'),
    "year 1": of("scoredAt", "0001-01-01T00:00:00Z"),
    "a time of scoring in 2090": of("scoredAt", "2090-01-01T00:00:00Z"),
}


@pytest.mark.parametrize("kind", ODD)
def test_it_ends_no_poller_and_leaves_nothing(
    site: Site, calm: Dump, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = site.settings("struck")
    with monkeypatch.context() as broken:
        strike(broken, ODD[kind])
        assert site.poll(settings) in {0, 1, 3}
    assert one(settings, "SELECT count(*) FROM polls WHERE state = 'working'") == 0
    assert site.poll(settings) in {0, 1}
    assert site.poll(settings) == 0
    assert differences(dump(settings, "score_dates"), calm) == {}


def test_a_third_of_nulls_leaves_no_phantom_scores_and_loses_no_payout(
    site: Site, calm: Dump, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = site.settings("struck")

    def struck(name: str, old: object) -> object:  # by what it is, whichever answer comes first
        kept = isinstance(old, dict | list) or random.Random(f"{name} {old}").random() > 0.3
        return old if kept else None

    with monkeypatch.context() as broken:
        strike(broken, struck)
        for _ in range(2):
            assert site.poll(settings) != 0
    assert site.poll(settings) == 0
    result = differences(named(dump(settings)), named(calm))
    result.pop("leaderboard", None)  # its figures may be null: they are asked for again after the next scoring run
    assert result == {}
    phantoms = "SELECT count(*) FROM latest JOIN score_names USING (score) WHERE version = ''"
    assert one(settings, phantoms) == 0


def test_an_unreadable_note_on_what_is_here_is_no_note(site: Site, calm: Dump) -> None:
    import sqlite3

    settings = site.settings("struck")
    site.poll(settings)
    with sqlite3.connect(settings.db) as connection:
        connection.execute("UPDATE meta SET value = '{\"day\": \"1-01-01\"}' WHERE key LIKE 'seen %'")
        connection.execute("UPDATE meta SET value = '1-01-01T00:00:00Z' WHERE key = 'account time'")
    assert site.poll(settings) == 0
    assert differences(dump(settings), calm) == {}


def test_odd_values_that_an_export_fetched_are_mended_by_the_next_poll(
    site: Site, calm: Dump, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = site.settings("struck")
    assert site.poll(settings) == 0
    with monkeypatch.context() as broken:
        strike(broken, of("nmrStaked", [[]]))
        asyncio.run(freshen(settings, site.clock, table="leaderboard", refresh=True))
    assert "leaderboard" in differences(dump(settings), calm)
    assert site.poll(settings) == 0
    assert differences(dump(settings), calm) == {}
