"""The field of a round of real size: the time to read, pack and keep it, its size, and the time to read it again."""

from __future__ import annotations

import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np

from numtui.api.records.account import RoundDetails
from numtui.api.wire import decode
from numtui.model import Tournament
from numtui.poller.field import field_round
from numtui.reports.field.percentiles import field_places
from numtui.store.database import open_reader, open_writer
from numtui.store.queries.selection import Rounds
from numtui.store.writes.field import put_field
from tests.bench.figure import Figure

MODELS = 15_000
ROUNDS = 300
NOW = datetime(2026, 11, 21, 15, tzinfo=UTC)
CLASSIC = Tournament.CLASSIC
SCORES = ("v2Corr20", "corr_60", "mmc", "mmc_60", "bmc", "fncV3", "corrWMetaModel")


def answer(seed: int) -> bytes:
    """A round's answer in JSON, its scores with all digits of a float."""
    rng = np.random.default_rng(seed)
    values = {name: rng.normal(0.01, 0.02, MODELS).tolist() for name in SCORES}
    staked = rng.uniform(size=MODELS) < 0.3
    stakes = np.where(staked, rng.exponential(60, MODELS), 0.0)
    models = [
        {
            "id": f"{seed}-{place:032x}",
            "modelName": f"model_{place:05d}",
            "selectedStakeValue": f"{stakes[place]:.18f}",
            **{name: column[place] for name, column in values.items()},
            **{f"{name.replace('_', '')}Percentile": 0.5 for name in SCORES},
        }
        for place in range(MODELS)
    ]
    multipliers = [{"displayName": "corr60", "multiplier": 3.0}, {"displayName": "mmc60", "multiplier": 15.0}]
    return msgspec.json.encode({"roundNumber": seed, "payoutMultipliers": multipliers, "models": models})


def figures() -> dict[str, Figure]:
    """Of one round, the best of three; of all of them, the percentiles of twelve models."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "cache.sqlite"
        with closing(open_writer(path)) as connection:
            raws = [answer(seed) for seed in range(4)]
            laps = []
            for number, raw in enumerate(raws):
                began = time.perf_counter()
                put_field(connection, CLASSIC, field_round(number, decode(raw, RoundDetails)), NOW)
                laps.append(time.perf_counter() - began)
            (size,) = connection.execute("SELECT sum(length(data)) FROM field_columns WHERE round = 3").fetchone()
            row = field_round(0, decode(raws[0], RoundDetails))
            for number in range(ROUNDS):
                put_field(connection, CLASSIC, row._replace(round=number), NOW)
        with closing(open_reader(path)) as connection:
            began = time.perf_counter()
            field_places(connection, CLASSIC, [f"model_{place:05d}" for place in range(12)], Rounds())
            read = time.perf_counter() - began
    return {
        "field_keep_s": Figure(min(laps[1:])),
        "field_bytes": Figure(float(size)),
        "field_read_s": Figure(read),
    }
