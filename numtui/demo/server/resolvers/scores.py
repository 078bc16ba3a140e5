"""Score histories of single models: submissionScores and v2RoundModelPerformances."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from functools import cached_property

import numpy as np

from numtui.demo.market import calendar
from numtui.demo.market.arena import CHURN_LIMIT, Bools, Ints
from numtui.demo.market.factors import Floats
from numtui.demo.market.ledger import Position
from numtui.demo.market.population import ModelInfo
from numtui.demo.market.projection import Columns, Const
from numtui.demo.market.terms import ScoreSpec
from numtui.demo.server.engine import Arguments
from numtui.demo.server.resolvers.rounds import datestamp, target
from numtui.demo.server.resolvers.session import Session, SessionResolver
from numtui.demo.server.wire import money, round_id, submission_id, time_string

TURNOVER_LIMIT = 0.25


class ScoreTable:
    """All scores of a model in some rounds, a row a score and day: newest round first, then by score and day."""

    def __init__(self, session: Session, model: ModelInfo, numbers: range, displays: set[str] | None = None) -> None:
        self._session, self._model = session, model
        self.specs: list[ScoreSpec] = []
        parts: list[tuple[Ints, Ints, Ints, Floats, Floats]] = []
        market = session.market
        for display in _displays(session, model, numbers):
            if displays is not None and display not in displays:
                continue
            for path in market.score_paths(model, display, numbers):
                rows, day = np.nonzero(~np.isnan(path.values))
                index = np.full(len(rows), len(self.specs))
                number = rows + path.rounds.start
                parts.append((number, index, day + 1, path.values[rows, day], path.percentiles[rows, day]))
                self.specs.append(path.spec)
        joined = [np.concatenate([part[i] for part in parts]) if parts else np.empty(0) for i in range(5)]
        order = np.lexsort((joined[2], joined[1], -joined[0]))
        self.number, self.spec, self.day = (column[order].astype(np.int64) for column in joined[:3])
        self.value, self.percentile = joined[3][order], joined[4][order]

    @cached_property
    def newest(self) -> Bools:
        """The rows of the newest day of each round and score."""
        last = np.ones(len(self.number), dtype=np.bool_)
        last[:-1] = (self.number[1:] != self.number[:-1]) | (self.spec[1:] != self.spec[:-1])
        return last

    @cached_property
    def resolved(self) -> Bools:
        """The rows of scores whose last day has been scored and resolved."""
        run = calendar.newest_run(self._session.now)
        if calendar.resolved_at(run) > self._session.now:
            run -= 1
        return self._last_index <= run

    @cached_property
    def _first_index(self) -> Ints:
        numbers, inverse = np.unique(self.number, return_inverse=True)
        starts = [calendar.open_index(n) + calendar.SCORE_LAG for n in numbers.tolist()]
        return np.array(starts, dtype=np.int64)[inverse]

    @cached_property
    def _last_index(self) -> Ints:
        days = np.array([spec.days for spec in self.specs], dtype=np.int64)
        return self._first_index + days[self.spec] - 1 if len(days) else self._first_index

    @cached_property
    def _positions(self) -> dict[int, Position]:
        return {position.number: position for position in self._session.market.ledger.positions(self._model)}

    @cached_property
    def pending(self) -> list[str | None]:
        """Pending payout by row, null on scores that do not pay."""
        split: dict[tuple[int, int], tuple[Decimal, ...]] = {}
        places = {n: {m.display: i for i, m in enumerate(p.terms.payout)} for n, p in self._positions.items()}
        displays = [spec.display for spec in self.specs]
        out: list[str | None] = []
        for number, spec, day in zip(self.number.tolist(), self.spec.tolist(), self.day.tolist(), strict=True):
            place = places[number].get(displays[spec])
            if place is None:
                out.append(None)
                continue
            key = (number, day)
            if key not in split:
                split[key] = self._positions[number].payouts(day)
            out.append(money(split[key][place]))
        return out

    @cached_property
    def settled(self) -> list[str | None]:
        """Settled payout by row: only on the last day of scores that pay, once the round has resolved."""
        return [
            amount if amount is not None and newest and self._positions[number].resolved else None
            for amount, newest, number in zip(self.pending, self.newest.tolist(), self.number.tolist(), strict=True)
        ]

    def columns(self) -> Columns:
        """The rows as SubmissionScore."""
        times = {n: self._session.market.times(self._model.tournament, n) for n in np.unique(self.number).tolist()}
        numbers = self.number.tolist()

        def by_round(make: dict[int, str | None]) -> list[str | None]:
            return [make[number] for number in numbers]

        def by_index(indices: Ints) -> list[str | None]:
            text = {i: time_string(calendar.scored_at(i)) for i in np.unique(indices).tolist()}
            return [text[i] for i in indices.tolist()]

        def by_spec(words: list[str]) -> list[str]:
            return [words[i] for i in self.spec.tolist()]

        model = self._model
        fields: dict[str, object] = {
            "roundId": lambda: by_round({n: round_id(model.tournament, n) for n in times}),
            "roundNumber": numbers,
            "submissionId": lambda: by_round({n: submission_id(model.id, n) for n in times}),
            "displayName": lambda: by_spec([spec.display for spec in self.specs]),
            "version": lambda: by_spec([spec.version for spec in self.specs]),
            "value": self.value.tolist(),
            "percentile": self.percentile.tolist(),
            "day": self.day.tolist(),
            "date": lambda: by_index(self._first_index + self.day - 1),
            "resolved": self.resolved.tolist,
            "resolveDate": lambda: by_index(self._last_index),
            "roundResolveTime": lambda: by_round({n: time_string(t.resolve) for n, t in times.items()}),
            "roundScoreTime": lambda: by_round({n: time_string(t.score) for n, t in times.items()}),
            "roundCloseStakingTime": lambda: by_round({n: time_string(t.close) for n, t in times.items()}),
            "payoutPending": lambda: self.pending,
            "payoutSettled": lambda: self.settled,
        }
        return Columns(len(numbers), fields)


def _displays(session: Session, model: ModelInfo, numbers: range) -> list[str]:
    seen: dict[str, None] = {}
    for number in numbers:
        for spec in session.market.terms(model.tournament, number).scores:
            seen[spec.display] = None
    return list(seen)


def _rounds_of(session: Session, model: ModelInfo) -> range:
    population = session.market.arena(model.tournament).population
    known = session.market.rounds(model.tournament)
    start, stop = int(population.start[model.row]), int(population.stop[model.row])
    return range(max(known.start, start), max(start, min(known.stop, stop)))


def submission_scores(session: Session, arguments: Arguments) -> object:
    """A model's scores of every round and day; `distinctOnRound` keeps the newest of each round and score."""
    model = session.any_model(arguments["modelId"])
    if arguments.get("tournament") not in (None, int(model.tournament)):
        return []
    numbers = _rounds_of(session, model)
    last = arguments.get("lastNRounds")
    if last is not None:
        scored = [n for n in numbers if session.now >= session.market.times(model.tournament, n).score]
        kept = [n for n in scored if session.market.submitted(model, n)][-last:] if last > 0 else []
        numbers = range(kept[0], scored[-1] + 1) if kept else range(0)
    display = arguments.get("displayName")
    table = ScoreTable(session, model, numbers, None if display is None else {display})
    version, day, resolved = arguments.get("version"), arguments.get("day"), arguments.get("resolved")
    wanted = np.ones(len(table.number), dtype=np.bool_)
    if version is not None and table.specs:
        wanted &= np.array([spec.version == version for spec in table.specs])[table.spec]
    if day is not None:
        wanted &= table.day == day
    if resolved is not None:
        wanted &= table.resolved == resolved
    if arguments.get("distinctOnRound") and day is None:
        wanted &= table.newest
    if not wanted.all():
        # The newest rows and the settled payouts are marked before rows are dropped.
        columns = table.columns()
        return where(columns, wanted)
    return table.columns()


def where(columns: Columns, wanted: Bools) -> Columns:
    """The wanted rows of columns."""
    keep = wanted.tolist()

    def pick(cells: object) -> object:
        def picked() -> object:
            made = cells() if callable(cells) else cells
            if isinstance(made, list):
                return [cell for cell, kept in zip(made, keep, strict=True) if kept]
            return made

        return picked

    return Columns(sum(keep), {name: pick(cells) for name, cells in columns.fields.items()})


def _slice(columns: Columns, start: int, stop: int, cache: dict[str, object]) -> Columns:
    """Rows start <= row < stop; a column is made once for all slices that share `cache`."""

    def cut(name: str) -> object:
        def cells() -> object:
            if name not in cache:
                made = columns.fields[name]
                cache[name] = made() if callable(made) else made
            made = cache[name]
            return made[start:stop] if isinstance(made, list) else made

        return cells

    return Columns(stop - start, {name: cut(name) for name in columns.fields})


def _wanted_positions(session: Session, model: ModelInfo, arguments: Arguments) -> list[Position]:
    """The positions that the arguments let through, newest first."""
    positions = list(reversed(session.market.ledger.positions(model)))
    if not model.mine:
        positions = [p for p in positions if p.submitted]
    if arguments.get("submittedOnly"):
        positions = [p for p in positions if p.submitted]
    if arguments.get("resolvedOnly"):
        positions = [p for p in positions if p.resolved]
    times = {p.number: session.market.times(model.tournament, p.number) for p in positions}
    equal, least, most = (arguments.get(f"roundNumber__{end}") for end in ("eq", "gte", "lte"))
    stamp = arguments.get("roundDataDatestamp__gte")
    resolved_days, scored_days = arguments.get("resolvedWithinLastNDays"), arguments.get("scoredWithinLastNDays")
    kept = []
    for position in positions:
        number = position.number
        if (equal is not None and number != equal) or (least is not None and number < least):
            continue
        if (most is not None and number > most) or (stamp is not None and datestamp(number) < stamp):
            continue
        if resolved_days is not None:
            age = session.now - times[number].resolve
            if not timedelta(0) <= age <= timedelta(days=resolved_days):
                continue
        if scored_days is not None:
            last = calendar.scored_at(times[number].first_score_index + max(position.days, 1) - 1)
            if position.days == 0 or session.now - last > timedelta(days=scored_days):
                continue
        kept.append(position)
    last_rounds = arguments.get("lastNRounds")
    kept = kept if last_rounds is None else kept[:last_rounds]
    offset, limit = arguments.get("offset") or 0, arguments.get("limit")
    return kept[offset:] if limit is None else kept[offset : offset + limit]


def performances(session: Session, arguments: Arguments) -> object:
    """A model's rounds with stake at risk, multipliers, payouts and scores, newest first."""
    model = session.any_model(arguments["modelId"])
    if int(model.tournament) != (arguments.get("tournament") or 8):
        return []
    positions = _wanted_positions(session, model, arguments)
    numbers = [position.number for position in positions]
    rounds = range(min(numbers), max(numbers) + 1) if numbers else range(0)
    table = ScoreTable(session, model, rounds)
    columns = table.columns()
    cache: dict[str, object] = {}
    newest = where(columns, table.newest)
    newest_cache: dict[str, object] = {}
    newest_numbers = table.number[table.newest]

    def nested(source: Columns, rows: Ints, kept: dict[str, object]) -> list[Columns]:
        starts = np.searchsorted(-rows, [-n for n in numbers], side="left").tolist()
        stops = np.searchsorted(-rows, [-n for n in numbers], side="right").tolist()
        return [_slice(source, start, stop, kept) for start, stop in zip(starts, stops, strict=True)]

    fields = _position_fields(session, model, positions)
    fields["submissionScores"] = lambda: nested(newest, newest_numbers, newest_cache)
    fields["intraRoundSubmissionScores"] = lambda: nested(columns, table.number, cache)
    return Columns(len(positions), fields)


def _position_fields(session: Session, model: ModelInfo, positions: list[Position]) -> dict[str, object]:
    tournament = model.tournament
    arena = session.market.arena(tournament)
    times = [arena.times(p.number) for p in positions]
    signals = tournament.name == "SIGNALS"
    churn = [arena.churn(model.row, p.number) if signals and p.submitted else None for p in positions]

    def multipliers(position: Position) -> list[dict[str, object]]:
        out: list[dict[str, object]] = []
        for place, (multiplier, value) in enumerate(zip(position.terms.payout, position.multipliers, strict=True)):
            spec = position.terms.spec(multiplier.display)
            assert spec is not None
            identity = f"{int(tournament)}-{spec.name}-{spec.version}-{spec.days}"
            out.append(
                {
                    "id": f"{round_id(tournament, position.number)}-{place}",
                    "scoreConfigId": identity,
                    "name": spec.name,
                    "version": spec.version,
                    "displayName": spec.display,
                    "multiplier": float(value),
                }
            )
        return out

    def old_multiplier(word: str) -> list[float | None]:
        return [
            next((float(v) for m, v in zip(p.terms.payout, p.multipliers, strict=True) if word in m.display), None)
            for p in positions
        ]

    return {
        "roundId": [round_id(tournament, p.number) for p in positions],
        "roundNumber": [p.number for p in positions],
        "roundTarget": [target(tournament, p.number, p.terms.days) for p in positions],
        "roundDataDatestamp": lambda: [datestamp(p.number) for p in positions],
        "roundOpenTime": lambda: [time_string(t.open) for t in times],
        "roundCloseStakingTime": lambda: [time_string(t.close) for t in times],
        "roundScoreTime": lambda: [time_string(t.score) for t in times],
        "roundResolveTime": lambda: [time_string(t.resolve) for t in times],
        "roundResolved": [p.resolved for p in positions],
        "roundPayoutFactor": [None if p.factor is None else str(p.factor) for p in positions],
        "atRisk": [money(p.at_risk) for p in positions],
        "submissionId": [submission_id(model.id, p.number) if p.submitted else None for p in positions],
        "tickersAcceptedCount": Const(4_900 if signals else None),
        "tickersSubmittedCount": Const(5_000 if signals else None),
        "churnThreshold": Const(CHURN_LIMIT if signals else None),
        "turnoverThreshold": Const(TURNOVER_LIMIT if signals else None),
        "prevWeekChurnMax": churn,
        "prevWeekTurnoverMax": [None if value is None else round(value * 1.4, 4) for value in churn],
        "payoutMultipliers": lambda: [multipliers(p) for p in positions],
        "corrMultiplier": lambda: old_multiplier("corr"),
        "mmcMultiplier": lambda: old_multiplier("mmc"),
        "tcMultiplier": lambda: old_multiplier("tc"),
    }


RESOLVERS: dict[str, SessionResolver] = {
    "submissionScores": submission_scores,
    "v2RoundModelPerformances": performances,
}
