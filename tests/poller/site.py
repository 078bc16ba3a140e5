"""A simulated tournament behind a real server, with a clock that tests set, and pollers on caches of their own."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from numtui import demo
from numtui.config import Settings
from numtui.demo.server.server import DemoServer
from numtui.model import Tournament
from numtui.poller.service import Service
from numtui.store.writes.accounts import StakeRow
from tests.by_day import days_table

# A Friday evening: the day's run has scored and resolved, and its round has closed.
NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)


@dataclass
class Hands:
    """A clock that tests set; `hands.at` is read by server and poller alike."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@dataclass
class Site:
    """A server with its market, and where pollers find it."""

    server: DemoServer
    folder: Path
    clock: Hands
    said: list[str] = field(default_factory=list)

    def settings(self, name: str = "cache", **changes: object) -> Settings:
        given: dict[str, object] = {
            "db": self.folder / f"{name}.db",
            "state_dir": self.folder / "state",
            "config_file": self.folder / "none.toml",
            "api_urls": (self.server.url,),
            "simulated": True,  # not paced: some tests poll many times a second
            **changes,
        }
        return Settings(**given)  # type: ignore[arg-type]  # the tests' words are the settings' names

    @staticmethod
    def settings_of(db: Path) -> Settings:
        """Settings that only name a cache."""
        return Settings(db=db, state_dir=db.parent, config_file=db.parent / "none.toml")

    def poll(self, settings: Settings | None = None) -> int:
        """`numtui poll --once` in this process; the exit code."""
        return asyncio.run(self.service(settings or self.settings()).run())

    def service(self, settings: Settings, *, full: bool = False) -> Service:
        """What `numtui poll --once` runs."""
        return Service(settings, self.clock, once=True, say=self.said.append, full=full)

    def requests(self) -> int:
        """How many requests the server has had since the last time this was asked."""
        count = self.server.log.requests
        self.server.log.clear()
        return count

    def fields(self) -> dict[str, int]:
        return dict(self.server.log.fields)

    def change_stake(self, model_id: str, amount: str, tournament: Tournament = Tournament.SIGNALS) -> None:
        """A stake increase at the server, as its owner makes one elsewhere."""
        query = (
            "mutation($m: ID!, $v: String!) { v2ChangeStake(modelId: $m, tournamentNumber: "
            f'{int(tournament)}, type: "increase", value: $v) {{ status }} }}'
        )
        headers = {"Authorization": f"Token {demo.DEMO_PUBLIC}${demo.DEMO_SECRET}"}
        body = {"query": query, "variables": {"m": model_id, "v": amount}}
        answer = httpx.post(self.server.url, json=body, headers=headers).json()
        assert "errors" not in answer, answer


MakeSite = Callable[..., Site]


QUERIES = {
    "rounds": "SELECT * FROM rounds ORDER BY 1, 2",
    "score_configs": """SELECT c.tournament, round, name, version, is_payout, is_canon, min_multiplier, max_multiplier,
      default_multiplier, clip_threshold, c.payout_factor, total_score_days FROM score_configs c
      JOIN score_names USING (score) ORDER BY 1, 2, 3, 4""",
    "models": "SELECT tournament, name, id, account, team, archived, mine, watched FROM models ORDER BY 1, 2",
    "scores": """SELECT m.tournament, m.name, round, n.name, version, day, value, percentile, resolved FROM scores
      JOIN models m USING (model) JOIN score_names n USING (score) ORDER BY 1, 2, 3, 4, 5, 6""",
    "latest": """SELECT m.tournament, m.name, round, n.name, version, day, value, percentile, resolved, payout_pending,
      payout_settled FROM latest JOIN models m USING (model) JOIN score_names n USING (score) ORDER BY 1, 2, 3, 4, 5""",
    "positions": """SELECT m.tournament, m.name, round, at_risk, submission_id, payout_factor, resolved FROM positions
      JOIN models m USING (model) ORDER BY 1, 2, 3""",
    "multipliers": """SELECT m.tournament, m.name, round, n.name, version, multiplier FROM multipliers
      JOIN models m USING (model) JOIN score_names n USING (score) ORDER BY 1, 2, 3, 4, 5""",
    "leaderboard": """SELECT tournament, kind, name, id, rank, nmr_staked, stake, team, return_1d, return_3m, return_1y,
      corr60, mmc60, v2_corr20, mmc, alpha, mpc, corr FROM leaderboard ORDER BY 1, 2, 3""",
    "stakes": f"SELECT m.name, {', '.join(StakeRow._fields[1:])} FROM stakes JOIN models m USING (model) ORDER BY 1",
    "submissions": """SELECT m.name, s.id, s.round, s.status, s.time FROM submissions s JOIN models m USING (model)
      ORDER BY 1""",
    "wallet": "SELECT * FROM wallet",
    "transactions": "SELECT * FROM transactions ORDER BY key",
    # without the value in fiat, which is of the moment when it was asked for
    "payouts": "SELECT tournament, round, model_id, model, settled, payout, resolve_date FROM payouts ORDER BY 1, 2, 3",
    "prices": "SELECT * FROM prices ORDER BY 1, 2",
    "pipeline": "SELECT * FROM pipeline ORDER BY 1, 2",
    "score_dates": "SELECT * FROM score_dates ORDER BY 1, 2, 3",
}
Dump = dict[str, list[tuple[object, ...]]]


def dump(settings: Settings, *leave_out: str) -> Dump:
    """All data of a cache, without the numbers that only count the order of arrival."""
    with closing(sqlite3.connect(settings.db)) as connection:
        days_table(connection)
        return {name: connection.execute(sql).fetchall() for name, sql in QUERIES.items() if name not in leave_out}


def one(settings: Settings, sql: str, *values: object) -> object:
    """The first column of a query's first row."""
    with closing(sqlite3.connect(settings.db)) as connection:
        if " scores" in sql:
            days_table(connection)
        row = connection.execute(sql, values).fetchone()
        return None if row is None else row[0]


def differences(left: Dump, right: Dump) -> dict[str, tuple[int, list[object]]]:
    """What differs between two caches: by table the number of rows, and some of them."""
    differing: dict[str, tuple[int, list[object]]] = {}
    for name in left:
        rows = set(left[name]) ^ set(right[name])
        if rows:
            differing[name] = (len(rows), list(sorted(rows, key=repr)[:6]))
    return differing


def later(days: float) -> datetime:
    return NOW + timedelta(days=days)
