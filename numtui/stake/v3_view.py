"""What the API tells of an account's Atomic positions, read at once: contracts, rounds, claims. Nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from numtui.api.errors import GraphQLError
from numtui.api.queries import Queries
from numtui.api.staking_records import StakeClaim
from numtui.model import Column, Kind, Row, Table, Tournament
from numtui.stake.amounts import nmr_text, parse_nmr
from numtui.stake.errors import Stopped
from numtui.stake.v3 import (
    CLAIM_COLUMNS,
    CONFIG_COLUMNS,
    Authorization,
    ChainRound,
    authorize,
    chain_round,
    claims_table,
    config_table,
)

NEWEST_ROUNDS = 5
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


async def read_own_v3(queries: Queries, tournament: Tournament) -> V3View:
    """The same for the account whose keys are in use, with its newest rounds. Errors as of `account` and `read_v3`."""
    account = await queries.account()
    rounds = await queries.rounds(tournament, NEWEST_ROUNDS)
    models = (account.models if account else None) or []
    names = {one.id: one.name for one in models if one.id and one.name and one.tournament == tournament}
    numbers = tuple(str(one.number) for one in rounds if one.number is not None)
    return await read_v3(queries, tournament, account.wallet_address if account else None, names, numbers)


async def authorize_model(queries: Queries, tournament: Tournament, model: str, most: str) -> Authorization:
    """An authorisation to stake at most `most` NMR on the model's newest submission, because the user asked for it.

    PlanError for a wrong amount, Stopped where there is no such model, submission or wallet; ApiError as usual.
    """
    amount = nmr_text(parse_nmr(most, "--max"))
    account = await queries.account()
    models = (account.models if account else None) or []
    found = next((one for one in models if one.name == model and one.tournament == tournament), None)
    if account is None or found is None:
        raise Stopped(f"{model}: you have no {tournament.label} model of that name")
    if account.wallet_address is None:
        raise Stopped("the account has no wallet address")
    submission = found.latest_submission_v2
    if submission is None or submission.id is None:
        raise Stopped(f"{model} has no submission")
    return await authorize(queries, submission.id, account.wallet_address, amount)


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
