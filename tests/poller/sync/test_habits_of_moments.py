"""An API that answers oddly for a moment: nothing is wrong then, and nothing stays wrong."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from numtui.demo.server import server
from tests.poller.site import Dump, MakeSite, Site, differences, dump, later

HABITS = ("null history", "round twice", "out of order", "unknown words", "smaller board")


def habit(name: str, chance: random.Random, answer: Any) -> Any:
    """An answer with that habit."""
    data = answer.get("data") or {}
    for alias, part in list(data.items()):
        rows = part if isinstance(part, list) and part and isinstance(part[0], dict) else []
        history = (bool(rows) and "roundNumber" in rows[0]) or (bool(rows) and "number" in rows[0])
        match name:
            case "null history" if rows and "roundNumber" in rows[0] and chance.random() < 0.5:
                data[alias] = None
            case "round twice" if history:
                data[alias] = [*rows, chance.choice(rows)]
            case "out of order" if history:
                data[alias] = chance.sample(rows, len(rows))
            case "smaller board" if rows and "rank" in rows[0]:
                data[alias] = rows[: max(1, len(rows) // 2)]
            case "unknown words":
                data[alias] = worded(part)
            case _:
                pass
    return answer


def worded(value: Any) -> Any:
    """The same with a status that nobody has heard of."""
    if isinstance(value, dict):
        return {key: "UNHEARD_OF" if key == "status" else worded(part) for key, part in value.items()}
    return [worded(part) for part in value] if isinstance(value, list) else value


@pytest.fixture
def calm_run(make_site: MakeSite) -> Dump:
    """The content after a first sync and the next scoring run, both undisturbed."""
    return synced(make_site(models=30, rounds=8), "calm", (), 0)


def synced(site: Site, name: str, habits: tuple[str, ...], seed: int) -> Dump:
    """A first sync, a scoring run met with these habits, then the next one clean; the content."""
    settings, chance, encode = site.settings(name), random.Random(seed), server.encode
    assert site.poll(settings) == 0
    site.clock.at = later(1)
    with pytest.MonkeyPatch.context() as patch:

        def changed(body: object) -> bytes:
            answer = msgspec.json.decode(encode(body))
            for one in habits:
                answer = habit(one, chance, answer)
            return encode(answer)

        patch.setattr(server, "encode", changed)
        for _ in range(2):
            assert site.poll(settings) in {0, 1}
    site.clock.at = later(4)
    assert site.poll(settings) == 0
    return dump(settings, "pipeline", "prices")


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    habits=st.sets(st.sampled_from(HABITS), min_size=1).map(lambda chosen: tuple(sorted(chosen))),
    seed=st.integers(0, 99),
)
def test_nothing_stays_wrong(make_site: MakeSite, calm_run: Dump, habits: tuple[str, ...], seed: int) -> None:
    site = make_site(models=30, rounds=8)
    result = synced(site, f"struck{'-'.join(habits).replace(' ', '_')}{seed}", habits, seed)
    assert differences(result, {name: rows for name, rows in calm_run.items() if name in result}) == {}
