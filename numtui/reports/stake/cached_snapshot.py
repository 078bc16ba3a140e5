"""The snapshot of the account in one tournament, from the cache."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from numtui.analysis.regimes import round_payout
from numtui.analysis.staking_system import system_in_force
from numtui.errors import NumtuiError
from numtui.model import Tournament
from numtui.money import ZERO
from numtui.reports.stake.snapshot import ModelState, OpenRound, Pending, Snapshot
from numtui.store.queries.rounds import RoundTimes, newest_resolve, rounds_under_way
from numtui.store.queries.stakes.account import Wallet, wallet
from numtui.store.queries.stakes.figures import OwnStake, StakeFigures, open_positions, own_stakes, stake_figures
from numtui.store.queries.terms import newest_stated, round_payouts, staking_system


class NoAccount(NumtuiError):  # noqa: N818  (the name says what is the matter)
    """The cache has no account: no keys were ever used with it."""


def known_account(connection: sqlite3.Connection) -> Wallet:
    """The account as the cache has it. NoAccount where none was read yet."""
    account = wallet(connection)
    if account is None:
        raise NoAccount("the cache has no account yet: set the API keys and run `numtui poll --once`")
    return account


def round_taking_stakes(rounds: Iterable[RoundTimes], now: datetime) -> OpenRound | None:
    """The first of these rounds that takes stakes at `now`; None where none does."""
    times = next((times for times in rounds if times.takes_stakes(now)), None)
    return None if times is None else OpenRound(times.round, times.staking_closes)


def worst_cases(connection: sqlite3.Connection, tournament: Tournament) -> dict[int, Decimal]:
    """The sum of at risk x clip over the unresolved rounds in NMR, by model number, for models with positions.

    A round without a known clip counts in full.
    """
    positions = open_positions(connection, tournament)
    payouts = round_payouts(connection, tournament, [*{position.round for position in positions}])
    sums: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for position in positions:
        clip = payouts[position.round].clip
        sums[position.model] += position.at_risk * (Decimal(1) if clip is None else clip)
    return dict(sums)


def pending_of(stake: OwnStake) -> Pending | None:
    """The change of a stake that is under way; None where there is none."""
    if stake.pending_type is None or stake.pending_amount is None:
        return None
    amount = abs(stake.pending_amount)
    return Pending(stake.pending_type.lower(), amount, stake.pending_due, stake.drain, stake.pending_id)


def own_figures(
    connection: sqlite3.Connection, tournament: Tournament, rows: Sequence[OwnStake], now: datetime
) -> dict[int, StakeFigures]:
    """The figures of the account's models by their number, under the staking system that is in force."""
    system = staking_system(connection, tournament)
    return stake_figures(connection, tournament, system, [row.model for row in rows], now)


def cached_models(
    connection: sqlite3.Connection,
    tournament: Tournament,
    rows: Sequence[OwnStake],
    figures: Mapping[int, StakeFigures],
) -> tuple[ModelState, ...]:
    """The account's models that are not archived, by name, with their stakes and what is at risk.

    A stake that is not known counts as none here: nothing can be released of it.
    """
    worst = worst_cases(connection, tournament)
    return tuple(
        ModelState(
            name=row.name,
            id=row.id,
            stake=figures[row.model].stake or ZERO,
            pending=pending_of(row),
            earliest_release=row.earliest_release,
            at_risk=figures[row.model].at_risk,
            worst_case=worst.get(row.model),
            per_round=figures[row.model].per_round,
        )
        for row in rows
    )


def cached_snapshot(
    connection: sqlite3.Connection,
    tournament: Tournament,
    now: datetime,
    figures: Mapping[int, StakeFigures] | None = None,
) -> Snapshot:
    """The account's tournament as the cache has it; `figures` where they have been read. NoAccount where no account was
    read yet."""
    account = known_account(connection)
    rows = own_stakes(connection, tournament)
    figures = own_figures(connection, tournament, rows, now) if figures is None else figures
    under_way = rounds_under_way(connection, tournament, now)
    stated = newest_stated(connection, tournament)
    system = system_in_force([stated] if stated else [])
    return Snapshot(
        account=account.username,
        tournament=tournament,
        system=system,
        models=cached_models(connection, tournament, rows, figures),
        available=account.available,
        taken_at=now.replace(microsecond=0),
        wallet=account.on_chain,
        open_round=round_taking_stakes(under_way, now),
        newest_round=under_way[0].round if under_way else None,
        last_resolve=newest_resolve(connection, tournament, now),
        unresolved=len(under_way),
        clip=round_payout(tournament, stated).clip if stated else None,
    )
