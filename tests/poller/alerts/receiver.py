"""A local HTTP receiver of what apprise sends to json:// addresses, and caches with alerts that are to be delivered."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from numtui.alert_rules import AlertRule, checked_rule
from numtui.analysis.alerts.checking import check_rules
from numtui.analysis.alerts.facts import AtRiskFact, Facts, TournamentFacts
from numtui.analysis.alerts.states import changes
from numtui.config import Settings
from numtui.config_file import Notify
from numtui.model import Tournament
from numtui.poller.alerts.channels import channel_names
from numtui.store.database import open_writer, transaction
from numtui.store.queries.alerts import alerts
from numtui.store.writes.alerts import put_changes, put_checks

AT = datetime(2026, 11, 24, 13, tzinfo=UTC)
SHARE = checked_rule({"rule": "at_risk_share", "above": 0.4})


class Receiver:
    """What has arrived; `refusing` answers with 500 instead."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.refusing = False
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if not receiver.refusing:
                    receiver.got.append(body)
                self.send_response(500 if receiver.refusing else 200)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"json://someone:hidden-word@127.0.0.1:{self.server.server_port}/hidden-path"


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        receiver.server.server_close()
        thread.join()


def settings_in(folder: Path, notify: Notify | None = None, rules: tuple[AlertRule, ...] = (SHARE,)) -> Settings:
    return Settings(
        db=folder / "cache.db", state_dir=folder, config_file=folder / "none.toml", alerts=rules, notify=notify
    )


def shares(*models: str, share: float = 0.5) -> Facts:
    """Models that have this part of all at risk."""
    facts = tuple(AtRiskFact(model, True, Decimal(5), share) for model in models)
    return Facts(AT, (TournamentFacts(Tournament.CLASSIC, at_risk=facts),))


def put(settings: Settings, facts: Facts, now: datetime = AT) -> list[int]:
    """An evaluation with these facts."""
    found = check_rules(settings.alerts, facts)
    with closing(open_writer(settings.db)) as connection, transaction(connection):
        known = {alert.identity: alert for alert in alerts(connection)}
        told = put_changes(connection, changes(known, found, now), now, channels=channel_names(settings.notify))
        put_checks(connection, found, now)
        return told
