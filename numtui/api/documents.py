"""Our GraphQL documents. Their fields are those of the records, so that asking and reading cannot differ.

A test checks each against the schema. Only queries live here. The two changes of ours (drain, cancel) are in
numerapi_adapter.py, where changes are guarded; increase and decrease are numerapi's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import get_type_hints

import msgspec

from numtui.api.dialect.types import record_in
from numtui.api.errors import MutationsForbidden
from numtui.api.records import account as acc
from numtui.api.records import public as rec
from numtui.api.records import staking as v3
from numtui.model import Tournament

HEAVY_ALIASES = 3  # more heavy performance fields in one request have been refused as too complex
SCORE_ALIASES = 20  # submissionScores in one request
NEWEST_ROUNDS = 5  # enough to notice a new round although nobody looked for a long weekend

LEADERBOARDS: dict[Tournament, tuple[str, type[rec.ModelEntry]]] = {
    Tournament.CLASSIC: ("v2Leaderboard", rec.ClassicEntry),
    Tournament.SIGNALS: ("signalsLeaderboard", rec.SignalsEntry),
    Tournament.CRYPTO: ("cryptosignalsLeaderboard", rec.CryptoEntry),
}


@dataclass(frozen=True, slots=True)
class Document:
    """A query under a `name` for logs and statistics. `auth`: it is sent with the API key."""

    name: str
    text: str
    auth: bool = False

    def __post_init__(self) -> None:
        # Nothing but a query may take the road that retries.
        if "mutation" in self.text or not self.text.startswith("query"):
            raise MutationsForbidden(f"{self.name} is no query")


def selection(record: type[msgspec.Struct], omit: Iterable[str] = ()) -> str:
    """The selection set `{ ... }` of a record and the records inside it, without the API fields named in `omit`."""
    hints, left_out = get_type_hints(record), frozenset(omit)
    parts = []
    for field in msgspec.structs.fields(record):
        if field.encode_name in left_out:
            continue
        inner = record_in(hints[field.name])
        # Under an alias the answer keeps this spelling; without one a service may print its own.
        name = f"{field.encode_name}: {field.encode_name}" if "_" in field.encode_name else field.encode_name
        parts.append(name if inner is None else f"{name} {selection(inner, left_out)}")
    return "{ " + " ".join(parts) + " }"


@cache
def idle(auth: bool) -> Document:
    """An idle poll of one tournament: aliases pipeline, open, newest, nmr, fiat and, with keys, account."""
    account = f" account {selection(acc.AccountState)}" if auth else ""
    text = (
        "query Idle($tournament: Int!, $label: String!, $date: String, $newest: Int!, $fiat: String!) {"
        f" pipeline: pipelineStatus(tournament: $label, date: $date) {selection(rec.PipelineStatus)}"
        f" open: rounds(tournament: $tournament, status: OPEN) {selection(rec.RoundTimes)}"
        f" newest: rounds(tournament: $tournament, limit: $newest) {selection(rec.RoundTimes)}"
        f" nmr: latestNmrPrice {selection(rec.NmrPrice)}"
        f' fiat: latestCurrencyPrice(baseSymbol: "NMR", targetSymbol: $fiat) {selection(rec.CurrencyPrice)}'
        f"{account} }}"
    )
    return Document("idle", text, auth)


@cache
def rounds() -> Document:
    """Rounds with their score configurations."""
    text = (
        "query Rounds($tournament: Int!, $number: Int, $status: RoundStatus, $limit: Int) {"
        " rounds(tournament: $tournament, number: $number, status: $status, limit: $limit)"
        f" {selection(rec.Round)} }}"
    )
    return Document("rounds", text)


@cache
def leaderboard(tournament: Tournament, models: bool = True, accounts: bool = True) -> Document:
    """A page of the tournament's leaderboards: aliases models and accounts, each from its own offset."""
    field, entry = LEADERBOARDS[tournament]
    declared, parts = ["$limit: Int!"], []
    if models:
        declared.append("$models: Int!")
        parts.append(f"models: {field}(limit: $limit, offset: $models) {selection(entry)}")
    if accounts:
        declared.append("$tournament: Int!, $accounts: Int!")
        board = "accountLeaderboard(tournament: $tournament, limit: $limit, offset: $accounts)"
        parts.append(f"accounts: {board} {selection(rec.AccountEntry)}")
    return Document("leaderboard", f"query Leaderboard({', '.join(declared)}) {{ {' '.join(parts)} }}")


@cache
def profiles(count: int) -> Document:
    """`count` models' public pages by name: aliases m0, m1, ..."""
    names = ", ".join(f"$m{i}: String!" for i in range(count))
    body = selection(rec.Profile)
    parts = " ".join(f"m{i}: v3UserProfile(modelName: $m{i}, tournament: $tournament) {body}" for i in range(count))
    return Document("profiles", f"query Profiles($tournament: Int!, {names}) {{ {parts} }}")


@cache
def performances(count: int, days: bool, dates: bool) -> Document:
    """`count` models' rounds with stakes, payouts and scores, those of every day where `days`: aliases m0, m1, ..."""
    ids = ", ".join(f"$m{i}: ID!" for i in range(count))
    every_day = selection(rec.ScorePoint, () if dates else ("date",))
    body = selection(rec.Performance, ("intraRoundSubmissionScores",))
    if days:
        body = f"{body[:-1]}intraRoundSubmissionScores {every_day} }}"
    window = "tournament: $tournament, roundNumber__gte: $from, roundNumber__lte: $to, lastNRounds: $last"
    parts = " ".join(f"m{i}: v2RoundModelPerformances(modelId: $m{i}, {window}) {body}" for i in range(count))
    head = f"$tournament: Int!, $from: Int, $to: Int, $last: Int, {ids}"
    return Document("performances", f"query Performances({head}) {{ {parts} }}")


@cache
def submission_scores(count: int) -> Document:
    """`count` models' scores of any day: aliases m0, m1, ..."""
    ids = ", ".join(f"$m{i}: ID!" for i in range(count))
    declared = "$tournament: Int, $name: String, $version: String, $day: Int, $resolved: Boolean"
    filters = "tournament: $tournament, displayName: $name, version: $version, day: $day, resolved: $resolved"
    newest = "lastNRounds: $last, distinctOnRound: $distinct"
    body = selection(rec.RoundScore)
    parts = " ".join(f"m{i}: submissionScores(modelId: $m{i}, {filters}, {newest}) {body}" for i in range(count))
    head = f"{declared}, $last: Int, $distinct: Boolean, {ids}"
    return Document("submission_scores", f"query SubmissionScores({head}) {{ {parts} }}")


@cache
def payouts(tournaments: tuple[Tournament, ...]) -> Document:
    """Settled and pending payouts: one alias a tournament, its label."""
    body = selection(acc.Payouts)
    parts = " ".join(f"{t.label}: pendingModelPayouts(tournament: {int(t)}) {body}" for t in tournaments)
    return Document("payouts", f"query Payouts {{ {parts} }}", auth=True)


ACCOUNT = Document("account", f"query Account {{ account {selection(acc.Account)} }}", auth=True)
WALLET = Document("wallet", f"query Wallet {{ account {selection(acc.Wallet)} }}", auth=True)
TOKEN_INFO = Document("token_info", f"query TokenInfo {{ apiTokenInfo {selection(acc.TokenInfo)} }}", auth=True)
STAKE_TRANSACTIONS = Document(
    "stake_transactions",
    "query StakeTransactions($ids: [ID], $type: String, $limit: Int, $offset: Int) {"
    f" stakeTransactions(modelIds: $ids, type: $type, limit: $limit, offset: $offset) {selection(acc.StakeTxn)} }}",
    auth=True,
)
ACCOUNT_PROFILE = Document(
    "account_profile",
    "query AccountProfile($username: String!, $tournament: Int!) {"
    f" accountProfile(username: $username, tournament: $tournament) {selection(acc.AccountProfile)} }}",
)
ROUND_DETAILS = Document(
    "round_details",
    "query RoundDetails($tournament: Int!, $number: Int!) {"
    f" roundDetails(tournament: $tournament, roundNumber: $number) {selection(acc.RoundDetails)} }}",
)
STAKE_CONFIG = Document(
    "v3_config",
    f"query StakeConfig($tournament: Int!) {{ v3StakeConfig(tournamentId: $tournament) {selection(v3.StakeConfig)} }}",
    auth=True,
)
STAKE_ROUND = Document(
    "v3_round",
    "query StakeRound($round: String!, $tournament: Int!) {"
    f" v3StakeRound(roundId: $round, tournamentId: $tournament) {selection(v3.StakeRound)} }}",
    auth=True,
)
STAKE_CLAIMS = Document(
    "v3_claims",
    "query StakeClaims($staker: String!, $tournament: Int!) {"
    f" v3StakeClaims(staker: $staker, tournamentId: $tournament) {selection(v3.StakeClaim)} }}",
    auth=True,
)
STAKE_CLAIM = Document(
    "v3_claim",
    "query StakeClaim($round: String!, $model: ID!, $staker: String!) {"
    f" v3StakeClaim(roundId: $round, modelId: $model, staker: $staker) {selection(v3.StakeClaim)} }}",
    auth=True,
)
STAKE_AUTH = Document(
    "v3_auth",
    "query StakeAuth($submission: ID!, $staker: String!, $max: String!) {"
    f" v3StakeAuth(submissionId: $submission, staker: $staker, maxAmount: $max) {selection(v3.StakeAuthorization)} }}",
    auth=True,
)
SERVICE_WALLET = Document(
    "v3_wallet", f"query ServiceWallet {{ v3StakeServiceWallet {selection(v3.StakeWallet)} }}", auth=True
)


def every_document() -> tuple[Document, ...]:
    """Each document in each of its shapes, for the check against the schema."""
    boards = [leaderboard(t, *kinds) for t in Tournament for kinds in ((True, True), (True, False), (False, True))]
    heavy = [performances(n, days, dates) for n in (1, 3) for days in (False, True) for dates in (False, True)]
    fixed = [value for value in globals().values() if isinstance(value, Document)]
    return (
        *(idle(auth) for auth in (False, True)),
        rounds(),
        *boards,
        *(profiles(n) for n in (1, 3)),
        *heavy,
        *(submission_scores(n) for n in (1, 20)),
        payouts(tuple(Tournament)),
        *fixed,
    )
