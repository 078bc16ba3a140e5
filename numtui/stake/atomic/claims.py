"""Claims of Atomic positions as a table, and their proofs for the contract."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from numtui.api.records.staking import StakeClaim, round_number
from numtui.calendar import finalised_at
from numtui.model import Column, Kind, Row, Table, Tournament
from numtui.money import nmr_of_wei
from numtui.reports.stake.claims import Claim

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
    """Claims with amounts in NMR, the first deadline first. `names`: model id -> name; `resolves`: round number -> when
    it resolved."""
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
    return _by_deadline(rows)


def cached_claims_table(rows: Sequence[Claim]) -> Table:
    """The same table of claims as the last poll read them; what the cache does not keep is None."""
    return _by_deadline(
        [(row.round, row.model, None, None, row.claimable, row.deadline, None, row.tournament.label) for row in rows]
    )


def _by_deadline(rows: list[Row]) -> Table:
    deadline, number, model = (
        [column.name for column in CLAIM_COLUMNS].index(name) for name in ("deadline", "round", "model")
    )
    rows.sort(key=lambda row: (str(row[deadline] or "~"), str(row[number]), str(row[model])))
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
