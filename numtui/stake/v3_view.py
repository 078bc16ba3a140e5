"""What the API tells of an account's Atomic positions, read at once: contracts, rounds, claims. Nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from numtui.api.errors import GraphQLError
from numtui.api.queries import Queries
from numtui.api.staking_records import StakeClaim
from numtui.model import Column, Kind, Row, Table, Tournament
from numtui.stake.v3 import CLAIM_COLUMNS, CONFIG_COLUMNS, ChainRound, chain_round, claims_table, config_table

ROUND_COLUMNS = (
    Column("round", Kind.TEXT, doc="the round's id on the contract"),
    Column("state", Kind.TEXT, doc="its state there"),
    Column("resolved", Kind.BOOL, doc="whether it has resolved there"),
    Column("opens", Kind.TIME, doc="when it opened"),
    Column("closes", Kind.TIME, doc="when it takes no more stakes"),
    Column("resolves", Kind.TIME, doc="when it resolves"),
    Column("staked", Kind.NMR, doc="NMR staked on it by all"),
    Column("payout", Kind.NMR, doc="NMR that it pays to all"),
    Column("remaining_payout", Kind.NMR, "unclaimed", doc="payout not claimed yet"),
    Column("remaining_burn", Kind.NMR, "unburnt", doc="burn not taken yet"),
    Column("tournament", Kind.TEXT, doc="classic, signals or crypto"),
)


@dataclass(frozen=True, slots=True)
class V3View:
    """Contracts, rounds and claims as tables, and the claims with their proofs. `message` says what is missing."""

    config: Table
    rounds: Table
    claims: Table
    proofs: tuple[StakeClaim, ...]
    message: str | None = None


async def read_v3(
    queries: Queries,
    tournament: Tournament,
    staker: str | None,
    names: Mapping[str, str],
    round_ids: tuple[str, ...] = (),
) -> V3View:
    """The view of one tournament for the wallet `staker`; `round_ids` are shown beside the claims' rounds.

    Without the scope the tables are empty and the message names it. Errors: Unreachable, RateLimited, BadAnswer.
    """
    empty = V3View(
        Table("v3_config", CONFIG_COLUMNS, []),
        Table("v3_rounds", ROUND_COLUMNS, []),
        Table("v3_claims", CLAIM_COLUMNS, []),
        (),
    )
    try:
        config = await queries.stake_config(tournament)
        claims = await queries.stake_claims(tournament, staker) if staker else []
    except GraphQLError as error:
        return V3View(empty.config, empty.rounds, empty.claims, (), str(error))
    wanted = dict.fromkeys([*round_ids, *(claim.round_id for claim in claims if claim.round_id)])
    rounds: dict[str, ChainRound] = {}
    message = None if staker else "the account has no wallet address: claims cannot be looked up"
    for one in wanted:
        try:
            found = await queries.stake_round(tournament, one)
        except GraphQLError as error:
            message = str(error)
            continue
        if found is not None:
            rounds[one] = chain_round(found)
    resolves = {key: at for key, one in rounds.items() if (at := one.resolves) is not None}
    return V3View(
        empty.config if config is None else config_table(config, tournament),
        _rounds_table(rounds, tournament),
        claims_table(claims, tournament, dict(names), resolves),
        tuple(claims),
        message,
    )


def _rounds_table(rounds: Mapping[str, ChainRound], tournament: Tournament) -> Table:
    rows: list[Row] = [
        (
            key,
            one.state,
            one.resolved,
            one.opens,
            one.closes,
            one.resolves,
            one.staked,
            one.payout,
            one.remaining_payout,
            one.remaining_burn,
            tournament.label,
        )
        for key, one in rounds.items()
    ]
    return Table("v3_rounds", ROUND_COLUMNS, rows)
