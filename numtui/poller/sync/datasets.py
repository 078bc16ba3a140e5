"""Fetching the datasets that belong to a tournament and its account: rounds, leaderboards, payouts and transactions."""

from __future__ import annotations

from datetime import datetime, timedelta

from numtui.api.errors import GraphQLError, NotOffered, Refused
from numtui.model import time_text
from numtui.poller.sync.claims import fetch_claims
from numtui.poller.sync.context import Poll
from numtui.poller.sync.together import all_of
from numtui.poller.sync.translate.account import (
    account_row,
    has_keys,
    have_keys,
    payout_rows,
    stake_transactions,
    wallet_transactions,
)
from numtui.poller.sync.translate.boards import entry_rows
from numtui.poller.sync.translate.rounds import config_count, config_rows, round_rows
from numtui.store.database import transaction
from numtui.store.queries.meta import get_meta_time
from numtui.store.queries.models import all_models
from numtui.store.queries.rounds import newest_round, oldest_unsettled
from numtui.store.writes import accounts, leaderboards, rounds
from numtui.store.writes.leaderboards import BoardKind
from numtui.store.writes.meta import set_meta

SETTLING = timedelta(days=14)  # a resolved round is fetched again for that long, until its payouts are settled
SCOPES_FOR = timedelta(minutes=10)  # what no tournament changes (wallet, scopes) is asked once for all three
SPARE_ROUNDS = 2  # the list of rounds may begin with one that is not open yet


async def fetch_rounds(poll: Poll) -> None:
    """All rounds the first time; later those that are new or not settled. Raises ApiErrors."""
    first = poll.seen("rounds") is None
    limit = None
    if not first:
        oldest = oldest_unsettled(poll.connection, poll.tournament, poll.context.clock.now() - SETTLING)
        last = newest_round(poll.connection, poll.tournament)
        limit = SPARE_ROUNDS if oldest is None or last is None else last - oldest + 1 + SPARE_ROUNDS
    answer = await poll.queries.rounds(poll.tournament, limit)
    rows, configs = round_rows(answer), config_rows(answer)
    lost = config_count(answer) - len(configs)
    rounds.put_rounds(poll.connection, poll.tournament, rows, configs)
    poll.write()
    if not answer:
        poll.failed("rounds", "the API lists no rounds")
    elif len(rows) < len(answer):
        poll.failed("rounds", "rounds came without their number")
    elif lost:
        poll.failed("rounds", f"{lost} scores of rounds came without name or version")


async def fetch_boards(poll: Poll) -> None:
    """Both leaderboards: a first page, visible at once, then the rest. Raises ApiErrors."""
    now = poll.context.clock.now()
    kinds: tuple[BoardKind, BoardKind] = ("model", "account")
    numbers = {kind: leaderboards.begin_snapshot(poll.connection, poll.tournament, kind, now) for kind in kinds}
    entries, nameless, keyless = dict.fromkeys(kinds, 0), 0, 0
    async for page in poll.queries.leaderboard_pages(poll.tournament):
        with transaction(poll.connection):
            for kind in kinds:
                listed = page.models if kind == "model" else page.accounts
                rows = entry_rows(listed)
                leaderboards.put_leaderboard_page(poll.connection, numbers[kind], poll.tournament, kind, rows)
                entries[kind] += len(rows)
                nameless += len(listed) - len(rows)
            keyless = page.nameless
        poll.write()
    nameless += keyless
    if nameless:  # to finish would make the nameless disappear
        poll.failed("leaderboard", f"{nameless} rows came without a name")
        return
    lacking = poll.queries.boards_lacking(poll.tournament)
    for kind, number in numbers.items():
        if kind in lacking:
            poll.failed("leaderboard", NotOffered(f"the leaderboard of {kind}s"))
        elif entries[kind]:
            leaderboards.finish_snapshot(poll.connection, number)
        else:
            poll.failed("leaderboard", f"the API lists no {kind}s; the old list stays")


async def fetch_account(poll: Poll) -> None:
    """Payouts, stake transactions and claims of the tournament; wallet and scopes once for all. Raises ApiErrors.

    What the key has no scope for is left out with a remark, since asking again would not help.
    """
    await all_of(_fetch_wide(poll), _fetch_payouts(poll), _fetch_stake_transactions(poll))
    await fetch_claims(poll)


async def _fetch_payouts(poll: Poll) -> None:
    payouts = (await poll.queries.payouts([poll.tournament]))[poll.tournament]
    if isinstance(payouts, Refused | NotOffered):
        poll.remarks.append(f"payouts: {payouts}")
    elif isinstance(payouts, GraphQLError):
        raise payouts
    elif payouts.actual is None or payouts.pending is None:
        poll.failed("account", "the API does not list the payouts")
    else:
        rows = payout_rows(payouts)
        whole = has_keys(payouts)
        accounts.put_payouts(poll.connection, poll.tournament, rows, complete=whole)
        if not whole:
            poll.failed("account", "payouts came without their round or model")


async def _fetch_stake_transactions(poll: Poll) -> None:
    mine = (model for model in all_models(poll.connection, poll.tournament) if model.mine)
    ids = [model.id for model in mine if model.id is not None]
    if not ids:
        return
    try:
        stakes = await poll.queries.stake_transactions(ids)
    except (Refused, NotOffered) as error:
        poll.remarks.append(f"stake transactions: {error}")
        return
    moves = stake_transactions(stakes)
    if have_keys(stakes):
        accounts.settle_transactions(poll.connection, "stake", moves, ids)
    else:
        accounts.put_transactions(poll.connection, moves)
        poll.failed("account", "stake transactions came without their time, type or amount")


async def _fetch_wide(poll: Poll) -> None:
    async with poll.context.wide:
        now = poll.context.clock.now()
        last = get_meta_time(poll.connection, "account time")
        if last is None or not timedelta() <= now - last < SCOPES_FOR:
            await _ask_wide(poll, now)


async def _ask_wide(poll: Poll, now: datetime) -> None:
    token, account, wallet = await all_of(poll.queries.token_info(), poll.queries.account(), poll.queries.wallet())
    username = (account and account.username) or (token and token.account_username)
    if not username:
        raise GraphQLError("it names no account")
    listed = None if wallet is None else wallet.wallet_txns
    whole = account is not None and account.id is not None and listed is not None
    whole = whole and all(row.tx_hash for row in listed or ())  # else asked again soon: the hash tells them apart
    with transaction(poll.connection):
        accounts.put_wallet(poll.connection, account_row(username, account, token))
        if wallet is not None:
            moves = wallet_transactions("wallet", listed or ())
            if have_keys(listed or ()):
                accounts.settle_transactions(poll.connection, "wallet", moves)
            else:
                accounts.put_transactions(poll.connection, moves)
                whole = False
                poll.failed("account", "movements of the wallet came without their time, type or amount")
            if wallet.pending_txns is not None:
                pending = wallet_transactions("pending", wallet.pending_txns)
                accounts.replace_transactions(poll.connection, "pending", pending)
        if whole:
            set_meta(poll.connection, "account time", time_text(now))


def forget_wide(poll: Poll) -> None:
    """Has the wallet and its movements asked again: a stake or the wallet has changed."""
    set_meta(poll.connection, "account time", None)
