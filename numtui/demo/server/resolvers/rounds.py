"""Rounds, tournaments, the scoring pipeline, and one round with all its models."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np

from numtui.demo.market import calendar
from numtui.demo.market.arena import Arena, percentile
from numtui.demo.market.factors import Floats
from numtui.demo.market.ledger import ATOM, ZERO, split_payout
from numtui.demo.market.projection import Columns, Const
from numtui.demo.market.terms import Terms, choice
from numtui.demo.server.engine import ApiError, Arguments
from numtui.demo.server.resolvers.session import Session, SessionResolver
from numtui.demo.server.wire import money, round_id, time_string
from numtui.model import Tournament

TARGETS = {Tournament.SIGNALS: "alpha", Tournament.CRYPTO: "coin"}
CLASSIC_TARGETS = ((1172, "ender"), (474, "cyrus"), (0, "nomi"))  # from which round on, newest first
# Fields of ModelData by displayName; `...Percentile` where the schema has one.
DETAIL_FIELDS = {
    "corr": "corr", "corr20": "corr_20", "v2_corr20": "v2Corr20", "corr60": "corr_60", "mmc": "mmc", "mmc60": "mmc_60",
    "bmc": "bmc", "tc": "tc", "fnc_v3": "fncV3", "fnc_v4": "fncV4", "alpha": "alpha", "mpc": "mpc",
}  # fmt: skip


def target(tournament: Tournament, number: int, days: int) -> str:
    """The name of a round's target: what the round pays on is computed from it, `days` long."""
    classic = next(name for first, name in CLASSIC_TARGETS if number >= first)
    return f"{TARGETS.get(tournament, classic)}{days}"


def datestamp(number: int) -> int:
    """The date of a round's data as the API's integer, the day before it opens."""
    return int((calendar.index_date(calendar.open_index(number)) - timedelta(days=1)).strftime("%Y%m%d"))


def _score_configs(arena: Arena, number: int, now: datetime, stated: bool) -> list[dict[str, object]]:
    """The round's scores; `stated` says whether clip and factor of those that pay are told."""
    terms, times = arena.terms(number), arena.times(number)
    scored = now >= times.score
    out: list[dict[str, object]] = []
    for position, spec in enumerate(terms.scores):
        multiplier = terms.multiplier(spec.display)
        ends = calendar.scored_at(times.first_score_index + spec.days - 1)
        config: dict[str, object] = {
            "id": f"{round_id(arena.tournament, number)}-{position}",
            "scoreConfigId": f"{int(arena.tournament)}-{spec.name}-{spec.version}-{spec.days}",
            "name": spec.name,
            "version": spec.version,
            "displayName": spec.display,
            "totalScoreDays": spec.days,
            "returnsLagDays": 2,
            "dataDelayDays": 1,
            "universe": arena.tournament.label,
            "isCanonScore": spec.canon,
            "isPayout": multiplier is not None,
            "scoringStart": time_string(times.score),
            "scoringEnd": time_string(ends),
        }
        if multiplier is not None:
            factor_known = terms.atomic or scored
            config |= {
                "minMultiplier": float(min(multiplier.choices)),
                "maxMultiplier": float(max(multiplier.choices)),
                "defaultMultiplier": float(multiplier.default),
                "clipThreshold": float(terms.clip) if stated else None,
                "stakeThreshold": None if terms.threshold is None else float(terms.threshold),
                "payoutFactor": arena.config_factor(number) if stated and factor_known else None,
            }
        out.append(config)
    return out


def round_object(session: Session, tournament: Tournament, number: int) -> dict[str, object]:
    """A Round."""
    arena = session.market.arena(tournament)
    terms, times = arena.terms(number), arena.times(number)
    resolved = session.now >= times.resolve
    factor_known = terms.atomic or session.now >= times.score
    stated = not terms.atomic or session.market.atomic_terms == "stated"
    return {
        "id": round_id(tournament, number),
        "number": number,
        "tournament": int(tournament),
        "target": target(tournament, number, terms.days),
        "openTime": time_string(times.open),
        "closeTime": time_string(times.close),
        "closeStakingTime": time_string(times.close),
        "scoreTime": time_string(times.score),
        "resolveTime": time_string(times.resolve),
        "resolvedGeneral": resolved,
        "resolvedStaking": resolved,
        "isDaily": number >= calendar.FIRST_DAILY_ROUND,
        "payoutFactor": str(arena.factor(number)) if factor_known else None,
        "stakeThreshold": None if terms.threshold is None else float(terms.threshold),
        "dataDatestamp": datestamp(number),
        "v3Staking": terms.atomic,
        "roundScoreConfigs": lambda: _score_configs(arena, number, session.now, stated),
    }


def open_round(session: Session, tournament: Tournament) -> int | None:
    """Number of the round that takes submissions now, None between rounds."""
    number = session.market.newest(session.now)
    times = session.market.times(tournament, number)
    return number if times.status(session.now) == "OPEN" else None


def rounds(session: Session, arguments: Arguments) -> object:
    """Rounds, newest first; the next one, not open yet, only when UPCOMING is asked for."""
    tournament = session.tournament(arguments.get("tournament"))
    number, status = arguments.get("number"), arguments.get("status")
    known = session.market.rounds(tournament)
    if number == 0:
        current = open_round(session, tournament)
        if current is None:
            raise ApiError("Current round not open for submissions")
        numbers = [current]
    elif number is not None:
        numbers = [number] if known.start <= number <= known.stop else []
    else:
        numbers = list(range(known.stop if status == "UPCOMING" else known.stop - 1, known.start - 1, -1))
    if status is not None:
        numbers = [n for n in numbers if session.market.times(tournament, n).status(session.now) == status]
    wanted = arguments.get("target")
    if wanted is not None:
        numbers = [n for n in numbers if target(tournament, n, session.market.terms(tournament, n).days) == wanted]
    return [round_object(session, tournament, n) for n in numbers[: arguments.get("limit")]]


def tournaments(session: Session, _: Arguments) -> object:
    """The three tournaments."""

    def entry(tournament: Tournament) -> dict[str, object]:
        return {
            "id": str(int(tournament)),
            "name": tournament.label,
            "tournament": int(tournament),
            "active": True,
            "rounds": lambda: rounds(session, {"tournament": int(tournament)}),
        }

    return [entry(tournament) for tournament in Tournament]


def pipeline_status(session: Session, arguments: Arguments) -> object:
    """The progress of a day's scoring run (default: today); all times null on days without one."""
    text = arguments.get("date")
    try:
        day = session.now.date() if text is None else date.fromisoformat(text)
    except ValueError:
        raise ApiError(f"Invalid date {text!r}") from None
    scoring = calendar.is_scoring_day(day)
    status: dict[str, object] = {"tournament": arguments.get("tournament"), "isScoringDay": scoring}
    if not scoring:
        return status
    scored = calendar.scored_at(calendar.day_index(day))
    times = {
        "startedAt": scored - timedelta(minutes=70),
        "dataReadyAt": scored - timedelta(minutes=50),
        "scoredAt": scored,
        "resolvedAt": calendar.resolved_at(calendar.day_index(day)),
    }
    passed = {name: time_string(time) for name, time in times.items() if time <= session.now}
    etas = {"scoreP90Eta": times["scoredAt"], "resolveP90Eta": times["resolvedAt"]}
    return status | passed | {name: time_string(time + timedelta(minutes=15)) for name, time in etas.items()}


class _Details:
    """One round's whole field, as columns; money only when asked for."""

    def __init__(self, session: Session, tournament: Tournament, number: int) -> None:
        self._session, self.number = session, number
        self.arena = session.market.arena(tournament)
        self.terms: Terms = self.arena.terms(number)
        self.times = self.arena.times(number)
        population = self.arena.population
        present = (population.start <= number) & (number < population.stop)
        self.rows: list[int] = [
            row
            for row in np.flatnonzero(present).tolist()
            if row >= population.own or session.market.submitted(population.info(row), number)
        ]
        self.resolved = session.now >= self.times.resolve
        self._at_risk: list[Decimal] | None = None

    def scores(self, display: str) -> tuple[Floats, Floats] | None:
        """Newest values and percentiles of a score by row, None before its first day."""
        spec = self.terms.spec(display)
        day = 0 if spec is None else self.times.days_scored(self._session.now, spec.days)
        if spec is None or day == 0:
            return None
        numbers = range(self.number, self.number + 1)
        loadings = self.arena.loadings.of(spec.source)[self.rows]
        features = self.arena.features(numbers, spec.days)[0, day - 1]
        values: Floats = np.round(loadings @ features, 8)
        mean, deviation = self.arena.field_moments(spec.source, spec.days, numbers)
        percentiles = percentile(values, mean[0, day - 1], deviation[0, day - 1])
        return values, percentiles

    def at_risk(self) -> list[Decimal]:
        """At-risk stakes by row."""
        if self._at_risk is None:
            population, ledger = self.arena.population, self._session.market.ledger
            staked = {}
            for row in range(population.own):
                positions = ledger.positions(population.info(row))
                staked[row] = next((p.at_risk for p in positions if p.number == self.number), ZERO)
            self._at_risk = [
                staked[row] if row in staked else self.arena.field_at_risk(row, self.number) for row in self.rows
            ]
        return self._at_risk

    def payouts(self) -> list[Decimal]:
        """Payouts by row, with the newest scores."""
        pairs = [self.scores(multiplier.display) for multiplier in self.terms.payout]
        if any(pair is None for pair in pairs):
            return [ZERO] * len(self.rows)
        values = [pair[0].tolist() for pair in pairs if pair is not None]
        factor = self.arena.factor(self.number)
        out = []
        for position, (row, at_risk) in enumerate(zip(self.rows, self.at_risk(), strict=True)):
            if not at_risk:
                out.append(ZERO)
                continue
            scores = [Decimal(repr(column[position])) for column in values]
            multipliers = choice(self.arena.tournament, self.number, row)
            out.append(sum(split_payout(at_risk, factor, multipliers, scores, self.terms.clip), ZERO))
        return out

    def models(self) -> Columns:
        """The round's models as ModelData."""
        population = self.arena.population
        fields: dict[str, object] = {
            "id": [population.ids[row] for row in self.rows],
            "modelName": [population.names[row] for row in self.rows],
            "team": [row in population.team_rows for row in self.rows],
            "selectedStakeValue": lambda: [money(amount) for amount in self.at_risk()],
            "payoutPending": lambda: [money(amount) for amount in self.payouts()],
            "payoutSettled": lambda: [money(amount) for amount in self.payouts()] if self.resolved else Const(None),
        }
        for display, name in DETAIL_FIELDS.items():
            fields[name] = self._column(display, 0)
            fields[f"{name.replace('_', '')}Percentile"] = self._column(display, 1)
        return Columns(len(self.rows), fields)

    def _column(self, display: str, which: int) -> Callable[[], object]:
        def column() -> object:
            pair = self.scores(display)
            return Const(None) if pair is None else pair[which].tolist()

        return column

    def histogram(self, staked: bool) -> dict[str, object] | None:
        """Counts of the first payout score's values in 21 equal bins, of all or of staked models."""
        pair = self.scores(self.terms.payout[0].display)
        if pair is None:
            return None
        values = pair[0]
        if staked:
            values = values[np.array([bool(amount) for amount in self.at_risk()])]
        counts, edges = np.histogram(values, bins=21)
        return {"bins": edges.tolist(), "counts": counts.tolist()}


def round_details(session: Session, arguments: Arguments) -> object:
    """One round with all its models."""
    tournament = session.tournament(arguments["tournament"])
    number = arguments["roundNumber"]
    if number not in session.market.rounds(tournament):
        raise ApiError("Round not found")
    details = _Details(session, tournament, number)
    terms, times, resolved = details.terms, details.times, details.resolved
    scored = session.now >= times.score

    def total(sign: int) -> float:
        return float(sum((p for p in details.payouts() if p * sign > 0), Decimal(0)))

    return {
        "roundId": round_id(tournament, number),
        "roundNumber": number,
        "tournament": int(tournament),
        "status": times.status(session.now),
        "roundTarget": target(tournament, number, terms.days),
        "openTime": time_string(times.open),
        "closeTime": time_string(times.close),
        "closeStakingTime": time_string(times.close),
        "scoreTime": time_string(times.score),
        "scoresUpdatedTime": time_string(calendar.scored_at(calendar.newest_run(session.now))) if scored else None,
        "roundResolveTime": time_string(times.resolve),
        "roundResolved": resolved,
        "payoutFactor": str(details.arena.factor(number)) if terms.atomic or scored else None,
        "payoutMultipliers": [{"displayName": m.display, "multiplier": float(m.default)} for m in terms.payout],
        "totalAtStake": lambda: float(sum(details.at_risk(), ZERO).quantize(ATOM)),
        "totalPayout": lambda: float(sum(details.payouts(), ZERO)),
        "totalEarned": lambda: total(1),
        "totalBurned": lambda: -total(-1),
        "totalStakes": lambda: sum(bool(amount) for amount in details.at_risk()),
        "totalSubmitted": len(details.rows),
        "models": details.models,
        "allHistogramData": lambda: details.histogram(False),
        "stakedHistogramData": lambda: details.histogram(True),
    }


RESOLVERS: dict[str, SessionResolver] = {
    "rounds": rounds,
    "tournaments": tournaments,
    "pipelineStatus": pipeline_status,
    "roundDetails": round_details,
}
