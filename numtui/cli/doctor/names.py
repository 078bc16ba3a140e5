"""The names that the API knows of ours, and the screens and columns that are poorer for what it lacks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from numtui.api.answer import Answer
from numtui.api.client import ApiClient
from numtui.api.dialect.names import LEFT_OUT, Name
from numtui.api.dialect.survey import SurveyAnswer, known_subjects, names_asked, survey
from numtui.api.dialect.types import ROOT, TYPE_OF
from numtui.api.errors import ApiError, NotOffered, Refused
from numtui.api.queries import Queries

# What is read from a type or a question: screens and commands.
USES = {
    "PipelineStatus": "Status, and when the poller fetches scores",
    "NmrPrice": "fiat amounts",
    "SymbolPriceConversion": "fiat amounts",
    "Round": "Rounds, export rounds, closing times",
    "RoundScoreConfig": "Rounds, Backtest, payouts and forecasts",
    "V2LeaderboardEntry": "Leaderboard of Classic, export leaderboard",
    "SignalsLeaderboardEntry": "Leaderboard of Signals, export leaderboard",
    "CryptosignalsLeaderboardEntry": "Leaderboard of Crypto, export leaderboard",
    "AccountLeaderboardEntry": "Leaderboard of accounts, export accounts",
    "SubmissionScore": "Rounds, Backtest, Models, export scores and drift",
    "ModelPayoutMultiplier": "Rounds, Backtest, payouts",
    "V2RoundModelPerformance": "Rounds, Backtest, Models, export scores and drift",
    "Returns": "Models",
    "Scores": "Models",
    "V3UserProfile": "models watched or named",
    "V2ChangeStakeRequest": "Stake, export stakes, stake status",
    "V2Stake": "Stake, Models, export stakes and models, stake status",
    "V2Submission": "Models, export submissions",
    "LatestSubmission": "Models, export submissions",
    "Model": "own models: Models, Stake, export models",
    "ScheduledStakeTxn": "Stake, stake status",
    "Account": "Stake, the wallet, own models",
    "StakeValue": "Stake",
    "ApiTokenInfo": "Status, the key's scopes",
    "WalletTxn": "Stake, the wallet's movements",
    "StakeTxn": "Stake, stake status and reconcile",
    "UserPayouts": "Stake, export payouts",
    "Payout": "Stake, export payouts",
    "ModelProfile": "an account's models",
    "AccountProfile": "an account's models",
    "RoundPayoutMultiplier": "a round's models",
    "HistogramData": "a round's models",
    "ModelData": "a round's models",
    "RoundDetails": "a round's models",
    "V3StakeConfig": "Atomic staking",
    "V3StakeRound": "Atomic staking",
    "V3StakeAuthorization": "Atomic staking: the permission to stake",
    "V3StakeClaim": "Atomic staking: claims",
    "V3StakeWallet": "Atomic staking: the service wallet",
}
QUESTIONS = {
    "pipelineStatus": "PipelineStatus",
    "rounds": "Round",
    "latestNmrPrice": "NmrPrice",
    "latestCurrencyPrice": "SymbolPriceConversion",
    "v2Leaderboard": "V2LeaderboardEntry",
    "signalsLeaderboard": "SignalsLeaderboardEntry",
    "cryptosignalsLeaderboard": "CryptosignalsLeaderboardEntry",
    "accountLeaderboard": "AccountLeaderboardEntry",
    "v3UserProfile": "V3UserProfile",
    "v2RoundModelPerformances": "V2RoundModelPerformance",
    "submissionScores": "SubmissionScore",
    "account": "Account",
    "apiTokenInfo": "ApiTokenInfo",
    "pendingModelPayouts": "UserPayouts",
    "stakeTransactions": "StakeTxn",
    "accountProfile": "AccountProfile",
    "roundDetails": "RoundDetails",
    "v3StakeConfig": "V3StakeConfig",
    "v3StakeRound": "V3StakeRound",
    "v3StakeClaims": "V3StakeClaim",
    "v3StakeClaim": "V3StakeClaim",
    "v3StakeServiceWallet": "V3StakeWallet",
}


@dataclass(frozen=True, slots=True)
class KnownName:
    """A name of ours that the API does not know by our first spelling. `spelling` None: by none."""

    name: str
    spelling: str | None
    used_by: str
    column: str | None


@dataclass(frozen=True, slots=True)
class Names:
    """The survey's result: the names asked for, those known otherwise or lacking, and documents that failed."""

    asked: int
    documents: int
    otherwise: list[KnownName]
    failed: list[tuple[str, ApiError]]

    @property
    def lacking(self) -> list[KnownName]:
        """The names that the API knows in no spelling."""
        return [name for name in self.otherwise if name.spelling is None]


async def examine_names(client: ApiClient) -> Names:
    """The names by asking every document once (those about an account only with a key). Raises no ApiError."""
    subjects = await known_subjects(Queries(client))
    asked = [answer async for answer in survey(client, subjects)]
    otherwise = sorted((known_name(*pair) for pair in client.dialect.names.items()), key=lambda name: name.name)
    return Names(len(names_asked(client.has_keys)), len(asked), otherwise, list(_failed(asked)))


def known_name(name: Name, spelling: str) -> KnownName:
    """A name with the spelling that the API takes, and what of ours reads it."""
    owner = QUESTIONS[name.field] if name.owner == ROOT else name.owner
    column = None if name.argument is not None or name.owner == ROOT else _attribute(name)
    return KnownName(str(name), None if spelling == LEFT_OUT else spelling, USES[owner], column)


def _attribute(name: Name) -> str:
    """Our word for a field."""
    records = [record for record, owner in TYPE_OF.items() if owner == name.owner]
    fields = [field for record in records for field in msgspec.structs.fields(record)]
    return next(field.name for field in fields if field.encode_name == name.field)


def _failed(asked: Iterable[SurveyAnswer]) -> Iterable[tuple[str, ApiError]]:
    """Documents whose answer did not come; parts that are not offered, refused or without a subject are no failure."""
    for reply in asked:
        if not isinstance(reply.answer, Answer):
            if not isinstance(reply.answer, Refused):
                yield reply.document.name, reply.answer
        elif not reply.answer.data:
            errors = [
                error for error in reply.answer.errors if not isinstance(error, NotOffered | Refused) and not error.path
            ]
            yield from ((reply.document.name, error) for error in errors[:1])
