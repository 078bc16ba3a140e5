"""The other server's answers: the market's figures in the API's words, with the habits that a test asks for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from graphql import GraphQLError

from .other_account import AccountAnswers
from .other_habits import Habits
from .other_market import (
    CLASSIC,
    CRYPTO,
    SIGNALS,
    Json,
    Market,
    Model,
    Point,
    Round,
    Tournament,
    chance,
    identity,
    iso,
    nmr,
)

LABELS = {"classic": CLASSIC, "signals": SIGNALS, "crypto": CRYPTO}


class Answers(AccountAnswers):
    """A method a field of the API's Query, in snake_case. The public attributes can be changed between two requests."""

    def __init__(self, market: Market, habits: Habits) -> None:
        super().__init__(market, habits)
        self.scored_at: str | None = None
        self.extra_open: list[Json] = []
        self._leaderboards: dict[str, list[Json]] = {}

    # --- rounds, pipeline, prices

    def rounds(self, given: Json) -> list[Json]:
        if given.get("tournament") is None:  # those of all
            every = [row for each in self.market.tournaments for row in self.rounds({**given, "tournament": each})]
            return sorted(every, key=lambda row: -int(row["number"]))[: given.get("limit")]
        number, status, tournament = given.get("number"), given.get("status"), given["tournament"]
        of = self._tournament(tournament)
        listed = list(of.rounds.values())[self.habits.unlisted :]
        rows = [self.round(each) for each in listed if not (self.habits.between_rounds and each.status == "open")]
        rows += [extra for extra in self.extra_open if extra["tournament"] == tournament]
        if number == 0:
            rows = [row for row in rows if row["status"] == "OPEN"]
            if not rows:
                raise GraphQLError("Round not found")
        elif number is not None:
            rows = [row for row in rows if row["number"] == number]
        if status is not None:
            rows = [row for row in rows if row["status"] == status]
        rows.sort(key=lambda row: int(row["number"]), reverse=True)
        rows = rows[: given.get("limit")]
        return rows[::-1] if self.habits.rounds_ascending else rows

    def round(self, each: Round) -> Json:
        return {
            "id": each.id,
            "number": each.number,
            "tournament": each.tournament,
            "target": "target_other_20" if each.clip < 1 else "target_other_60",
            "openTime": iso(each.opens),
            "closeTime": iso(each.closes),
            "closeStakingTime": iso(each.closes),
            "scoreTime": iso(each.closes + timedelta(days=4)),
            "resolveTime": iso(each.resolves),
            "resolvedGeneral": each.resolved,
            "resolvedStaking": each.resolved,
            "isDaily": each.opens.weekday() != 5,
            "payoutFactor": self.factor(each),
            "stakeThreshold": 72000.0,
            "dataDatestamp": each.number * 10,
            "status": each.status.upper(),
            "roundScoreConfigs": self.configs(each),
        }

    def factor(self, each: Round) -> str | None:
        return each.factor if self.habits.factor == "real" else self.habits.factor

    def configs(self, each: Round) -> list[Json] | None:
        of = self.market.tournaments[each.tournament]
        if each.number < min(of.rounds) + self.habits.without_configs:
            return None
        rows = [
            {
                "id": identity("config", each.tournament, each.number, score.name, score.version),
                "scoreConfigId": identity("score", each.tournament, score.name, score.version),
                "name": f"{score.name}_long",
                "version": score.version,
                "displayName": score.name,
                "totalScoreDays": len(each.dates),
                "returnsLagDays": 4,
                "dataDelayDays": 1,
                "isCanonScore": score.pays,
                "isPayout": score.pays,
                "scoringStart": f"{each.dates[0]}T14:00:00Z",
                "scoringEnd": f"{each.dates[-1]}T14:00:00Z",
                "minMultiplier": score.multiplier,
                "maxMultiplier": score.multiplier,
                "defaultMultiplier": score.multiplier,
                "clipThreshold": each.clip if score.pays else None,
                "stakeThreshold": None if each.clip == 1 else 72000.0,
                "payoutFactor": None,
            }
            for score in each.terms
        ]
        return self._listed(rows)

    def pipeline_status(self, given: Json) -> Json | None:
        tournament = given.get("tournament", "classic")
        if self.habits.pipeline == "null" or tournament not in LABELS:
            return None
        day = given.get("date") or self.market.now.date().isoformat()
        over = day < self.market.now.date().isoformat() or self.market.now.hour > 14
        scored = f"{day}T14:05:00Z" if self.habits.pipeline == "scored" and over else None
        return {
            "tournament": tournament,
            "isScoringDay": True,
            "startedAt": f"{day}T12:00:00Z",
            "dataReadyAt": f"{day}T13:00:00Z",
            "scoredAt": self.scored_at or scored,
            "resolvedAt": f"{day}T14:30:00Z" if scored else None,
        }

    # --- leaderboards

    def _page(self, rows: Sequence[Json], given: Json) -> list[Json]:
        limit = given.get("limit")
        start = 0 if self.habits.offset_ignored else given.get("offset") or 0
        rows = [row for row in rows for _ in range(2 if self.habits.duplicated else 1)]
        if start and start >= len(rows) and self.habits.offset_error:
            raise GraphQLError("offset is out of range")
        size = min(filter(None, (limit, self.habits.page_cap)), default=len(rows))
        page = rows[start : start + size]
        if self.habits.shuffled:
            self.random.shuffle(page)
        return page

    def board(self, number: int) -> list[Json]:
        key = f"models {number}"
        if key not in self._leaderboards:
            of = self.market.tournaments[number]
            ordered = sorted(of.field, key=lambda model: chance("rank", model.id))
            self._leaderboards[key] = [self.entry(model, rank) for rank, model in enumerate(ordered, 1)]
        return self._leaderboards[key]

    def entry(self, model: Model, rank: int) -> Json:
        kinds = {"model": model.id, "other": identity("entry", model.id), "null": None}

        def reputation(name: str) -> float | None:
            value = chance("rep", model.id, name)
            return None if value > 0.95 else (value - 0.45) / 10

        names = "corr20Rep corr20V2Rep corr60Rep mmcRep mmc60Rep bmcRep tcRep fncV3Rep canonCorrLtm canonMmcLtm"
        names += " return_1_day return_13_weeks return_52_weeks alphaRep mpcRep fncV4Rep corrRep icRep sharpe"
        return {
            "id": kinds[self.habits.leaderboard_ids],
            "username": model.name,
            "rank": None if model.archived else rank,
            "rankChange1d": int(chance("up", model.id) * 20) - 10,
            "rankChange3m": int(chance("up3", model.id) * 200) - 100,
            "nmrStaked": self.money(self.stakes.get(model.id, model.stake)),
            "team": model.team,
            "isActive": True,
            **{name: reputation(name) for name in names.split()},
        }

    def money(self, amount: Decimal) -> str:
        return f"{amount:,}" if self.habits.money_commas and amount >= 1000 else nmr(amount)

    def v2_leaderboard(self, given: Json) -> list[Json]:
        return self._page(self.board(CLASSIC), given)

    def signals_leaderboard(self, given: Json) -> list[Json]:
        return self._page(self.board(SIGNALS), given)

    def cryptosignals_leaderboard(self, given: Json) -> list[Json]:
        return self._page(self.board(CRYPTO), given)

    def account_leaderboard(self, given: Json) -> list[Json]:
        return self._page(self.accounts(given.get("tournament", CLASSIC)), given)

    def accounts(self, number: int) -> list[Json]:
        """The accounts' leaderboard as the server holds it."""
        key = f"accounts {number}"
        if key not in self._leaderboards:
            stakes: dict[str, Decimal] = {}
            for model in self.market.tournaments[number].field:
                stakes[model.account] = stakes.get(model.account, Decimal(0)) + model.stake
            ordered = sorted(stakes, key=lambda name: (-stakes[name], name))
            self._leaderboards[key] = [
                {
                    "id": identity("account", name),
                    "username": name,
                    "displayName": name.title(),
                    "rank": rank,
                    "nmrStaked": self.money(stakes[name]),
                    "team": False,
                    "corr60": chance("acc60", name) / 30,
                    "mmc60": None,
                    "return3m": chance("ret", name) / 5,
                    "returnAllTimeNmr": nmr(stakes[name] / 7),
                }
                for rank, name in enumerate(ordered, 1)
            ]
        return self._leaderboards[key]

    # --- models

    def v3_user_profile(self, given: Json) -> Json | None:
        name, tournament = given["modelName"], given.get("tournament") or self._tournament_of(given["modelName"])
        model = self._tournament(tournament).by_name.get(name)
        if model is None:
            if self.habits.unknown_model == "error":
                raise GraphQLError("Couldn't find user with username: " + name)
            return None
        return {
            "id": model.id,
            "username": model.name,
            "accountName": model.account,
            "team": model.team,
            "isActive": True,
            "tournament": tournament,
            "startDate": "2024-01-02T00:00:00Z",
            "nmrStaked": nmr(model.stake),
            "stakeValue": nmr(model.stake),
        }

    def _tournament_of(self, name: str) -> int:
        """For a server whose profiles take no tournament."""
        return next((number for number, of in self.market.tournaments.items() if name in of.by_name), CLASSIC)

    v2_signals_profile = v3_user_profile

    def account_profile(self, given: Json) -> Json | None:
        username, tournament = given["username"], given.get("tournament", CLASSIC)
        models = [model for model in self._tournament(tournament).field if model.account == username]
        if not models:
            return None
        rows = [{"id": m.id, "displayName": m.name, "tournament": tournament, "stake": nmr(m.stake)} for m in models]
        return {"id": identity("account", username), "username": username, "models": rows, "tournament": tournament}

    def _performer(self, given: Json) -> tuple[Model | None, Tournament]:
        model = self.market.model(given["modelId"])
        tournament = given.get("tournament", model.tournament if model is not None else CLASSIC)
        of = self._tournament(tournament)
        if model is None and self.habits.unknown_model == "error":
            raise GraphQLError("Model not found")
        return (model if model is not None and model.tournament == tournament else None), of

    def v2_round_model_performances(self, given: Json) -> list[Json]:
        model, of = self._performer(given)
        if model is None:
            return []
        low, high = given.get("roundNumber__gte"), given.get("roundNumber__lte")
        if given.get("roundNumber__eq") is not None:
            low = high = given["roundNumber__eq"]
        chosen = [
            each
            for each in of.rounds.values()
            if each.status != "upcoming"
            and (low is None or each.number >= low)
            and (high is None or each.number <= high)
            and (each.resolved or not given.get("resolvedOnly"))
            and (of.takes_part(model, each.number) or not given.get("submittedOnly"))
        ]
        if given.get("lastNRounds") is not None:
            chosen = chosen[-given["lastNRounds"] :]
        offset, limit = given.get("offset", 0), given.get("limit")
        chosen = chosen[::-1][offset : None if limit is None else offset + limit]
        return self._listed(self.performance(model, each) for each in chosen)

    def performance(self, model: Model, each: Round) -> Json:
        of = self.market.tournaments[each.tournament]
        took_part = of.takes_part(model, each.number)
        multipliers = [
            {
                "scoreConfigId": identity("score", each.tournament, score.name, score.version),
                "name": f"{score.name}_long",
                "version": score.version,
                "displayName": score.name,
                "multiplier": score.multiplier,
            }
            for score in each.terms
            if score.pays
        ]
        row: Json = {
            "roundId": each.id,
            "roundNumber": each.number,
            "roundTarget": "target_other",
            "roundOpenTime": iso(each.opens),
            "roundResolveTime": iso(each.resolves),
            "roundResolved": each.resolved,
            "roundPayoutFactor": self.factor(each),
            "atRisk": self.money(of.at_risk(model, each)),
            "submissionId": identity("submission", model.id, each.number) if took_part else None,
            "payoutMultipliers": None if self.habits.multipliers_null else multipliers,
            "submissionScores": lambda: self.newest(model, each),
            "intraRoundSubmissionScores": lambda: self.days(model, each),
        }
        if each.tournament == SIGNALS:
            row |= {"churnThreshold": 0.15, "prevWeekChurnMax": 0.05, "turnoverThreshold": 0.25}
        return row

    def score(self, model: Model, each: Round, point: Point, payouts: dict[Any, Decimal] | None = None) -> Json:
        row: Json = {
            "roundId": each.id,
            "roundNumber": each.number,
            "submissionId": identity("submission", model.id, each.number),
            "displayName": point.score.name,
            "version": None if self.habits.version_null else point.score.version,
            "value": point.value,
            "percentile": None if self.habits.percentile_null else point.percentile,
            "day": point.day,
            "date": f"{point.at}T14:00:00Z",
            "resolved": None if self.habits.resolved_null else each.resolved and point.day == len(each.dates),
            "roundResolveTime": iso(each.resolves),
        }
        if payouts and point.score in payouts and not self.habits.payouts_null:
            row["payoutSettled" if each.resolved else "payoutPending"] = nmr(payouts[point.score])
        return row

    def newest(self, model: Model, each: Round) -> list[Json] | None:
        if self.habits.days_in == "intra":
            return None
        of = self.market.tournaments[each.tournament]
        payouts = of.payouts(model, each)
        points = [point for point in of.points(model, each) if point.day == each.done]
        return self._listed(self.score(model, each, point, payouts) for point in points)

    def days(self, model: Model, each: Round) -> list[Json] | None:
        if self.habits.days_in == "query":
            return None
        points = self.market.tournaments[each.tournament].points(model, each)
        return self._listed(self.score(model, each, point) for point in points)

    def submission_scores(self, given: Json) -> list[Json]:
        model, of = self._performer(given)
        if model is None:
            return []
        name, version, day = given.get("displayName"), given.get("version"), given.get("day")
        chosen = list(of.rounds.values())[-given.get("lastNRounds", 0) :]
        rows = [
            self.score(model, each, point)
            for each in chosen
            for point in of.points(model, each)
            if name in (None, point.score.name)
            and version in (None, point.score.version)
            and (point.day == day if day is not None else not given.get("distinctOnRound") or point.day == each.done)
            and given.get("resolved") in (None, each.resolved)
        ]
        return self._listed(rows)
