"""A Classic tournament of recorded scores: real values and percentiles of real models, on a calendar laid back."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from .other_market import CLASSIC, NOW, SCORING_WEEKDAYS, Market, Model, Point, Round, Terms, Tournament

CORR, MMC = Terms("canon_corr", "1", True, 0.5), Terms("canon_mmc", "1", True, 2.0)
AGO = timedelta(days=120)  # all of the rounds have resolved
Recorded = dict[tuple[str, int], dict[str, str]]


def read_recorded(path: Path) -> Recorded:
    """The rows of the file by model and round; a value that is missing is empty."""
    with path.open(newline="") as file:
        return {(row["model"], int(row["round"])): row for row in csv.DictReader(file)}


class RecordedTournament(Tournament):
    """Only the last of each round's 20 days has scores: days before it were not recorded."""

    def __init__(self, recorded: Recorded) -> None:
        self.recorded = recorded
        numbers = [number for _, number in recorded]
        super().__init__(CLASSIC, max(numbers), max(numbers) - min(numbers) + 1, 0)

    def terms(self, number: int) -> tuple[tuple[Terms, ...], float, str | None, int]:
        return (CORR, MMC), 0.05, "0.1", 20

    @cached_property
    def rounds(self) -> dict[int, Round]:
        day, days = (NOW - AGO).date(), list[date]()
        while len(days) < self.count:
            if day.weekday() in SCORING_WEEKDAYS:
                days.append(day)
            day -= timedelta(days=1)
        return {number: self._round(number, day) for number, day in zip(self.numbers, reversed(days), strict=True)}

    @property
    def numbers(self) -> range:
        return range(self.newest - self.count + 1, self.newest + 1)

    @cached_property
    def field(self) -> list[Model]:
        return [Model(CLASSIC, name, "recorded", Decimal(100)) for name in sorted({name for name, _ in self.recorded})]

    def takes_part(self, model: Model, number: int) -> bool:
        return (model.name, number) in self.recorded

    def points(self, model: Model, of: Round) -> list[Point]:
        row = self.recorded.get((model.name, of.number), {})
        columns = ((CORR, "canon_corr", "corr_percentile"), (MMC, "canon_mmc", "mmc_percentile"))
        return [
            Point(score, len(of.dates), of.dates[-1], float(row[value]), float(row[percentile]))
            for score, value, percentile in columns
            if row.get(value)
        ]


def recorded_market(path: Path) -> Market:
    """A market whose Classic tournament is the recorded one."""
    market = Market(models=40, rounds=6)
    market.tournaments[CLASSIC] = RecordedTournament(read_recorded(path))
    return market
