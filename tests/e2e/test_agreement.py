"""Stake, due, submitted and system are one thing each: every export, command and screen of every tournament agrees.

The simulated account has pending earnings that no settled value leaves out, releases without a due date, a late, a
failed and a queued submission, and Atomic rounds whose configurations leave clip and factor out.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from numtui.api.client import ApiClient
from numtui.api.queries import Queries
from numtui.api.settings import ApiSettings
from numtui.config import PUBLIC_ID, SECRET_KEY
from numtui.demo.market.market import Market
from numtui.demo.server.engine import Arguments
from numtui.demo.server.resolvers import account, rounds
from numtui.demo.server.resolvers.session import Session
from numtui.demo.server.server import DemoServer
from numtui.model import Tournament, time_text
from numtui.poller.sync.context import PollContext
from numtui.poller.sync.poll import poll_once
from numtui.stake.service import open_service
from numtui.store.database import open_reader, open_writer
from numtui.tui.app import make_app
from tests.cli.staking import Command
from tests.stake.helpers import KEYS, START, MovableClock
from tests.tui.shown import settled, table, text
from tests.tui.staking import Bench, in_thread, settings_for

WORDS = {  # what each model of a tournament has sent, in the order of their names
    Tournament.CLASSIC: ("accepted", "late", "failed", "queued"),
    Tournament.SIGNALS: ("accepted", "late", "failed"),
    Tournament.CRYPTO: ("queued", "late"),
}
NOW = START + timedelta(hours=20)  # the round has closed
Fields = dict[str, Any]


def value(found: Any) -> Any:
    """A field of the simulated API, made now where it is made on demand."""
    return found() if callable(found) else found


def sent(model: Fields, word: str, session: Session) -> Fields:
    """The newest submission of the model, for the newest round, as that word says."""
    tournament = Tournament(model["tournament"])
    number = session.market.newest(session.now)
    times = session.market.times(tournament, number)
    at = times.close + timedelta(minutes=5) if word == "late" else times.open + timedelta(minutes=1)
    status = word if word in ("failed", "queued") else "accepted"
    submission = {"id": f"sent-{model['name']}", "insertedAt": time_text(at), "selected": True, "status": status}
    return {**submission, "round": {"number": number, "tournament": int(tournament)}}


def odd_account(session: Session, arguments: Arguments) -> object:
    """The account with what the live service does at times."""
    answer = account.account(session, arguments)
    assert isinstance(answer, dict)
    models: list[Fields] = value(answer["models"])
    for tournament, words in WORDS.items():
        own = sorted((one for one in models if one["tournament"] == tournament), key=lambda one: str(one["name"]))
        for word, model in zip(words, own, strict=False):
            newest = sent(model, word, session)
            model["latestSubmissionV2"] = newest
            model["latestSubmissions"] = []
            stake = value(model["v2Stake"])
            if stake is not None:
                model["v2Stake"] = odd_stake(stake, pending_payout(session, model))
    return {**answer, "models": models}


def pending_payout(session: Session, model: Fields) -> Decimal:
    """What all unresolved rounds of the model stand at."""
    tournament = Tournament(model["tournament"])
    info = next(one for one in session.market.account_models_of(tournament) if one.id == model["id"])
    positions = [one for one in session.market.ledger.positions(info) if not one.resolved]
    return sum((one.payout() or Decimal(0) for one in positions), Decimal(0))


def odd_stake(stake: Fields, pending: Decimal) -> Fields:
    """The stake with its pending earnings in it, and a release that states no date."""
    whole = str(Decimal(stake["latestValueSettled"]) + pending)
    release = {"id": "r", "type": "decrease", "status": "pending", "requestedAmount": "1.25", "drain": False}
    values = {"latestValueSettled": None, "latestValue": whole, "stakeValue": whole}
    return {**stake, **values, "pendingV2ChangeStakeRequest": {**release, "dueDate": None}}


def odd_rounds(session: Session, arguments: Arguments) -> object:
    """Rounds whose configurations leave clip and factor out where they are Atomic."""
    listed = rounds.rounds(session, arguments)
    assert isinstance(listed, list)
    for one in listed:
        atomic = session.market.terms(Tournament(one["tournament"]), one["number"]).atomic
        one["v3Staking"] = atomic
        if atomic:
            configs = value(one["roundScoreConfigs"])
            one["roundScoreConfigs"] = [{**each, "clipThreshold": None, "payoutFactor": None} for each in configs]
    return listed


@dataclass(frozen=True)
class Views:
    """One tournament's models as each place shows them: place -> model -> field -> text."""

    places: dict[str, dict[str, dict[str, str | None]]]

    def agree(self, field: str, **other_names: str) -> dict[str, str | None]:
        """The field of every model, which every place that has it shows alike."""
        seen: dict[str, dict[str, str | None]] = {}
        for place, models in self.places.items():
            name = other_names.get(place, field)
            for model, cells in models.items():
                if name in cells:
                    seen.setdefault(model, {})[place] = cells[name]
        for model, shown in seen.items():
            assert len(set(shown.values())) == 1, (field, model, shown)
            assert len(shown) >= 2, (field, model, shown)
        return {model: next(iter(shown.values())) for model, shown in seen.items()}


def plain(cell: object) -> str | None:
    """A cell as text, alike from JSON and from a screen."""
    if cell is None:
        return None
    if isinstance(cell, Decimal):
        return format(cell, "f")
    if hasattr(cell, "astimezone"):
        return time_text(cell)  # type: ignore[arg-type]  # a time
    return str(cell)


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """The odd account's server and a cache of all three tournaments, polled after the round's close."""
    clock, folder = MovableClock(NOW), tmp_path_factory.mktemp("agreement")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(account.RESOLVERS, "account", odd_account)
        patch.setitem(rounds.RESOLVERS, "rounds", odd_rounds)
        with DemoServer(Market(seed=0, clock=clock, models=100)) as server:
            settings = settings_for(server, folder)

            async def fetch() -> None:
                with closing(open_writer(settings.db)) as connection:
                    async with ApiClient(ApiSettings((server.url,)), KEYS) as client:
                        work = PollContext(settings, clock, Queries(client), connection)
                        for tournament in Tournament:
                            done = await poll_once(work, tournament, only=("rounds", "account", "scores"))
                            assert not done.problems

            in_thread(lambda: asyncio.run(fetch()))
            yield Bench(server, clock, settings)


@pytest.fixture
def bench(origin: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """With keys, and a copy of the cache."""
    monkeypatch.setenv(PUBLIC_ID, KEYS.public_id)
    monkeypatch.setenv(SECRET_KEY, KEYS.secret_key)
    settings = settings_for(origin.server, tmp_path)
    shutil.copy(origin.settings.db, settings.db)
    return Bench(origin.server, origin.clock, settings)


@asynccontextmanager
async def screen(bench: Bench, tournament: Tournament, name: str) -> AsyncIterator[Pilot[Any]]:
    app = make_app(replace(bench.settings, tournament=tournament), bench.clock, start_poller=False, screen=name)
    async with app.run_test(size=(160, 50)) as pilot:
        await settled(pilot)
        yield pilot


async def on_screen(bench: Bench, tournament: Tournament, name: str) -> tuple[dict[str, dict[str, str | None]], str]:
    """The rows of a screen's table by model, and what stands on it."""
    async with screen(bench, tournament, name) as pilot:
        rows = table(pilot.app).source  # type: ignore[arg-type]  # the app of these tests
        names = [column.name for column in rows.columns]
        cells = [dict(zip(names, map(plain, row), strict=True)) for row in rows.page(0, len(rows))]
        return {str(row["model"]): row for row in cells}, text(pilot.app)


def by_model(found: str, tournament: Tournament) -> dict[str, dict[str, str | None]]:
    rows = [row for row in json.loads(found) if row["tournament"] == tournament.label]
    return {row["model"]: {name: plain(cell) for name, cell in row.items()} for row in rows}


@pytest.mark.parametrize("tournament", list(Tournament))
async def test_every_place_agrees(bench: Bench, tmp_path: Path, tournament: Tournament) -> None:
    command = Command(bench, tmp_path)

    def run(*args: str) -> dict[str, dict[str, str | None]]:
        ran: list[str] = []
        in_thread(lambda: ran.append(command(*args, "--offline", "--format", "json", tournament=tournament.label).out))
        return by_model(ran[0], tournament)

    models, _ = await on_screen(bench, tournament, "models")
    stakes, shown = await on_screen(bench, tournament, "stake")
    views = Views(
        {
            "export models": run("export", "models", "--mine"),
            "export stakes": run("export", "stakes"),
            "status": run("stake", "status"),
            "screen models": models,
            "screen stake": stakes,
        }
    )
    names = set(views.places["status"])
    assert names and all(set(rows) == names for rows in views.places.values())
    system = views.agree("system")
    assert set(system.values()) == {"legacy" if tournament is Tournament.SIGNALS else "atomic"}
    stake = views.agree("stake")
    views.agree("at_risk")
    submitted, words = views.agree("submitted"), views.agree("submission")
    for model, word in zip(sorted(names), WORDS[tournament], strict=False):
        assert words[model] == word
        assert submitted[model] == str(word == "accepted")
    pending = dict.fromkeys(("export models", "screen models"), "pending")
    earned = views.agree("pending_payout", **pending)
    del (
        views.places["export models"],
        views.places["screen models"],
    )  # `pending` is the change of the stake from here on
    change, due = views.agree("pending"), views.agree("due")
    staked = [model for model in sorted(names) if words[model] in {"late", "failed"} and Decimal(stake[model] or 0) > 0]
    assert staked and all(f"{model} ({words[model]})" in shown for model in staked[:1])
    if tournament is not Tournament.SIGNALS:
        assert set(change.values()) == set(due.values()) == {None}
        return
    with closing(open_reader(bench.settings.db)) as cache:
        resolves = cache.execute(
            "SELECT max(resolve_time) FROM rounds WHERE tournament = 11 AND open_time <= ?", (NOW,)
        )
        last = resolves.fetchone()[0]
    assert set(change.values()) == {"-1.25"}
    assert set(due.values()) == {last}
    readings: list[Any] = []
    in_thread(lambda: readings.append(open_service(bench.settings, bench.clock).client.read(tournament).snapshot))
    for model in readings[0].models:
        assert format(model.stake, "f") == stake[model.name], "the dialog and the plan start from the same stake"
        truth = next(one for one in bench.server.market.account_models_of(tournament) if one.name == model.name)
        assert model.stake == bench.server.market.ledger.stake(truth)
    assert any(Decimal(amount or 0) != 0 for amount in earned.values())
