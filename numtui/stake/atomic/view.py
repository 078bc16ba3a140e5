"""The view of an account's Atomic positions, read from the API: contracts, rounds, claims. Nothing is stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from numtui.api.errors import GraphQLError
from numtui.api.queries import Queries
from numtui.api.records.staking import StakeClaim, round_number
from numtui.model import Column, Kind, Row, Table, Tournament
from numtui.stake.atomic.claims import CLAIM_COLUMNS, claims_table
from numtui.stake.atomic.contracts import (
    CONFIG_COLUMNS,
    ROUND_COLUMNS,
    ChainRound,
    chain_round,
    config_table,
    rounds_table,
)

NEWEST_ROUNDS = 5
UNKNOWN_STAKER = (
    "unknown: claims may belong to your strategy contract; set staker in the settings file, such as [staker] and below "
    'it classic = "0x...", to the address that the dashboard shows'
)
STRATEGY_STAKE = "strategy stake"
STAKE_COLUMNS = (
    Column("time", Kind.TIME, doc="when the strategy staked"),
    Column("model", Kind.TEXT, doc="the model's name"),
    Column("round", Kind.INT, doc="the round's number"),
    Column("amount", Kind.NMR, doc="NMR"),
    Column("transaction", Kind.TEXT, doc="the hash of the transaction"),
    Column("tournament", Kind.TEXT, doc="classic, signals or crypto"),
)
PAYOUT_COLUMNS = (
    Column("round", Kind.INT, doc="the round's number"),
    Column("model", Kind.TEXT, doc="the model's name"),
    Column("payout", Kind.NMR, doc="NMR; a burn is negative"),
    Column("settled", Kind.BOOL, doc="true: settled; false: pending"),
    Column("tournament", Kind.TEXT, doc="classic, signals or crypto"),
)


class Stakers(NamedTuple):
    """The addresses that may have staked an account's positions; None is unknown."""

    wallet: str | None
    strategy: str | None = None

    @property
    def addresses(self) -> tuple[str, ...]:
        """Each once, in whatever case it is written."""
        return tuple({address.lower(): address for address in self if address}.values())


@dataclass(frozen=True, slots=True)
class AtomicView:
    """Contracts, rounds and claims as tables, and the claims with their proofs. `message` says what is missing.

    `stakes` and `payouts` are read where the key lacks the scope; None where the claims themselves could be read.
    """

    config: Table
    rounds: Table
    claims: Table
    proofs: tuple[StakeClaim, ...]
    message: str | None = None
    stakes: Table | None = None
    payouts: Table | None = None


async def read_atomic(
    queries: Queries,
    tournament: Tournament,
    stakers: Stakers,
    names: Mapping[str, str],
    numbers: Iterable[int] = (),
) -> AtomicView:
    """The view of one tournament for the account's addresses.

    The rounds `numbers` are shown beside the claims' rounds. Without the scope the tables are empty, the message names
    it, and stakes and payouts are read instead. Errors: Unreachable, RateLimited, BadAnswer.
    """
    try:
        config = await queries.stake_config(tournament)
        claims = await _claims(queries, tournament, stakers.addresses)
    except GraphQLError as error:
        return await without_scope(queries, tournament, str(error))
    claimed = [number for row in claims if (number := round_number(row.round_id, tournament)) is not None]
    rounds, problems = await _rounds(queries, tournament, dict.fromkeys([*numbers, *claimed]))
    resolves = {number: time for number, row in rounds.items() if (time := row.resolves) is not None}
    return AtomicView(
        Table("v3_config", CONFIG_COLUMNS, []) if config is None else config_table(config, tournament),
        rounds_table(rounds, tournament),
        claims_table(claims, tournament, dict(names), resolves),
        tuple(claims),
        "; ".join([*_no_claims(claims, stakers), *problems]) or None,
    )


def _no_claims(claims: Sequence[StakeClaim], stakers: Stakers) -> list[str]:
    """The message where no claim came."""
    if claims:
        return []
    if not stakers.addresses:
        return ["the account has no wallet address: claims cannot be looked up"]
    return ["nothing to claim"] if stakers.strategy else [UNKNOWN_STAKER]


async def _claims(queries: Queries, tournament: Tournament, stakers: Sequence[str]) -> list[StakeClaim]:
    """The claims of all these addresses, each once."""
    claims: dict[tuple[str | None, ...], StakeClaim] = {}
    for staker in stakers:
        for claim in await queries.stake_claims(tournament, staker):
            claims.setdefault(
                (claim.round_id, claim.api_model_id, claim.model_id, (claim.staker or staker).lower()), claim
            )
    return list(claims.values())


async def _rounds(
    queries: Queries, tournament: Tournament, numbers: Iterable[int]
) -> tuple[dict[int, ChainRound], list[str]]:
    """The rounds on the contract by number, and messages on those that did not come."""
    rounds: dict[int, ChainRound] = {}
    absent: list[str] = []
    problems: dict[str, None] = {}
    for number in numbers:
        try:
            record = await queries.stake_round(tournament, str(number))
        except GraphQLError as error:
            if "not found" in error.message.lower():
                absent.append(str(number))
            else:
                problems[str(error)] = None
            continue
        if record is None:
            absent.append(str(number))
        else:
            rounds[number] = chain_round(record)
    missing = [f"the staking contract has no {tournament.label} round {', '.join(absent)}"] if absent else []
    return rounds, [*missing, *problems]


async def read_own_atomic(queries: Queries, tournament: Tournament, strategy: str | None = None) -> AtomicView:
    """The same for the account whose keys are in use, with its newest rounds; `strategy` is the address of its strategy
    contract, where the user has set it. Errors as of `account` and `read_atomic`."""
    account = await queries.account()
    rounds = await queries.rounds(tournament, NEWEST_ROUNDS)
    models = (account.models if account else None) or []
    names = {row.id: row.name for row in models if row.id and row.name and row.tournament == tournament}
    numbers = [row.number for row in rounds if row.number is not None]
    wallet = account.wallet_address if account else None
    return await read_atomic(queries, tournament, Stakers(wallet, strategy), names, numbers)


async def without_scope(queries: Queries, tournament: Tournament, message: str) -> AtomicView:
    """The view without the scope: stakes that were made, and payouts of the last rounds."""
    stakes, payouts = await _strategy_stakes(queries, tournament), await _payouts(queries, tournament)
    return AtomicView(
        Table("v3_config", CONFIG_COLUMNS, []),
        Table("v3_rounds", ROUND_COLUMNS, []),
        Table("v3_claims", CLAIM_COLUMNS, []),
        (),
        message,
        stakes,
        payouts,
    )


async def _strategy_stakes(queries: Queries, tournament: Tournament) -> Table:
    try:
        transactions = await queries.stake_transactions(kind=STRATEGY_STAKE)
    except GraphQLError:
        transactions = []  # this too may need a scope that the key lacks: the message names one already
    rows: list[Row] = [
        (row.timestamp, row.model, row.round, row.amount, row.note, tournament.label)
        for row in transactions
        if row.tournament == tournament and (row.type or "").lower() == STRATEGY_STAKE
    ]
    return Table("v3_stakes", STAKE_COLUMNS, rows)


async def _payouts(queries: Queries, tournament: Tournament) -> Table:
    payouts = (await queries.payouts([tournament]))[tournament]
    if isinstance(payouts, GraphQLError):
        return Table("v3_payouts", PAYOUT_COLUMNS, [])
    listed = [*((row, False) for row in payouts.pending or []), *((row, True) for row in payouts.actual or [])]
    rows: list[Row] = [
        (row.round_number, row.model_display_name or row.model_name, row.payout_nmr, settled, tournament.label)
        for row, settled in sorted(listed, key=lambda each: each[0].round_number or 0, reverse=True)
    ]
    return Table("v3_payouts", PAYOUT_COLUMNS, rows)
