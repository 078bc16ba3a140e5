"""No key, authorisation or signature in anything that stake actions write; and nothing heavy where screens import."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from numtui.demo import DEMO_PUBLIC, DEMO_SECRET
from numtui.demo.server.server import DemoServer
from numtui.stake.errors import StakeError
from numtui.stake.journal.journal import every_journal, journal_table
from numtui.stake.plan.file import plan_digest, plan_text
from numtui.stake.reconcile import reconcile
from numtui.stake.service import StakeService, render

from .helpers import planned

FORBIDDEN = (DEMO_PUBLIC, DEMO_SECRET, "Token ", "uthorization", "signature")


def test_nothing_secret_is_written(
    service: StakeService, server: DemoServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    said = []
    with caplog.at_level(logging.DEBUG):
        plan = planned(service, a="1", b="-2", c="out")
        (tmp_path / "plan.json").write_text(plan_text(plan))
        said.append(repr(render(service.client, plan)))
        server.faults.add("lost_answer", mutations_only=True, after=2)
        said.extend(result.message for result in service.apply(plan, plan_digest(plan), "a note"))
        with pytest.raises(StakeError) as caught:
            service.apply(plan, plan_digest(plan))
        said.append(str(caught.value))
        said.extend(found.message for found in reconcile(service))
        said.append(repr(journal_table(every_journal(service.state_dir))))
        said.append(repr(service.client))
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".json", ".journal", ".last", ".lock"}
    for path in files:
        content = path.read_bytes().decode("utf-8", "replace")
        assert not [word for word in FORBIDDEN if word in content], path
    assert not [word for word in FORBIDDEN if word in "\n".join(said)]
    assert not [word for word in FORBIDDEN if word in caplog.text]


LIGHT = (
    "reports.stake.cached_snapshot",
    "stake.journal.journal",
    "stake.journal.known",
    "stake.lock",
    "stake.plan.planner",
    "stake.plan.file",
    "stake.plan.table",
    "stake.rules.inputs",
    "reports.stake.status",
    "stake.atomic.claims",
    "stake.atomic.authorization",
)
HEAVY = ("httpx", "requests", "numerapi", "pandas", "sqlite_utils", "graphql", "textual", "numpy")


def test_what_screens_import_is_light() -> None:
    modules = ", ".join(f"numtui.{name}" for name in LIGHT)
    script = f"import sys, {modules}; print([m for m in {HEAVY!r} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
