"""A cache with a small tournament in it, written with plain inserts: the same on every run."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import sin
from pathlib import Path

from numtui.config import Settings
from numtui.model import time_text
from numtui.store.database import open_writer, transaction
from numtui.store.paths import packed

NOW = datetime(2026, 11, 21, 13, 0, tzinfo=UTC)
NEWEST = 1401
OWN = ("aurora", "borealis", "cassini", "dione", "enceladus")
WATCHED = ("model_0007", "model_0012")
SCORES = ("corr60", "mmc60")
DAYS = 60


def settings_of(folder: Path, **changes: object) -> Settings:
    """Settings whose cache lies in `folder`."""
    known: dict[str, object] = {
        "db": folder / "cache.sqlite",
        "state_dir": folder / "state",
        "config_file": folder / "numtui.toml",
        "api_urls": ("http://127.0.0.1:9",),
        "simulated": True,
    }
    return Settings(**(known | changes))  # type: ignore[arg-type]  # by name, as the tests need them


def wave(*seeds: int) -> float:
    """A number between -1 and 1, the same for the same seeds."""
    return sin(sum(seed * factor for seed, factor in zip(seeds, (12.9898, 78.233, 37.719), strict=False)) * 43.7)


def fill(path: Path, models: int = 300) -> None:
    """Write the tournament: `models` models on the Classic leaderboard, 14 rounds, five own and two watched models."""
    connection = open_writer(path)
    try:
        with transaction(connection):
            _rounds(connection)
            _leaderboard(connection, models)
            _own(connection)
            _account(connection)
            _polls(connection)
            changed(
                connection, "rounds", "leaderboard", "models", "score_paths", "latest", "positions", "stakes", "polls"
            )
    finally:
        connection.close()


def changed(connection: sqlite3.Connection, *names: str) -> None:
    """Count a write of tables, as the store does."""
    connection.executemany(
        "INSERT INTO changes VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET version = version + 1",
        [(name,) for name in names],
    )


def insert(connection: sqlite3.Connection, table: str, **values: object) -> None:
    """One row by column names; Decimals and times as texts."""
    texts = [
        str(value) if isinstance(value, Decimal) else time_text(value) if isinstance(value, datetime) else value
        for value in values.values()
    ]
    marks = ", ".join("?" * len(values))
    connection.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", texts)


def opening(number: int) -> datetime:
    """When a round opens: one a day, the newest an hour ago."""
    return NOW - timedelta(hours=1, days=NEWEST - number)


def scored_days(number: int) -> int:
    """How many days of a round are scored."""
    return max(0, (NEWEST - number) * 5 - 4)


def _rounds(connection: sqlite3.Connection) -> None:
    for score, name in enumerate(SCORES, 1):
        insert(connection, "score_names", score=score, name=name, version="1")
    for number in range(NEWEST - 13, NEWEST + 1):
        opens = opening(number)
        insert(
            connection,
            "rounds",
            tournament=8,
            round=number,
            id=f"r{number}",
            target="ender60",
            open_time=opens,
            close_time=opens + timedelta(hours=3, minutes=25),
            close_staking_time=opens + timedelta(hours=3, minutes=25),
            resolve_time=opens + timedelta(days=86),
            resolved=int(number <= NEWEST - 13),
            payout_factor="1" if number < NEWEST - 1 else None,
        )
        for score in (1, 2):
            insert(
                connection,
                "score_configs",
                tournament=8,
                round=number,
                score=score,
                total_score_days=DAYS,
                is_payout=1,
                default_multiplier="3" if score == 1 else "15",
                clip_threshold="1",
                payout_factor="1",
                scoring_start=opens + timedelta(days=4),
            )


def _leaderboard(connection: sqlite3.Connection, models: int) -> None:
    names = [f"model_{number:04}" for number in range(1, models - len(OWN) + 1)]
    for place, name in enumerate(OWN):
        names.insert(3 + place * 40, name)
    for rank, name in enumerate(names, 1):
        insert(
            connection,
            "leaderboard",
            tournament=8,
            kind="model",
            name=name,
            rank=rank,
            nmr_staked=Decimal(f"{(models - rank) * 7.25 + 0.5:.4f}"),
            stake=(models - rank) * 7.25 + 0.5,
            team=int(rank % 25 == 2),
            corr60=0.03 * (1 - rank / models) + 0.004 * wave(rank, 1),
            mmc60=0.012 * (0.6 - rank / models) + 0.002 * wave(rank, 2),
            mmc=0.002 * wave(rank, 3),
            bmc=None if rank % 9 == 0 else 0.001 * wave(rank, 4),
            return_1d=0.002 * wave(rank, 5),
            return_3m=0.08 * wave(rank, 6),
            return_1y=0.3 * wave(rank, 7),
            rank_change_1d=round(9 * wave(rank, 8)),
            rank_change_3m=round(60 * wave(rank, 9)),
            snapshot=1,
        )
    for rank in range(1, 41):
        insert(
            connection,
            "leaderboard",
            tournament=8,
            kind="account",
            name="stellar" if rank == 6 else f"account_{rank:03}",
            rank=rank,
            nmr_staked=Decimal(f"{(41 - rank) * 311.5:.2f}"),
            stake=(41 - rank) * 311.5,
            return_3m=0.05 * wave(rank, 11),
            return_1y_nmr=Decimal(f"{900 * wave(rank, 12):.3f}"),
            corr60=0.02 * wave(rank, 13),
            snapshot=1,
        )


def _own(connection: sqlite3.Connection) -> None:
    for key, name in enumerate((*OWN, *WATCHED), 1):
        own = name in OWN
        insert(
            connection,
            "models",
            model=key,
            tournament=8,
            name=name,
            id=f"id-{name}",
            account="stellar" if own else None,
            mine=int(own),
            watched=int(not own),
            synced_time=NOW,
        )
        if own:
            insert(connection, "stakes", model=key, stake=Decimal(key * 120), status="active", take_profit=0)
            sent = NEWEST if name != "dione" else NEWEST - 1
            insert(connection, "submissions", model=key, id=f"s{key}", round=sent, time=opening(sent), selected=1)
        for number in range(NEWEST - 13, NEWEST):
            _round_of(connection, key, number)
    connection.execute(
        "UPDATE stakes SET pending_type = 'decrease', pending_amount = '25.5', pending_due = ? WHERE model = 2",
        (time_text(NOW + timedelta(days=30)),),
    )


def _round_of(connection: sqlite3.Connection, key: int, number: int) -> None:
    insert(connection, "positions", model=key, round=number, at_risk=Decimal(key) * Decimal("1.875"), submission_id="s")
    total = scored_days(number)
    for score in (1, 2):
        values, percentiles = [], []
        for day in range(1, total + 1):
            value = day / DAYS * 0.02 * wave(key, number, score) + 0.002 * wave(key, day, score)
            percentile = 0.5 + 0.45 * wave(key, number, day)
            row: dict[str, object] = {"model": key, "round": number, "score": score, "day": day, "value": value}
            row |= {"percentile": percentile, "resolved": 0, "date": NOW - timedelta(days=total - day)}
            values.append(value)
            percentiles.append(percentile)
            date = (8, number, day, time_text(NOW - timedelta(days=total - day)))
            connection.execute("INSERT OR IGNORE INTO score_dates VALUES (?, ?, ?, ?)", date)
            if day == total:
                pending = Decimal(f"{value * 3 * key:.6f}")
                insert(connection, "latest", **row, payout_pending=pending)
        blobs = {"day_values": packed(values), "day_percentiles": packed(percentiles)}
        insert(connection, "score_paths", model=key, round=number, score=score, resolved=0, **blobs)


def _account(connection: sqlite3.Connection) -> None:
    insert(
        connection,
        "wallet",
        username="stellar",
        available_nmr=Decimal("312.4451"),
        on_chain=Decimal("0"),
        held_withdrawals=Decimal("0"),
        currency="USD",
    )
    insert(connection, "prices", base="NMR", target="USD", price=Decimal("14.25"), time=NOW)
    for key, name in enumerate(OWN, 1):
        for number in (NEWEST - 13, NEWEST - 12):
            insert(
                connection,
                "payouts",
                tournament=8,
                round=number,
                model_id=f"id-{name}",
                model=name,
                settled=int(number == NEWEST - 13),
                payout=Decimal(f"{wave(key, number) * 4:.5f}"),
                payout_value=Decimal(f"{wave(key, number) * 57:.2f}"),
                currency="USD",
                resolve_date="2026-11-20",
            )


def _polls(connection: sqlite3.Connection) -> None:
    for poll, minutes in enumerate((64, 34, 4), 1):
        started = NOW - timedelta(minutes=minutes)
        insert(
            connection,
            "polls",
            poll=poll,
            tournament=8,
            kind="first" if poll == 1 else "idle",
            started=started,
            updated=started,
            finished=started,
            state="done",
            requests=34 if poll == 1 else 1,
            bytes=4_100_000 if poll == 1 else 2100,
            errors=0,
            retries=0,
            rate_limited=0,
            seconds=6.2 if poll == 1 else 0.2,
            models_done=7,
            models_total=7,
            rows=5400,
        )
