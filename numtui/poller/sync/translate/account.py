"""Data of the account: wallet, stakes, submissions, movements of NMR and payouts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from numtui.analysis.submissions import Submission as SubmissionWord
from numtui.analysis.submissions import status_of
from numtui.api.records.account import (
    Account,
    AccountState,
    LatestSubmission,
    OwnModel,
    Payout,
    Payouts,
    ScheduledStakeTxn,
    StakeTxn,
    Submission,
    TokenInfo,
    WalletTxn,
)
from numtui.model import time_text
from numtui.poller.sync.plausible import is_round, plausible
from numtui.store.writes.accounts import PayoutRow, StakeRow, SubmissionRow, TransactionRow, WalletRow


def state_row(username: str, account: AccountState) -> WalletRow:
    """The wallet as every poll sees it."""
    row = WalletRow(
        username=username,
        wallet_address=account.wallet_address,
        available_nmr=account.available_nmr,
        held_withdrawals=account.held_for_pending_withdrawals,
        held_increases=account.held_for_scheduled_stake_increases,
    )
    return plausible(row)


def account_row(username: str, account: Account | None, token: TokenInfo | None) -> WalletRow:
    """The whole account and what its key may do, as far as these answers came."""
    scopes = None if token is None or token.scopes is None else " ".join(token.scopes)
    if account is None:
        return WalletRow(username=username, scopes=scopes)
    row = state_row(username, account)._replace(
        id=account.id,
        on_chain=account.on_chain_wallet_balance,
        currency=account.default_currency,
        scopes=scopes,
        max_model_slots=account.max_model_slots,
    )
    return plausible(row)


def stake_row(number: int, model: OwnModel) -> StakeRow | None:
    """A model's stake with its pending change; None when the answer does not state the stake."""
    stake = model.v2_stake
    if stake is None:
        return None
    pending = stake.pending_v2_change_stake_request
    row = StakeRow(
        model=number,
        stake=stake.stake_value if stake.stake_value is not None else stake.latest_value,
        settled=stake.latest_value_settled,
        status=stake.status,
        take_profit=stake.take_profit,
        earliest_release=model.earliest_release_date,
        pending_id=pending.id if pending else None,
        pending_type=pending.type if pending else None,
        pending_status=pending.status if pending else None,
        pending_amount=pending.requested_amount if pending else None,
        pending_due=pending.due_date if pending else None,
        pending_drain=pending.drain if pending else None,
    )
    return plausible(row)


def submission_row(number: int, model: OwnModel) -> SubmissionRow | None:
    """A model's newest submission; None when it has none. Of several for one round the accepted one: a second upload
    that failed leaves it in force."""
    newest = _newest(number, model)
    if newest is None or status_of(newest.status) is SubmissionWord.ACCEPTED:
        return newest
    listed = [_listed(number, item) for item in model.latest_submissions or [] if item.round_number == newest.round]
    return next((item for item in listed if item.id and status_of(item.status) is SubmissionWord.ACCEPTED), newest)


def _newest(number: int, model: OwnModel) -> SubmissionRow | None:
    newest = model.latest_submission_v2
    if newest is not None and newest.id is not None:
        return _submission(number, newest, model)
    listed = [item for item in model.latest_submissions or [] if item.id is not None]
    if not listed:
        return None
    return _listed(number, max(listed, key=lambda item: item.timestamp or datetime.min.replace(tzinfo=UTC)))


def _listed(number: int, item: LatestSubmission) -> SubmissionRow:
    return plausible(SubmissionRow(number, item.id, item.round_number, item.status, item.timestamp, item.filename))


def _submission(number: int, newest: Submission, model: OwnModel) -> SubmissionRow:
    of_round = next((item.round_number for item in model.latest_submissions or [] if item.id == newest.id), None)
    row = SubmissionRow(
        model=number,
        id=newest.id,
        round=newest.round.number if newest.round is not None else of_round,
        status=newest.status,
        time=newest.inserted_at,
        filename=newest.filename,
        selected=newest.selected,
        churn=newest.prev_week_churn_max,
        turnover=newest.prev_week_turnover_max,
    )
    return plausible(row)


def wallet_transactions(source: str, moves: Iterable[WalletTxn]) -> list[TransactionRow]:
    """Movements of the wallet (`wallet`), or those under way (`pending`)."""
    return _unique(
        TransactionRow(
            source=source,
            key=f"{source} {time_text(item.time)} {item.type} {item.tx_hash} {item.tournament} {item.amount}",
            time=item.time,
            tournament=item.tournament,
            type=item.type,
            status=item.status,
            amount=item.amount,
            hash=item.tx_hash,
        )
        for item in moves
    )


def scheduled_transactions(moves: Iterable[ScheduledStakeTxn]) -> list[TransactionRow]:
    """Stake changes that wait for their due date."""
    return _unique(
        TransactionRow(
            source="scheduled",
            key=f"scheduled {time_text(item.time)} {item.type} {item.tournament} {item.model} {item.amount}",
            time=item.time,
            tournament=item.tournament,
            model=item.model,
            type=item.type,
            status=item.status,
            amount=item.amount,
            due=item.due_date,
            drain=item.drain,
        )
        for item in moves
    )


def stake_transactions(moves: Iterable[StakeTxn]) -> list[TransactionRow]:
    """Changes of legacy stakes."""
    return _unique(
        TransactionRow(
            source="stake",
            key=f"stake {time_text(item.timestamp)} {item.type} {item.model_id} {item.round} {item.amount}",
            time=item.timestamp,
            tournament=item.tournament,
            model=item.model,
            model_id=item.model_id,
            round=item.round,
            type=item.type,
            amount=item.amount,
            value=item.value,
            note=item.note,
        )
        for item in moves
    )


def _unique(rows: Iterable[TransactionRow]) -> list[TransactionRow]:
    """Each movement once, though the answer may list it twice; those without time, type or amount are left out.

    Two that differ in anything are two: the second of a key gets a number.
    """
    seen: dict[str, int] = {}
    unique: list[TransactionRow] = []
    for row in dict.fromkeys(plausible(row) for row in rows):
        if row.time is None or row.type is None or row.amount is None:
            continue
        seen[row.key] = seen.get(row.key, 0) + 1
        unique.append(row if seen[row.key] == 1 else row._replace(key=f"{row.key} #{seen[row.key]}"))
    return unique


def have_keys(moves: Iterable[WalletTxn | StakeTxn]) -> bool:
    """Whether all these movements say when they were, of which type and how much: their key."""
    return all(
        (item.timestamp if isinstance(item, StakeTxn) else item.time) is not None
        and item.type is not None
        and item.amount is not None
        for item in moves
    )


def payout_rows(payouts: Payouts) -> list[PayoutRow]:
    """Settled and pending payouts; where a round stands in both lists, it is settled."""
    rows = {(row.model_id, row.round): row for row in _payouts(payouts.pending or [], settled=False)}
    rows |= {(row.model_id, row.round): row for row in _payouts(payouts.actual or [], settled=True)}
    return list(rows.values())


def _payouts(payouts: Iterable[Payout], *, settled: bool) -> Iterable[PayoutRow]:
    for item in payouts:
        if is_round(item.round_number) and item.model_id:
            row = PayoutRow(
                round=item.round_number,
                model_id=item.model_id,
                model=item.model_display_name or item.model_name,
                settled=settled,
                payout=item.payout_nmr,
                payout_value=item.payout_value,
                currency=item.currency_symbol,
                resolve_date=(item.round_resolve_time or "")[:10] or None,
            )
            yield plausible(row)


def has_keys(payouts: Payouts) -> bool:
    """Whether every payout says of which round and model it is."""
    listed = [*(payouts.pending or []), *(payouts.actual or [])]
    return all(is_round(item.round_number) and item.model_id for item in listed)
