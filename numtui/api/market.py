"""Questions about a tournament: what may have moved, rounds, leaderboards, profiles. None but `idle` needs a key."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar, cast

from numtui.api import documents
from numtui.api.account_records import AccountProfile, AccountState, RoundDetails
from numtui.api.answer import Answer
from numtui.api.client import ApiClient
from numtui.api.errors import ApiError, GraphQLError, Refused
from numtui.api.records import (
    AccountEntry,
    CurrencyPrice,
    LeaderboardEntry,
    ModelEntry,
    NmrPrice,
    PipelineStatus,
    Profile,
    Round,
    RoundTimes,
)
from numtui.api.splitting import ask_each
from numtui.model import Tournament

log = logging.getLogger(__name__)

T = TypeVar("T")
E = TypeVar("E", bound=LeaderboardEntry)

SERVER_TROUBLE = re.compile(r"internal|time.?out|timed out|unavailable|try again", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Idle:
    """What may have moved in a tournament. A part that did not come is None or empty, its error in `errors` by name."""

    pipeline: PipelineStatus | None
    open_rounds: list[RoundTimes]
    newest_rounds: list[RoundTimes]
    nmr_usd: NmrPrice | None
    nmr_fiat: CurrencyPrice | None
    account: AccountState | None
    errors: dict[str, GraphQLError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LeaderboardPage:
    """Rows of both leaderboards, in the API's order; `nameless` of them were left out so far: they have no key."""

    models: list[ModelEntry]
    accounts: list[AccountEntry]
    nameless: int = 0


class MarketQueries:
    """Public questions, on a client."""

    def __init__(self, client: ApiClient) -> None:
        self.client = client

    async def idle(self, tournament: Tournament, *, auth: bool, date: str | None = None) -> Idle:
        """Pipeline, open and newest rounds, prices and, where `auth`, the account, all in one request.

        `date` ("2026-08-28", else today) is the pipeline's. An error in one part leaves the others.
        """
        variables = {
            "tournament": int(tournament),
            "label": tournament.label,
            "date": date,
            "newest": documents.NEWEST_ROUNDS,
            "fiat": self.client.settings.fiat,
        }
        answer = await self.client.ask(documents.idle(auth), variables)
        errors: dict[str, GraphQLError] = {}

        def part(alias: str, wanted: type[T]) -> T | None:
            try:
                return answer.part(alias, wanted, blanks=True)
            except GraphQLError as error:
                errors[alias] = error
                return None

        return Idle(
            pipeline=part("pipeline", PipelineStatus),
            open_rounds=part("open", list[RoundTimes]) or [],
            newest_rounds=part("newest", list[RoundTimes]) or [],
            nmr_usd=part("nmr", NmrPrice),
            nmr_fiat=part("fiat", CurrencyPrice),
            account=part("account", AccountState) if auth else None,
            errors=errors,
        )

    async def rounds(
        self, tournament: Tournament, limit: int | None = None, *, number: int | None = None, status: str | None = None
    ) -> list[Round]:
        """Rounds with their score configurations; `status`: UPCOMING, OPEN, RESOLVING or RESOLVED."""
        variables = {"tournament": int(tournament), "limit": limit, "number": number, "status": status}
        answer = await self.client.ask(documents.rounds(), variables)
        return answer.part("rounds", list[Round], blanks=True) or []

    async def leaderboard(
        self, tournament: Tournament, limit: int, offset: int = 0, *, models: bool = True, accounts: bool = True
    ) -> LeaderboardPage:
        """`limit` rows of each leaderboard from `offset` on, in one request; either kind can be switched off."""
        offsets = (offset if models else None, offset if accounts else None)
        answer = await self._ask_leaderboards(tournament, limit, *offsets)
        return LeaderboardPage(
            models=(answer.part("models", _entries(tournament)) or []) if models else [],
            accounts=(answer.part("accounts", list[AccountEntry]) or []) if accounts else [],
        )

    async def leaderboard_pages(
        self, tournament: Tournament, first: int = 500, large: int = 10_000
    ) -> AsyncIterator[LeaderboardPage]:
        """All rows of both leaderboards, each row once: `first` of each, then `large` pages.

        Whatever page size the server allows, it goes on until a page brings nothing new.
        """
        models: _Progress[ModelEntry] = _Progress()
        accounts: _Progress[AccountEntry] = _Progress()
        limit = first
        while not (models.complete and accounts.complete):
            answer = await self._ask_leaderboards(tournament, limit, models.next_offset, accounts.next_offset)
            ranked = models.take(models.page(answer, "models", _entries(tournament)), limit)
            owners = accounts.take(accounts.page(answer, "accounts", list[AccountEntry]), limit)
            nameless = models.nameless + accounts.nameless
            if ranked or owners or nameless:
                yield LeaderboardPage(ranked, owners, nameless)
            limit = large

    async def _ask_leaderboards(
        self, tournament: Tournament, limit: int, models: int | None, accounts: int | None
    ) -> Answer:
        """A page from these offsets on; a leaderboard whose offset is None is left out."""
        document = documents.leaderboard(tournament, models is not None, accounts is not None)
        variables = {"tournament": int(tournament), "limit": limit, "models": models, "accounts": accounts}
        if accounts is None:
            del variables["tournament"]
        return await self.client.ask(document, variables)

    async def profiles(self, tournament: Tournament, names: Sequence[str]) -> dict[str, Profile | None]:
        """The public pages of models by name; None where there is no such model. Errors: as ApiClient.ask."""
        found: dict[str, Profile | None] = {}
        variables = {"tournament": int(tournament)}
        build, size = documents.profiles, documents.HEAVY_ALIASES
        async for name, profile in ask_each(self.client, build, names, variables, Profile, size=size):
            found[name] = _profile(name, profile)
        return found

    async def models_of_account(self, username: str, tournament: Tournament) -> AccountProfile | None:
        """An account's public page with its models; None when there is no such account."""
        variables = {"username": username, "tournament": int(tournament)}
        answer = await self.client.ask(documents.ACCOUNT_PROFILE, variables)
        return answer.part("accountProfile", AccountProfile)

    async def round_details(self, tournament: Tournament, number: int) -> RoundDetails | None:
        """One round with all its models: some 1.5 MB for a live Classic round."""
        variables = {"tournament": int(tournament), "number": number}
        answer = await self.client.ask(documents.ROUND_DETAILS, variables)
        return answer.part("roundDetails", RoundDetails)


def _entries(tournament: Tournament) -> type[list[ModelEntry]]:
    """The type of a page of this tournament's models."""
    _, entry = documents.LEADERBOARDS[tournament]
    return cast(type[list[ModelEntry]], list[entry])  # type: ignore[valid-type]  # the class is chosen at run time


class _Progress(Generic[E]):
    """How far one leaderboard has been read, and which of its rows are known."""

    def __init__(self) -> None:
        self.received = 0
        self.nameless = 0  # rows that came without any key
        self._short = False  # the last page had fewer rows than were asked for
        self.complete = False
        self._known: set[str] = set()
        self._barren = 0

    @property
    def next_offset(self) -> int | None:
        """Where the next page begins; None when there is none."""
        return None if self.complete else self.received

    def page(self, answer: Answer, alias: str, wanted: type[list[E]]) -> list[E]:
        """The page's rows. An error instead of a page behind a short one is the end; any other is raised."""
        if self.complete:
            return []
        try:
            return answer.part(alias, wanted, blanks=True) or []
        except Refused:
            raise
        except GraphQLError as error:
            if not self._short or SERVER_TROUBLE.search(error.message):
                raise
            log.info("the leaderboard ends after %d rows: %s", self.received, error.message)
            return []

    def take(self, rows: Sequence[E], limit: int) -> list[E]:
        """The rows that are new. A page that brings none completes the leaderboard.

        Rows that came without a name are of no use; a page of nothing else is no end, but a second one is.
        """
        named = {key: row for row in rows if (key := row.id or row.username)}
        fresh = [row for key, row in named.items() if key not in self._known]
        self._known.update(named)
        self._barren = 0 if fresh else self._barren + 1
        self.received += len(rows)
        self._short = len(rows) < limit
        self.complete = self._barren > 1 or (not fresh and (bool(named) or not rows))
        if len(named) < len(rows):
            log.warning("%d rows of a leaderboard came twice or without a name", len(rows) - len(named))
        self.nameless += sum(not (row.id or row.username) for row in rows)
        return fresh


def _profile(name: str, found: Profile | ApiError | None) -> Profile | None:
    """A profile, or None where the API says that there is none; any other error is raised."""
    if not isinstance(found, ApiError):
        return found
    if not isinstance(found, GraphQLError) or isinstance(found, Refused) or SERVER_TROUBLE.search(found.message):
        raise found
    log.info("no model %s: %s", name, found.message)
    return None
