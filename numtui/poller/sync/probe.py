"""The one request of an idle poll, and what of it is written: pipeline, rounds, prices, the account's present state."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from numtui.api.errors import Refused
from numtui.api.queries.market import Idle
from numtui.api.records.account import AccountState, OwnModel
from numtui.model import Tournament
from numtui.poller.sync.context import Poll, seen_key
from numtui.poller.sync.plausible import fits, is_date, plausible
from numtui.poller.sync.scoring_run import ScoringRun, run_of, unknown_run
from numtui.poller.sync.translate.account import scheduled_transactions, stake_row, state_row, submission_row
from numtui.poller.sync.translate.rounds import pipeline_row, round_rows
from numtui.store.database import transaction
from numtui.store.queries.meta import get_meta
from numtui.store.queries.models import all_models
from numtui.store.queries.rounds import configured_rounds
from numtui.store.writes import accounts, models, polls, rounds
from numtui.store.writes.meta import set_meta
from numtui.store.writes.models import ModelRow

log = logging.getLogger(__name__)

Dataset = Literal["rounds", "boards", "account", "scores"]
DATASETS: tuple[Dataset, ...] = ("boards", "rounds", "account", "scores")


@dataclass(frozen=True, slots=True)
class Changes:
    """What an idle answer says: the state of the scoring run, rounds whose terms are not here, a changed account."""

    run: ScoringRun
    new_rounds: bool = False
    account_changed: bool = False


async def ask_idle(poll: Poll) -> Changes:
    """Asks what may have moved and writes it. An error in a part is noted; Unreachable and the like are raised."""
    poll.step("asking what is new")
    day = poll.context.clock.now().date()
    answer = await _ask(poll, day.isoformat())
    for dataset, error in answer.errors.items():
        poll.failed(dataset, error)
    with transaction(poll.connection):
        run = unknown_run(poll.context.clock.now())
        if answer.pipeline is not None:
            row = pipeline_row(answer.pipeline, day.isoformat())
            polls.put_pipeline(poll.connection, poll.tournament, [row])
            run = run_of(day, row.is_scoring_day, row.scored, row.resolved)
        elif "pipeline" not in answer.errors:
            poll.failed("pipeline", "the API does not say whether scores are out")
        known = round_rows([*answer.newest_rounds, *answer.open_rounds])
        rounds.put_rounds(poll.connection, poll.tournament, known)
        new = _without_terms(poll, {row.round for row in known})
        _put_prices(poll, answer)
        changed = answer.account is not None and put_account_state(poll, answer.account)
    return Changes(run, new, changed)


async def _ask(poll: Poll, day: str) -> Idle:
    """The idle answer; with keys that the API refuses, the public part of it, and a problem that says so."""
    now = poll.context.clock.now()
    try:
        return await poll.queries.idle(poll.tournament, auth=poll.queries.client.has_keys, date=day, now=now)
    except Refused as error:
        poll.failed("account", error)
        return await poll.queries.idle(poll.tournament, auth=False, date=day, now=now)


def _without_terms(poll: Poll, numbers: set[int]) -> bool:
    return bool(numbers - configured_rounds(poll.connection, poll.tournament))


def _put_prices(poll: Poll, answer: Idle) -> None:
    usd, fiat = answer.nmr_usd, answer.nmr_fiat
    if usd is not None:
        _put_price(poll, "USD", usd.price_usd, usd.last_updated)
    if fiat is not None and fiat.target_symbol not in {None, "USD"}:
        _put_price(poll, str(fiat.target_symbol), fiat.price, fiat.last_updated)


def _put_price(poll: Poll, currency: str, price: Decimal | None, time: str | None) -> None:
    if price is not None and price > 0 and fits("price", price) and fits("currency", currency):
        stated = time if time is not None and is_date(time) else None
        accounts.put_price(poll.connection, "NMR", currency, price, stated, now=poll.context.clock.now())


def put_account_state(poll: Poll, account: AccountState) -> bool:
    """Writes wallet, models, stakes and submissions of this tournament; whether a stake or the wallet changed."""
    connection = poll.connection
    changed = 0
    if account.username is not None:
        _enter(poll, account.username)
        changed += accounts.put_wallet(connection, state_row(account.username, account))
    if account.scheduled_stake_txns is not None:
        rows = scheduled_transactions(account.scheduled_stake_txns)
        accounts.replace_transactions(connection, "scheduled", rows)
    if account.models is None:
        return changed > 0
    listed = [item for item in account.models if item.tournament == poll.tournament and item.name]
    nowhere = [item.name or item.id for item in account.models if item.tournament is None or not item.name]
    if nowhere:
        log.warning("models without name or tournament are left out: %s", ", ".join(map(str, nowhere)))
    numbers = models.put_models(
        connection, poll.tournament, [plausible(ModelRow(str(item.name), item.id, account.username)) for item in listed]
    )
    archived = {model.model for model in all_models(connection, poll.tournament) if model.archived}
    marked = [(numbers[str(item.name)], _archived(item, numbers[str(item.name)], archived)) for item in listed]
    models.set_mine(connection, poll.tournament, marked, complete=not nowhere and len(account.models) > 0)
    return _put_stakes(poll, listed, numbers) + changed > 0


def _archived(model: OwnModel, number: int, known: set[int]) -> bool:
    """Whether a model is archived; where the answer does not say, it is what it was."""
    return number in known if model.archived is None else model.archived


def _enter(poll: Poll, username: str) -> None:
    """Remembers whose account the cache shows; what it shows of another's goes."""
    before = get_meta(poll.connection, "account")
    if before not in {None, username}:
        poll.remarks.append(f"the keys are {username}'s now; what was here of {before}'s account is removed")
        accounts.forget_account(poll.connection)
        set_meta(poll.connection, "account time", None)
        for tournament in Tournament:
            set_meta(poll.connection, seen_key(tournament, "account"), None)
    set_meta(poll.connection, "account", username)


def _put_stakes(poll: Poll, listed: list[OwnModel], numbers: dict[str, int]) -> int:
    stakes = [stake_row(numbers[str(item.name)], item) for item in listed]
    submissions = [submission_row(numbers[str(item.name)], item) for item in listed]
    accounts.put_submissions(poll.connection, [row for row in submissions if row is not None])
    return accounts.put_stakes(poll.connection, [row for row in stakes if row is not None])
