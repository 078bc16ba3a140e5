"""Questions about a tournament: what may have moved, rounds, leaderboards, profiles. None but `idle` needs a key."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Generic, TypeVar, cast

from numtui.api import documents
from numtui.api.answer import Answer
from numtui.api.client import ApiClient
from numtui.api.errors import ApiError, GraphQLError, NotOffered, PartFailed, Refused
from numtui.api.records.account import AccountProfile, AccountState, RoundDetails
from numtui.api.records.public import (
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
R = TypeVar("R", bound=RoundTimes)
E = TypeVar("E", bound=LeaderboardEntry)


@dataclass(frozen=True, slots=True)
class Idle:
    """The state that an idle poll asks for. A part that is missing is None or empty, its error in `errors` by name."""

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

    async def idle(
        self, tournament: Tournament, *, auth: bool, date: str | None = None, now: datetime | None = None
    ) -> Idle:
        """Pipeline, open and newest rounds, prices and, where `auth`, the account, all in one request.

        `date` ("2026-08-28", else today) is the pipeline's. An error in one part leaves the others. Where the service
        tells no open rounds, those of the newest that are open at `now` (else by this machine's clock) stand for them.
        """
        variables = {
            "tournament": int(tournament),
            "label": tournament.label,
            "date": date,
            "newest": self._enough(documents.NEWEST_ROUNDS),
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

        pipeline = part("pipeline", PipelineStatus)
        if pipeline is not None and not self._is_of(tournament, pipeline.tournament, "pipelineStatus"):
            pipeline, errors["pipeline"] = None, NotOffered("pipelineStatus(tournament:)", ("pipeline",))
        open_rounds = self._of(tournament, part("open", list[RoundTimes]))
        newest = self._of(tournament, part("newest", list[RoundTimes]), documents.NEWEST_ROUNDS)
        if isinstance(errors.get("open"), NotOffered) and newest:
            del errors["open"]
            open_rounds = [item for item in newest if _is_open(item, now or datetime.now(UTC))]
        return Idle(
            pipeline=pipeline,
            open_rounds=open_rounds,
            newest_rounds=newest,
            nmr_usd=part("nmr", NmrPrice),
            nmr_fiat=part("fiat", CurrencyPrice),
            account=part("account", AccountState) if auth else None,
            errors=errors,
        )

    def _is_of(self, tournament: Tournament, said: object, field: str) -> bool:
        """Whether a part is about this tournament, of a service that may not take which one is meant.

        `said` is the tournament that the part names, where it names one.
        """
        if not self.client.dialect.lacks(field, "tournament"):
            return True
        if said is None:
            return tournament is Tournament.CLASSIC  # what the service answers about unless told
        return said in (int(tournament), tournament.label)

    def _of(self, tournament: Tournament, rounds: list[R] | None, limit: int | None = None) -> list[R]:
        """The rounds of this tournament, the newest `limit` of them: the service may not take either argument."""
        rows = [item for item in rounds or () if self._is_of(tournament, item.tournament, "rounds")]
        lacks = self.client.dialect.lacks
        if limit is None or len(rows) <= limit or not (lacks("rounds", "limit") or lacks("rounds", "tournament")):
            return rows
        return sorted(rows, key=lambda item: -(item.number or 0))[:limit]

    def _enough(self, limit: int) -> int:
        """How many rounds hold `limit` of one tournament, of a service that lists those of all."""
        return limit * len(Tournament) if self.client.dialect.lacks("rounds", "tournament") else limit

    async def rounds(
        self,
        tournament: Tournament,
        limit: int | None = None,
        *,
        number: int | None = None,
        status: str | None = None,
        now: datetime | None = None,
    ) -> list[Round]:
        """Rounds with their score configurations; `status`: UPCOMING, OPEN, RESOLVING or RESOLVED (by the times and
        `now`, where the service does not take it)."""
        variables = {"tournament": int(tournament), "limit": limit, "number": number, "status": status}
        if limit is not None:
            variables["limit"] = self._enough(limit)
        answer = await self.client.ask(documents.rounds(), variables)
        if limit is not None and variables["limit"] != self._enough(limit):
            return await self.rounds(tournament, limit, number=number, status=status, now=now)
        rows = self._of(tournament, answer.part("rounds", list[Round], blanks=True), limit)
        lacks = self.client.dialect.lacks
        if number is not None and lacks("rounds", "number"):
            rows = [row for row in rows if row.number == number]
        if status is not None and lacks("rounds", "status"):
            rows = [row for row in rows if status_of(row, now or datetime.now(UTC)) == status]
        return rows

    async def leaderboard(
        self, tournament: Tournament, limit: int, offset: int = 0, *, models: bool = True, accounts: bool = True
    ) -> LeaderboardPage:
        """`limit` rows of each leaderboard from `offset` on, in one request; either kind can be switched off."""
        offsets = (offset if models else None, offset if accounts else None)
        answer = await self._ask_leaderboards(tournament, limit, *offsets)
        has_accounts = accounts and self._is_of(tournament, None, "accountLeaderboard")
        return LeaderboardPage(
            models=(answer.part_or_none("models", _entries(tournament)) or []) if models else [],
            accounts=(answer.part_or_none("accounts", list[AccountEntry]) or []) if has_accounts else [],
        )

    async def leaderboard_pages(
        self, tournament: Tournament, first: int = 500, large: int = 10_000
    ) -> AsyncIterator[LeaderboardPage]:
        """All rows of both leaderboards, each row once: `first` of each, then `large` pages.

        Whatever page size the server allows, it goes on until a page brings nothing new. A leaderboard that the service
        does not offer has no rows.
        """
        models: _Progress[ModelEntry] = _Progress()
        accounts: _Progress[AccountEntry] = _Progress()
        limit = first
        while not (models.complete and accounts.complete):
            answer = await self._ask_leaderboards(tournament, limit, models.next_offset, accounts.next_offset)
            if not self._is_of(tournament, None, "accountLeaderboard"):
                accounts.complete = True
            ranked = models.take(models.page(answer, "models", _entries(tournament)), limit)
            owners = accounts.take(accounts.page(answer, "accounts", list[AccountEntry]), limit)
            nameless = models.nameless + accounts.nameless
            if ranked or owners or nameless:
                yield LeaderboardPage(ranked, owners, nameless)
            limit = large if not self._lacks_offset(tournament) else limit + large

    def boards_lacking(self, tournament: Tournament) -> set[str]:
        """The leaderboards, "model" and "account", that the service is known not to have for this tournament."""
        lacks = self.client.dialect.lacks
        lacking = {"model"} if lacks(documents.LEADERBOARDS[tournament][0]) else set()
        if lacks("accountLeaderboard") or not self._is_of(tournament, None, "accountLeaderboard"):
            lacking.add("account")
        return lacking

    def _lacks_offset(self, tournament: Tournament) -> bool:
        """Whether every page is the first: a larger one is asked for then."""
        boards = (documents.LEADERBOARDS[tournament][0], "accountLeaderboard")
        return any(self.client.dialect.lacks(board, "offset") for board in boards)

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
        pages: dict[str, Profile | None] = {}
        variables = {"tournament": int(tournament)}
        build, size = documents.profiles, documents.HEAVY_ALIASES
        async for name, profile in ask_each(self.client, build, names, variables, Profile, read=_as_it_is, size=size):
            page = _profile(name, profile)
            if page is not None and not self._is_of(tournament, page.tournament, "v3UserProfile"):
                raise NotOffered("v3UserProfile(tournament:)")
            pages[name] = page
        return pages

    async def models_of_account(self, username: str, tournament: Tournament) -> AccountProfile | None:
        """An account's public page with its models; None when there is no such account."""
        variables = {"username": username, "tournament": int(tournament)}
        answer = await self.client.ask(documents.ACCOUNT_PROFILE, variables)
        page = answer.part("accountProfile", AccountProfile)
        if page is not None and not self._is_of(tournament, page.tournament, "accountProfile"):
            raise NotOffered("accountProfile(tournament:)")
        return page

    async def round_details(self, tournament: Tournament, number: int) -> RoundDetails | None:
        """One round with all its models: some 1.5 MB for a live Classic round."""
        variables = {"tournament": int(tournament), "number": number}
        answer = await self.client.ask(documents.ROUND_DETAILS, variables)
        return answer.part("roundDetails", RoundDetails)


def status_of(times: RoundTimes, now: datetime) -> str | None:
    """The status of a round by its times; None where they are unknown."""
    if times.resolved_general or (times.resolve_time is not None and times.resolve_time <= now):
        return "RESOLVED"
    if times.open_time is None or times.close_time is None:
        return None
    if now < times.open_time:
        return "UPCOMING"
    return "OPEN" if now < times.close_time else "RESOLVING"


def _is_open(times: RoundTimes, now: datetime) -> bool:
    return status_of(times, now) == "OPEN"


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
        """The offset of the next page; None when there is none."""
        return None if self.complete else self.received

    def page(self, answer: Answer, alias: str, wanted: type[list[E]]) -> list[E]:
        """The page's rows. An error instead of a page behind a short one is the end; any other is raised."""
        if self.complete:
            return []
        try:
            return answer.part(alias, wanted, blanks=True) or []
        except NotOffered as error:
            log.warning("%s", error)
            return []
        except Refused:
            raise
        except GraphQLError as error:
            if not self._short or isinstance(error, PartFailed):
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


def _as_it_is(profile: Profile | None) -> Profile | None:
    return profile


def _profile(name: str, answer: Profile | ApiError | None) -> Profile | None:
    """A profile, or None where the API says that there is none; any other error is raised."""
    if not isinstance(answer, ApiError):
        return answer
    if not isinstance(answer, GraphQLError) or isinstance(answer, Refused | PartFailed):
        raise answer
    log.info("no model %s: %s", name, answer.message)
    return None
