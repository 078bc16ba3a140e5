"""The type of the service that each record of ours is read from: errors name a field by its type."""

from __future__ import annotations

import types
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec

from numtui.api.records import account as acc
from numtui.api.records import public as rec
from numtui.api.records import staking as v3

ROOT = "Query"

TYPE_OF: dict[type[msgspec.Struct], str] = {
    rec.PipelineStatus: "PipelineStatus",
    rec.NmrPrice: "NmrPrice",
    rec.CurrencyPrice: "SymbolPriceConversion",
    rec.RoundTimes: "Round",
    rec.Round: "Round",
    rec.RoundScoreConfig: "RoundScoreConfig",
    rec.ClassicEntry: "V2LeaderboardEntry",
    rec.SignalsEntry: "SignalsLeaderboardEntry",
    rec.CryptoEntry: "CryptosignalsLeaderboardEntry",
    rec.AccountEntry: "AccountLeaderboardEntry",
    rec.ScorePoint: "SubmissionScore",
    rec.SubmissionScore: "SubmissionScore",
    rec.RoundScore: "SubmissionScore",
    rec.PayoutMultiplier: "ModelPayoutMultiplier",
    rec.Performance: "V2RoundModelPerformance",
    rec.Returns: "Returns",
    rec.Scores: "Scores",
    rec.Profile: "V3UserProfile",
    acc.StakeRequest: "V2ChangeStakeRequest",
    acc.Stake: "V2Stake",
    acc.SubmissionRound: "Round",
    acc.Submission: "V2Submission",
    acc.LatestSubmission: "LatestSubmission",
    acc.OwnModel: "Model",
    acc.ScheduledStakeTxn: "ScheduledStakeTxn",
    acc.AccountState: "Account",
    acc.Account: "Account",
    acc.Wallet: "Account",
    acc.StakeValue: "StakeValue",
    acc.TokenInfo: "ApiTokenInfo",
    acc.WalletTxn: "WalletTxn",
    acc.StakeTxn: "StakeTxn",
    acc.Payouts: "UserPayouts",
    acc.Payout: "Payout",
    acc.ProfileModel: "ModelProfile",
    acc.AccountProfile: "AccountProfile",
    acc.DetailMultiplier: "RoundPayoutMultiplier",
    acc.Histogram: "HistogramData",
    acc.ModelDetail: "ModelData",
    acc.RoundDetails: "RoundDetails",
    v3.StakeConfig: "V3StakeConfig",
    v3.StakeRound: "V3StakeRound",
    v3.StakeAuthorization: "V3StakeAuthorization",
    v3.StakeClaim: "V3StakeClaim",
    v3.StakeWallet: "V3StakeWallet",
}
ROOT_FIELDS: dict[str, type[msgspec.Struct]] = {
    "pipelineStatus": rec.PipelineStatus,
    "rounds": rec.Round,
    "latestNmrPrice": rec.NmrPrice,
    "latestCurrencyPrice": rec.CurrencyPrice,
    "v2Leaderboard": rec.ClassicEntry,
    "signalsLeaderboard": rec.SignalsEntry,
    "cryptosignalsLeaderboard": rec.CryptoEntry,
    "accountLeaderboard": rec.AccountEntry,
    "v3UserProfile": rec.Profile,
    "v2RoundModelPerformances": rec.Performance,
    "submissionScores": rec.RoundScore,
    "account": acc.Account,
    "apiTokenInfo": acc.TokenInfo,
    "pendingModelPayouts": acc.Payouts,
    "stakeTransactions": acc.StakeTxn,
    "accountProfile": acc.AccountProfile,
    "roundDetails": acc.RoundDetails,
    "v3StakeConfig": v3.StakeConfig,
    "v3StakeRound": v3.StakeRound,
    "v3StakeClaims": v3.StakeClaim,
    "v3StakeClaim": v3.StakeClaim,
    "v3StakeAuth": v3.StakeAuthorization,
    "v3StakeServiceWallet": v3.StakeWallet,
}


def record_in(hint: Any) -> type[msgspec.Struct] | None:
    """The record within `X | None` or `list[X] | None`; None for a scalar."""
    while get_origin(hint) in (Union, types.UnionType, list):
        hint = next(option for option in get_args(hint) if option is not type(None))
    return hint if isinstance(hint, type) and issubclass(hint, msgspec.Struct) else None


@cache
def field_types() -> dict[tuple[str, str], str]:
    """The type of every field of ours that has fields itself, by its owner's type and its name."""
    table = {(ROOT, name): TYPE_OF[record] for name, record in ROOT_FIELDS.items()}
    for record, owner in TYPE_OF.items():
        hints = get_type_hints(record)
        for field in msgspec.structs.fields(record):
            inner = record_in(hints[field.name])
            if inner is not None:
                table[owner, field.encode_name] = TYPE_OF[inner]
    return table


def type_named(name: str) -> str | None:
    """Our name of a type that the service names; None for one that we ask nothing of."""
    if name == ROOT or name.endswith("QueryType"):
        return ROOT
    return name if name in TYPE_OF.values() else None
