"""Fetching the claims of Atomic positions: what has resolved and waits to be claimed."""

from __future__ import annotations

from collections.abc import Iterable

from numtui.analysis.staking_system import System
from numtui.api.errors import NotOffered, Refused
from numtui.api.records.staking import StakeClaim, round_number
from numtui.model import Tournament
from numtui.money import nmr_of_wei
from numtui.poller.sync.context import Poll
from numtui.poller.sync.plausible import fits, is_round, plausible
from numtui.store.queries.stakes.account import wallet
from numtui.store.queries.terms import staking_system
from numtui.store.writes.claims import ClaimRow, put_claims

SCOPE = "web3_staking"


async def fetch_claims(poll: Poll) -> None:
    """The open claims of the wallet and of the strategy contract that the settings name. Raises ApiErrors.

    Nothing is asked where staking is not Atomic, or the key may not see claims.
    """
    account = wallet(poll.connection)
    if account is None or SCOPE not in (account.scopes or ()):
        return
    if staking_system(poll.connection, poll.tournament) is not System.ATOMIC:
        return
    strategy = poll.context.settings.staker.get(poll.tournament)
    addresses = {address.lower(): address for address in (account.address, strategy) if address}
    claims: list[StakeClaim] = []
    try:
        for address in addresses.values():
            claims += await poll.queries.stake_claims(poll.tournament, address)
    except (Refused, NotOffered) as error:
        poll.remarks.append(f"claims: {error}")
        return
    rows = claim_rows(claims, poll.tournament)
    put_claims(poll.connection, poll.tournament, rows, poll.context.clock.now(), strategy=bool(strategy))
    if len(rows) < len({(claim.api_model_id, claim.round_id, claim.staker) for claim in claims}):
        poll.failed("account", "claims came without their round or model")


def claim_rows(claims: Iterable[StakeClaim], tournament: Tournament) -> list[ClaimRow]:
    """The claims that say of which model and round they are, each once."""
    rows: dict[tuple[str, int, str], ClaimRow] = {}
    for claim in claims:
        number = round_number(claim.round_id, tournament)
        if claim.api_model_id and fits("model_id", claim.api_model_id) and is_round(number):
            amounts = (claim.payout_amount_wei, claim.burn_amount_wei, claim.claimable_amount_wei)
            row = ClaimRow(claim.api_model_id, number, claim.staker or "", *map(nmr_of_wei, amounts))
            rows[row[:3]] = plausible(row)
    return list(rows.values())
