"""Staking v3 (Atomic) for the eye: contracts, rounds, claims. Everything here only reads.

An authorisation is fetched only when the user asks for it, shown once, and lives nowhere else: its record hides the
signature from repr, cannot be pickled or copied, and gives itself away a single time.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NoReturn, Protocol

from numtui.api.records.staking import StakeAuthorization, StakeClaim, StakeConfig, StakeRound
from numtui.calendar import next_run
from numtui.model import Column, Kind, Row, Table, Tournament
from numtui.money import nmr_of_wei
from numtui.stake.errors import Stopped
from numtui.stake.plan.table import DASHBOARD

CLAIM_WINDOW = timedelta(days=7)  # the first run after that finalises a position for its owner
NUMBERS = 100_000  # a round's id that is no plain number holds the tournament's before five digits of the round's


def chain_time(text: str | None) -> datetime | None:
    """The time of a contract: seconds since 1970 or ISO 8601 as text; None for None, 0 and anything else."""
    if not text:
        return None
    if text.isdecimal():
        return datetime.fromtimestamp(int(text), UTC) if int(text) else None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def round_number(text: str | None, tournament: Tournament) -> int | None:
    """The plain number of a round on the contract, also of an id such as 801343; None where the text is neither."""
    if text is None or not text.isdecimal():
        return None
    prefix, number = divmod(int(text), NUMBERS)
    return number if prefix in (0, int(tournament)) else None


def finalised_at(resolved: datetime | None) -> datetime | None:
    """When a position that was not claimed is finalised for its owner: by the first run after more than 7 days.

    Rounds resolve within a run, so later runs are taken to be at the same time of day.
    """
    if resolved is None:
        return None
    return next_run(resolved + CLAIM_WINDOW + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class ChainRound:
    """A round on the contract; `state` in capitals, totals in NMR."""

    id: str | None
    state: str | None
    resolved: bool | None
    opens: datetime | None
    closes: datetime | None
    resolves: datetime | None
    staked: Decimal | None
    payout: Decimal | None
    remaining_payout: Decimal | None
    remaining_burn: Decimal | None


def chain_round(found: StakeRound) -> ChainRound:
    """The API's record with amounts in NMR and times as times."""
    state = None if found.state is None else found.state.upper()
    return ChainRound(
        found.round_id,
        state,
        state == "RESOLVED" if found.resolved is None and state is not None else found.resolved,
        chain_time(found.open_time),
        chain_time(found.close_time),
        chain_time(found.resolve_time),
        nmr_of_wei(found.total_staked),
        nmr_of_wei(found.total_payout),
        nmr_of_wei(found.remaining_payout),
        nmr_of_wei(found.remaining_burn),
    )


CONFIG_COLUMNS = (
    Column("name", Kind.TEXT, doc="what it is"),
    Column("value", Kind.TEXT, doc="address, or yes and no"),
    Column("tournament", Kind.TEXT, doc="classic, signals or crypto"),
)


def config_table(found: StakeConfig, tournament: Tournament) -> Table:
    """The contracts' addresses as rows."""
    named = {
        "staking contract": found.address,
        "NMR token": found.nmr_address,
        "authorization signer": found.authorization_signer,
        "owner": found.owner,
        "pending owner": found.pending_owner,
        "service wallet": found.service_wallet,
        "paused": None if found.paused is None else ("yes" if found.paused else "no"),
        "dashboard": DASHBOARD[tournament],
    }
    return Table("v3_config", CONFIG_COLUMNS, [(name, value, tournament.label) for name, value in named.items()])


CLAIM_COLUMNS = (
    Column("round", Kind.INT, doc="the round's number"),
    Column("model", Kind.TEXT, doc="the model's name, or its id where that is not yours"),
    Column("payout", Kind.NMR, doc="what the round paid"),
    Column("burn", Kind.NMR, doc="what it burnt"),
    Column("claimable", Kind.NMR, doc="what the claim brings, stake and payout less burn"),
    Column("deadline", Kind.TIME, doc="the first run more than 7 days after the resolution: it finalises it for you"),
    Column("staker", Kind.TEXT, doc="the address that staked: your wallet or your strategy contract"),
    Column("tournament", Kind.TEXT, doc="classic, signals or crypto"),
)


def claims_table(
    claims: list[StakeClaim], tournament: Tournament, names: dict[str, str], resolves: dict[int, datetime]
) -> Table:
    """Claims with amounts in NMR. `names`: model id -> name; `resolves`: round number -> when it resolved."""
    rows: list[Row] = []
    for claim in claims:
        number = round_number(claim.round_id, tournament)
        rows.append(
            (
                number,
                names.get(claim.api_model_id or "", claim.api_model_id),
                nmr_of_wei(claim.payout_amount_wei),
                nmr_of_wei(claim.burn_amount_wei),
                nmr_of_wei(claim.claimable_amount_wei),
                None if number is None else finalised_at(resolves.get(number)),
                claim.staker,
                tournament.label,
            )
        )
    return Table("v3_claims", CLAIM_COLUMNS, rows)


def claim_proof(claim: StakeClaim) -> str:
    """A claim with its Merkle proof as JSON for the contract. Proofs are public; they sign nothing."""
    document = {
        "roundId": claim.round_id,
        "tournamentId": claim.tournament_id,
        "modelId": claim.model_id,
        "staker": claim.staker,
        "submissionId": claim.submission_id,
        "payoutAmountWei": claim.payout_amount_wei,
        "burnAmountWei": claim.burn_amount_wei,
        "claimableAmountWei": claim.claimable_amount_wei,
        "merkleRoot": claim.merkle_root,
        "proof": claim.proof,
    }
    return json.dumps(document, indent=2) + "\n"


class AuthorizationSource(Protocol):
    """What fetches an authorisation: numtui.api.queries.Queries does."""

    async def stake_auth(self, submission_id: str, staker: str, max_amount: str) -> StakeAuthorization | None:
        """The API's authorisation to stake at most `max_amount` on a submission."""
        ...


class Authorization:
    """A short-lived permission to stake, to be shown once. Nothing of it is in its repr; it cannot be stored."""

    __slots__ = ("_lines",)

    def __init__(self, found: StakeAuthorization) -> None:
        self._lines: tuple[str, ...] | None = tuple(
            f"{name}: {getattr(found, name)}" for name in found.__struct_fields__ if getattr(found, name) is not None
        )

    def show_once(self) -> tuple[str, ...]:
        """The lines to show; a second call raises Stopped."""
        lines, self._lines = self._lines, None
        if lines is None:
            raise Stopped("the authorisation was shown already: ask for a new one")
        return lines

    def __repr__(self) -> str:
        return "<Authorization: shown once, never stored>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        """It cannot be pickled or copied."""
        raise TypeError("an authorisation is never stored")


async def authorize(source: AuthorizationSource, submission_id: str, staker: str, max_amount: str) -> Authorization:
    """Ask for an authorisation, only because the user did. Stopped where the API gives none; ApiError as usual."""
    found = await source.stake_auth(submission_id, staker, max_amount)
    if found is None:
        raise Stopped("the API gave no authorisation")
    return Authorization(found)
