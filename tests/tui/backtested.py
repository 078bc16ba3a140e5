"""A cache with resolved rounds of own and watched models, for the backtest screen: the same on every run."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import sin
from pathlib import Path

from numtui.model import Tournament
from numtui.store.database import open_writer, transaction
from numtui.store.writes.models import ModelRow, put_models
from numtui.store.writes.rounds import ConfigRow, RoundRow, put_rounds, score_ids
from numtui.store.writes.scores import LatestRow, PositionRow, put_positions, put_scores

CLASSIC = Tournament.CLASSIC
NOW = datetime(2026, 11, 21, 13, 0, tzinfo=UTC)
FIRST, COUNT = 1000, 300
OWN, WATCHED = ("aurora", "borealis", "cassini"), ("model_0007",)
SCORES = (("v2_corr20", "v2"), ("mmc", "v1"), ("bmc", "v1"))
PAID = {"v2_corr20": Decimal("0.75"), "mmc": Decimal("2.25")}
FACTOR = Decimal("0.5")


def fill(path: Path, *, paid: Decimal | None = None) -> None:
    """Write the cache. `paid` stands as the settled payout of one position, which the formula does not give."""
    with closing(open_writer(path)) as connection, transaction(connection):
        put_rounds(connection, CLASSIC, [_round(number) for number in _numbers()], _configs())
        models = put_models(connection, CLASSIC, [ModelRow(name, f"id-{name}") for name in (*OWN, *WATCHED)])
        for name, model in models.items():
            mine = name in OWN
            connection.execute(
                "UPDATE models SET mine = ?, watched = ?, synced_time = ? WHERE model = ?",
                (int(mine), int(not mine), NOW, model),
            )
            put_positions(connection, model, [PositionRow(n, Decimal(10), None, FACTOR, True) for n in _numbers()])
        ids = score_ids(connection, SCORES)
        latest = [
            LatestRow(model, number, ids[score], 20, _value(place, number, at), 0.5, True)
            for place, model in enumerate(models.values())
            for number in _numbers()
            for at, score in enumerate(SCORES)
            if (place, number % 50) != (1, 7)  # the second model lacks some rounds
        ]
        if paid is not None:
            latest[1] = latest[1]._replace(payout_settled=paid)
        put_scores(connection, [], latest)
        connection.execute(
            """INSERT INTO polls (tournament, kind, started, updated, finished, state)
            VALUES (8, 'idle', ?1, ?1, ?1, 'done')""",
            (NOW,),
        )


def _numbers() -> range:
    return range(FIRST, FIRST + COUNT)


def _value(model: int, number: int, score: int) -> float:
    """Slow waves with a level of their own, as scores of overlapping rounds are."""
    level = (0.012, 0.006, 0.001)[score] * (1.2 - 0.5 * model)
    return level + 0.02 / (1 + score) * sin(number / (7 + model) + score) * sin(number / 31 + model)


def _round(number: int) -> RoundRow:
    opens = NOW - timedelta(days=1.4 * (FIRST + COUNT - number) + 40)
    return RoundRow(
        number, open_time=opens, close_time=opens + timedelta(hours=2), resolve_time=opens + timedelta(days=32),
        resolved=True, payout_factor=FACTOR,
    )  # fmt: skip


def _configs() -> list[ConfigRow]:
    return [
        ConfigRow(
            number, score, config_name=score[0], total_score_days=20, is_payout=score[0] in PAID,
            default_multiplier=PAID.get(score[0]), clip_threshold=Decimal("0.05"), payout_factor=FACTOR,
        )
        for number in _numbers()
        for score in SCORES
    ]  # fmt: skip
