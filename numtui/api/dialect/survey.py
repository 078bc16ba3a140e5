"""Every document of ours asked once, to see which of their names a service knows, and by which spelling."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from numtui.api import documents
from numtui.api.answer import Answer
from numtui.api.client import ApiClient
from numtui.api.dialect.names import LEFT_OUT, Name
from numtui.api.documents import Document
from numtui.api.errors import ApiError
from numtui.api.queries import Queries
from numtui.model import Tournament

NOBODY = "nobody"  # asked about where nothing better is subjects: the names are checked before the values
NO_STAKER = "0x" + "0" * 40


@dataclass(frozen=True, slots=True)
class Subjects:
    """The model, account, round and wallet to ask about. The staker is the account's wallet, the rest public."""

    model: str = NOBODY
    model_id: str = NOBODY
    account: str = NOBODY
    round: int = 1
    staker: str = NO_STAKER


@dataclass(frozen=True, slots=True)
class SurveyAnswer:
    """A document as it was asked, and its answer or the error in its place."""

    document: Document
    answer: Answer | ApiError


async def known_subjects(queries: Queries) -> Subjects:
    """A model, an account, a round and a wallet that the service knows. Raises no ApiError."""
    subjects = Subjects()
    try:
        rounds = await queries.rounds(Tournament.CLASSIC, 2)
        board = await queries.leaderboard(Tournament.CLASSIC, 1)
        name = next((row.username for row in board.models if row.username), NOBODY)
        profile = (await queries.profiles(Tournament.CLASSIC, [name]))[name]
        subjects = Subjects(
            name,
            (profile and profile.id) or NOBODY,
            next((row.username for row in board.accounts if row.username), NOBODY),
            min((row.number for row in rounds if row.number is not None), default=1),
        )
        account = await queries.account() if queries.client.has_keys else None
    except ApiError:
        return subjects  # the questions below say what is wrong
    staker = (account and account.wallet_address) or NO_STAKER
    return Subjects(subjects.model, subjects.model_id, subjects.account, subjects.round, staker)


def questions(subjects: Subjects, fiat: str) -> list[tuple[Document, Mapping[str, object]]]:
    """Every document with what it is asked about, but the permission to stake: that is never asked for unbidden."""
    classic, model = int(Tournament.CLASSIC), {"m0": subjects.model_id}
    of_round = {"tournament": classic, "round": str(subjects.round)}
    idle = {"tournament": classic, "label": "classic", "newest": 1, "fiat": fiat}
    board = {"tournament": classic, "limit": 1, "models": 0, "accounts": 0}
    window = {"tournament": classic, "from": subjects.round, "to": subjects.round, **model}
    filters = {"tournament": classic, "last": 1, **model}
    return [
        (documents.idle(auth=False), idle),
        (documents.idle(auth=True), idle),
        (documents.rounds(), {"tournament": classic, "limit": 1}),
        *((documents.leaderboard(each), {**board, "tournament": int(each)}) for each in Tournament),
        (documents.profiles(1), {"tournament": classic, "m0": subjects.model}),
        (documents.performances(1, days=True, dates=True), window),
        (documents.submission_scores(1), filters),
        (documents.ACCOUNT_PROFILE, {"username": subjects.account, "tournament": classic}),
        (documents.ROUND_DETAILS, {"tournament": classic, "number": subjects.round}),
        (documents.ACCOUNT, {}),
        (documents.WALLET, {}),
        (documents.TOKEN_INFO, {}),
        (documents.payouts(tuple(Tournament)), {}),
        (documents.STAKE_TRANSACTIONS, {"limit": 1}),
        (documents.STAKE_CONFIG, {"tournament": classic}),
        (documents.STAKE_ROUND, of_round),
        (documents.STAKE_CLAIMS, {"staker": subjects.staker, "tournament": classic}),
        (documents.STAKE_CLAIM, {"round": str(subjects.round), "model": subjects.model_id, "staker": subjects.staker}),
        (documents.SERVICE_WALLET, {}),
    ]


async def survey(client: ApiClient, subjects: Subjects) -> AsyncIterator[SurveyAnswer]:
    """The answers to every document, each asked once; those about an account only with a key."""
    for document, variables in questions(subjects, client.settings.fiat):
        if document.auth and not client.has_keys:
            continue
        try:
            yield SurveyAnswer(document, await client.ask(document, variables))
        except ApiError as error:
            yield SurveyAnswer(document, error)


def names_asked(auth: bool) -> set[Name]:
    """All fields and arguments that the survey asks for, the account's only where `auth`."""
    from numtui.api.dialect.respelling import names_in

    asked = [document for document, _ in questions(Subjects(), "USD") if auth or not document.auth]
    return {name for document in asked for name in names_in(document.text)}


def left_out(names: Mapping[Name, str]) -> list[Name]:
    """Those of a dialect's names that the service knows in no spelling."""
    return sorted((name for name, spelling in names.items() if spelling == LEFT_OUT), key=str)
