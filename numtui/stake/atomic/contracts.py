"""Contracts and rounds of Atomic staking (v3), and their tables. Everything here only reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from numtui.api.records.staking import StakeConfig, StakeRound
from numtui.model import Column, Kind, Row, Table, Tournament
from numtui.money import nmr_of_wei
from numtui.stake.plan.table import DASHBOARD


def chain_time(text: str | None) -> datetime | None:
    """The time of a contract: seconds since 1970 or ISO 8601 as text; None for None, 0 and anything else."""
    if not text:
        return None
    if text.isdecimal():
        return datetime.fromtimestamp(int(text), UTC) if int(text) else None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


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


def chain_round(record: StakeRound) -> ChainRound:
    """The API's record with amounts in NMR and times as times."""
    state = None if record.state is None else record.state.upper()
    return ChainRound(
        record.round_id,
        state,
        state == "RESOLVED" if record.resolved is None and state is not None else record.resolved,
        chain_time(record.open_time),
        chain_time(record.close_time),
        chain_time(record.resolve_time),
        nmr_of_wei(record.total_staked),
        nmr_of_wei(record.total_payout),
        nmr_of_wei(record.remaining_payout),
        nmr_of_wei(record.remaining_burn),
    )


CONFIG_COLUMNS = (
    Column("name", Kind.TEXT, doc="what it is"),
    Column("value", Kind.TEXT, doc="address, or yes and no"),
    Column("tournament", Kind.TEXT, doc="classic, signals or crypto"),
)


def config_table(config: StakeConfig, tournament: Tournament) -> Table:
    """The contracts' addresses as rows."""
    named = {
        "staking contract": config.address,
        "NMR token": config.nmr_address,
        "authorization signer": config.authorization_signer,
        "owner": config.owner,
        "pending owner": config.pending_owner,
        "service wallet": config.service_wallet,
        "paused": None if config.paused is None else ("yes" if config.paused else "no"),
        "dashboard": DASHBOARD[tournament],
    }
    return Table("v3_config", CONFIG_COLUMNS, [(name, value, tournament.label) for name, value in named.items()])


ROUND_COLUMNS = (
    Column("round", Kind.INT, doc="the round's number"),
    Column("state", Kind.TEXT, doc="its state on the contract"),
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


def rounds_table(rounds: Mapping[int, ChainRound], tournament: Tournament) -> Table:
    """The rounds on the contract, by number, as rows."""
    rows: list[Row] = [
        (
            number,
            row.state,
            row.resolved,
            row.opens,
            row.closes,
            row.resolves,
            row.staked,
            row.payout,
            row.remaining_payout,
            row.remaining_burn,
            tournament.label,
        )
        for number, row in rounds.items()
    ]
    return Table("v3_rounds", ROUND_COLUMNS, rows)
