"""From the API's records to the cache's rows: what belongs to the account."""

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


def state_row(username: str, found: AccountState) -> WalletRow:
    """The wallet as every poll sees it."""
    row = WalletRow(
        username=username,
        wallet_address=found.wallet_address,
        available_nmr=found.available_nmr,
        held_withdrawals=found.held_for_pending_withdrawals,
        held_increases=found.held_for_scheduled_stake_increases,
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


def stake_row(number: int, found: OwnModel) -> StakeRow | None:
    """A model's stake with its pending change; None when the answer does not state the stake."""
    stake = found.v2_stake
    if stake is None:
        return None
    pending = stake.pending_v2_change_stake_request
    row = StakeRow(
        model=number,
        stake=stake.stake_value if stake.stake_value is not None else stake.latest_value,
        settled=stake.latest_value_settled,
        status=stake.status,
        take_profit=stake.take_profit,
        earliest_release=found.earliest_release_date,
        pending_id=pending.id if pending else None,
        pending_type=pending.type if pending else None,
        pending_status=pending.status if pending else None,
        pending_amount=pending.requested_amount if pending else None,
        pending_due=pending.due_date if pending else None,
        pending_drain=pending.drain if pending else None,
    )
    return plausible(row)


def submission_row(number: int, found: OwnModel) -> SubmissionRow | None:
    """A model's newest submission; None when it has none. Of several for one round the accepted one: a second upload
    that failed leaves it in force."""
    newest = _newest(number, found)
    if newest is None or status_of(newest.status) is SubmissionWord.ACCEPTED:
        return newest
    listed = [_listed(number, one) for one in found.latest_submissions or [] if one.round_number == newest.round]
    return next((one for one in listed if one.id and status_of(one.status) is SubmissionWord.ACCEPTED), newest)


def _newest(number: int, found: OwnModel) -> SubmissionRow | None:
    newest = found.latest_submission_v2
    if newest is not None and newest.id is not None:
        return _submission(number, newest, found)
    listed = [one for one in found.latest_submissions or [] if one.id is not None]
    if not listed:
        return None
    return _listed(number, max(listed, key=lambda one: one.timestamp or datetime.min.replace(tzinfo=UTC)))


def _listed(number: int, one: LatestSubmission) -> SubmissionRow:
    return plausible(SubmissionRow(number, one.id, one.round_number, one.status, one.timestamp))


def _submission(number: int, newest: Submission, found: OwnModel) -> SubmissionRow:
    of_round = next((one.round_number for one in found.latest_submissions or [] if one.id == newest.id), None)
    row = SubmissionRow(
        model=number,
        id=newest.id,
        round=newest.round.number if newest.round is not None else of_round,
        status=newest.status,
        time=newest.inserted_at,
        selected=newest.selected,
        churn=newest.prev_week_churn_max,
        turnover=newest.prev_week_turnover_max,
    )
    return plausible(row)


def wallet_transactions(source: str, found: Iterable[WalletTxn]) -> list[TransactionRow]:
    """Movements of the wallet (`wallet`), or those under way (`pending`)."""
    return _unique(
        TransactionRow(
            source=source,
            key=f"{source} {time_text(one.time)} {one.type} {one.tx_hash} {one.tournament} {one.amount}",
            time=one.time,
            tournament=one.tournament,
            type=one.type,
            status=one.status,
            amount=one.amount,
            hash=one.tx_hash,
        )
        for one in found
    )


def scheduled_transactions(found: Iterable[ScheduledStakeTxn]) -> list[TransactionRow]:
    """Stake changes that wait for their due date."""
    return _unique(
        TransactionRow(
            source="scheduled",
            key=f"scheduled {time_text(one.time)} {one.type} {one.tournament} {one.model} {one.amount}",
            time=one.time,
            tournament=one.tournament,
            model=one.model,
            type=one.type,
            status=one.status,
            amount=one.amount,
            due=one.due_date,
            drain=one.drain,
        )
        for one in found
    )


def stake_transactions(found: Iterable[StakeTxn]) -> list[TransactionRow]:
    """Changes of legacy stakes."""
    return _unique(
        TransactionRow(
            source="stake",
            key=f"stake {time_text(one.timestamp)} {one.type} {one.model_id} {one.round} {one.amount}",
            time=one.timestamp,
            tournament=one.tournament,
            model=one.model,
            model_id=one.model_id,
            round=one.round,
            type=one.type,
            amount=one.amount,
            value=one.value,
            note=one.note,
        )
        for one in found
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


def have_keys(found: Iterable[WalletTxn | StakeTxn]) -> bool:
    """Whether all these movements say when they were, of which type and how much: their key."""
    return all(
        (one.timestamp if isinstance(one, StakeTxn) else one.time) is not None
        and one.type is not None
        and one.amount is not None
        for one in found
    )


def payout_rows(found: Payouts) -> list[PayoutRow]:
    """Settled and pending payouts; where a round stands in both lists, it is settled."""
    rows = {(row.model_id, row.round): row for row in _payouts(found.pending or [], settled=False)}
    rows |= {(row.model_id, row.round): row for row in _payouts(found.actual or [], settled=True)}
    return list(rows.values())


def _payouts(found: Iterable[Payout], *, settled: bool) -> Iterable[PayoutRow]:
    for one in found:
        if is_round(one.round_number) and one.model_id:
            row = PayoutRow(
                round=one.round_number,
                model_id=one.model_id,
                model=one.model_display_name or one.model_name,
                settled=settled,
                payout=one.payout_nmr,
                payout_value=one.payout_value,
                currency=one.currency_symbol,
                resolve_date=(one.round_resolve_time or "")[:10] or None,
            )
            yield plausible(row)


def has_keys(found: Payouts) -> bool:
    """Whether every payout says of which round and model it is."""
    listed = [*(found.pending or []), *(found.actual or [])]
    return all(is_round(one.round_number) and one.model_id for one in listed)
