"""A tiny tournament in plain Python: what the other server serves and what the tests compare exports with.

Written from the API's schema and the rules of the field alone; it shares no code with numtui. Everything follows from
hashes of names, so any model's history can be made when it is asked for.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

Json = dict[str, Any]

CLASSIC, SIGNALS, CRYPTO = 8, 11, 12
NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)  # a Friday, an hour before the round closes
SCORING_WEEKDAYS = {1, 2, 3, 4, 5}
USERNAME = "tester"
PUBLIC_ID, SECRET_KEY = "OTHERPUBLICID", "other-secret-key-7f3a"


def chance(*parts: object) -> float:
    """A number in 0..1 that follows from `parts`."""
    digest = hashlib.blake2b("|".join(map(str, parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def identity(*parts: object) -> str:
    """A UUID that follows from `parts`."""
    text = hashlib.blake2b("|".join(map(str, parts)).encode(), digest_size=16).hexdigest()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def iso(at: datetime | None) -> str | None:
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%SZ")


def nmr(amount: Decimal) -> str:
    """As the API writes money: 18 places, and 0 as 0E-18."""
    return "0E-18" if amount == 0 else f"{amount:.18f}"


@dataclass(frozen=True)
class Terms:
    """A score of a round: whether it pays, and with which multiplier."""

    name: str
    version: str
    pays: bool
    multiplier: float = 0.0


@dataclass(frozen=True)
class Round:
    """A round with its terms; `scored` are the dates of the scoring days that are over."""

    tournament: int
    number: int
    opens: datetime
    closes: datetime
    dates: tuple[date, ...]
    terms: tuple[Terms, ...]
    clip: float
    factor: str | None
    now: datetime

    @property
    def id(self) -> str:
        return identity("round", self.tournament, self.number)

    @property
    def resolves(self) -> datetime:
        return datetime(self.dates[-1].year, self.dates[-1].month, self.dates[-1].day, 14, 30, tzinfo=UTC)

    @property
    def resolved(self) -> bool:
        return self.resolves <= self.now

    @property
    def done(self) -> int:
        """Scoring days that are over: each day's scores are there at 14:00."""
        return sum(datetime(day.year, day.month, day.day, 14, tzinfo=UTC) <= self.now for day in self.dates)

    @property
    def status(self) -> str:
        if self.resolved:
            return "resolved"
        if self.now < self.opens:
            return "upcoming"
        return "open" if self.now < self.closes else "resolving"


@dataclass(frozen=True)
class Model:
    """A model of a tournament; `archived` and `submitted` (for the open round) matter for the account's own."""

    tournament: int
    name: str
    account: str
    stake: Decimal
    team: bool = False
    archived: bool = False
    submitted: bool = True

    @property
    def id(self) -> str:
        return identity("model", self.tournament, self.name)


@dataclass(frozen=True)
class Point:
    """A score on a day."""

    score: Terms
    day: int
    at: date
    value: float
    percentile: float


def scoring_dates(first: date, count: int) -> tuple[date, ...]:
    """`count` scoring days from `first` on."""
    found: list[date] = []
    day = first
    while len(found) < count:
        if day.weekday() in SCORING_WEEKDAYS:
            found.append(day)
        day += timedelta(days=1)
    return tuple(found)


@dataclass
class Tournament:
    """One tournament: how many rounds and models, and its newest round's number."""

    number: int
    newest: int
    count: int
    models: int
    now: datetime = NOW
    upcoming: bool = False
    own: list[Model] = field(default_factory=list)
    lengths: dict[str, int] = field(default_factory=lambda: {"classic": 12, "old": 8, "signals": 15, "crypto": 6})

    def terms(self, number: int) -> tuple[tuple[Terms, ...], float, str | None, int]:
        """(scores, clip, payout factor, scoring days) of a round."""
        if self.number == SIGNALS:
            scores = (Terms("alpha", "v1", True, 0.3), Terms("mpc", "v1", True, 0.8), Terms("fnc_v4", "v1", False))
            return scores, 0.035, "0.456789012345", self.lengths["signals"]
        if self.number == CRYPTO:
            return (Terms("corr", "c1", True, 0.1), Terms("mmc", "c1", True, 1.0)), 1.0, "1", self.lengths["crypto"]
        age = self.newest - number
        bmc = (Terms("bmc", "v1", False), Terms("bmc", "v2", False)) if age % 7 == 3 else (Terms("bmc", "v1", False),)
        if age < 16:
            return (
                (Terms("corr60", "5", True, 3.0), Terms("mmc60", "5", True, 15.0), *bmc),
                1.0,
                "1",
                self.lengths["classic"],
            )
        mmc = Terms("mmc", "old" if age > 22 else "new", True, 2.25)
        unpaid = (Terms("corr60", "5", False), Terms("mmc60", "5", False))
        return (Terms("v2_corr20", "2", True, 0.75), mmc, *unpaid), 0.05, "0.1234567890123456", self.lengths["old"]

    @cached_property
    def rounds(self) -> dict[int, Round]:
        """By number, ascending. `newest` was the newest at NOW, so a later `now` brings more of them."""
        ahead = timedelta(days=1 if self.upcoming else 0)
        day, days = NOW.date() + ahead, list[date]()
        while len(days) < self.count:
            if day.weekday() in SCORING_WEEKDAYS:
                days.append(day)
            day -= timedelta(days=1)
        days.reverse()
        day = days[-1] + timedelta(days=1)
        while day <= self.now.date() + ahead:
            if day.weekday() in SCORING_WEEKDAYS:
                days.append(day)
            day += timedelta(days=1)
        days = [day for day in days if day <= self.now.date() + ahead]
        return {number: self._round(number, day) for number, day in enumerate(days, self.newest - self.count + 1)}

    def _round(self, number: int, day: date) -> Round:
        opens = datetime(day.year, day.month, day.day, 13, tzinfo=UTC)
        closes = opens + (timedelta(days=2) if day.weekday() == 5 else timedelta(hours=3))
        scores, clip, factor, length = self.terms(number)
        dates = scoring_dates((closes + timedelta(days=4)).date(), length)
        begun = datetime(dates[0].year, dates[0].month, dates[0].day, 14, tzinfo=UTC) <= self.now
        return Round(self.number, number, opens, closes, dates, scores, clip, factor if begun else None, self.now)

    @cached_property
    def field(self) -> list[Model]:
        """All models, own ones first, then by number; a model's rank is not its place here."""
        label = {CLASSIC: "fox", SIGNALS: "owl", CRYPTO: "elk"}[self.number]
        models = list(self.own)
        for i in range(self.models - len(self.own)):
            name, account = f"{label}_{i:04d}", f"acct_{i // 3:03d}"
            stake = Decimal(int(chance(self.number, name, "stake") * 5e6)) / 1000 if i % 3 else Decimal(0)
            models.append(Model(self.number, name, account, stake, team=i % 50 == 7))
        return models

    @cached_property
    def by_name(self) -> dict[str, Model]:
        return {model.name: model for model in self.field}

    @cached_property
    def by_id(self) -> dict[str, Model]:
        return {model.id: model for model in self.field}

    @property
    def open_round(self) -> Round | None:
        return next((each for each in self.rounds.values() if each.status == "open"), None)

    def takes_part(self, model: Model, number: int) -> bool:
        """Whether the model has a submission in the round."""
        if number == getattr(self.open_round, "number", None):
            return model.submitted
        return chance("part", model.id, number) > 0.1

    def points(self, model: Model, of: Round) -> list[Point]:
        """Every score of every day that is over, in order of score and day."""
        if not self.takes_part(model, of.number):
            return []
        points = []
        for score in of.terms:
            base = (chance("base", model.id, of.number, score.name, score.version) - 0.45) * 0.06
            for day in range(1, of.done + 1):
                noise = (chance("noise", model.id, of.number, score.name, score.version, day) - 0.5) * 0.02
                percentile = chance("pct", model.id, of.number, score.name, score.version, day)
                points.append(Point(score, day, of.dates[day - 1], base * day / len(of.dates) + noise, percentile))
        return points

    def at_risk(self, model: Model, of: Round) -> Decimal:
        """Atomic rounds have a share of the stake each, legacy ones the whole."""
        if not self.takes_part(model, of.number) or of.status in {"open", "upcoming"}:
            return Decimal(0)
        return (model.stake / 12).quantize(Decimal("1e-18")) if of.clip == 1 else model.stake

    def payouts(self, model: Model, of: Round) -> dict[Terms, Decimal]:
        """What each payout score brings at its newest day; their sum is the round's payout, clipped."""
        newest = {point.score: point.value for point in self.points(model, of) if point.score.pays}
        if not newest or of.factor is None:
            return {}
        parts = {
            score: Decimal(of.factor) * Decimal(str(score.multiplier)) * Decimal(repr(v)) for score, v in newest.items()
        }
        total, clip = sum(parts.values(), Decimal(0)), Decimal(str(of.clip))
        if abs(total) > clip:
            parts = {score: part * clip / abs(total) for score, part in parts.items()}
        return {s: (part * self.at_risk(model, of)).quantize(Decimal("1e-18")) for s, part in parts.items()}


def own_models(tournament: int) -> list[Model]:
    """The account's models: in Classic one is archived and one has not submitted for the open round."""
    if tournament == CLASSIC:
        return [
            Model(CLASSIC, "mine_a", USERNAME, Decimal("1234.5")),
            Model(CLASSIC, "mine_b", USERNAME, Decimal("14.63")),
            Model(CLASSIC, "mine_late", USERNAME, Decimal("0.000000000000000001"), submitted=False),
            Model(CLASSIC, "mine_old", USERNAME, Decimal(0), archived=True),
        ]
    if tournament == SIGNALS:
        return [Model(SIGNALS, "mine_s", USERNAME, Decimal("250")), Model(SIGNALS, "mine_a", USERNAME, Decimal("7"))]
    return [Model(CRYPTO, "mine_c", USERNAME, Decimal("33.3"))]


class Market:
    """Three tournaments and an account."""

    def __init__(
        self, models: int = 240, rounds: int = 30, now: datetime = NOW, lengths: dict[str, int] | None = None
    ) -> None:
        sizes = {CLASSIC: (1402, models), SIGNALS: (1150, models // 4), CRYPTO: (1330, models // 8)}
        self.now = now
        self.tournaments = {
            number: Tournament(number, newest, rounds, count, now, upcoming=number == CLASSIC, own=own_models(number))
            for number, (newest, count) in sizes.items()
        }
        if lengths:
            for tournament in self.tournaments.values():
                tournament.lengths |= lengths

    def model(self, model_id: str) -> Model | None:
        """The model of an id, in whichever tournament."""
        models = (tournament.by_id.get(model_id) for tournament in self.tournaments.values())
        return next((model for model in models if model is not None), None)

    @property
    def own(self) -> list[Model]:
        return [model for tournament in self.tournaments.values() for model in tournament.own]
