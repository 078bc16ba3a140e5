"""Of needs with one deadline the largest amount comes first; a need of several models is said on each of their rows."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from sqlite3 import Connection

from numtui.reports.overview.models import model_rows
from numtui.reports.overview.needs import Need, NeedKind, needs
from numtui.reports.overview.overview import Overview
from numtui.reports.overview.state import tournament_state
from numtui.reports.stake.status import account_status
from tests.poller.site import NOW


def test_the_largest_amount_first(cache: Connection, read: Overview) -> None:
    for before, after in pairwise(read.needs):
        if (before.kind, before.deadline) == (after.kind, after.deadline):
            assert (before.amount or 0) >= (after.amount or 0)
    status = account_status(cache, NOW, tournaments=())
    soon, late = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
    listed = [
        Need(NeedKind.SUBMISSION, "late", amount=Decimal(99), deadline=late),
        Need(NeedKind.SUBMISSION, "small", amount=Decimal(1), deadline=soon),
        Need(NeedKind.SUBMISSION, "large", amount=Decimal(38), deadline=soon),
    ]
    assert [need.text for need in needs(status, {}, NOW, listed)] == ["large", "small", "late"]


def test_every_model_of_a_need_has_it_in_its_row(cache: Connection, read: Overview) -> None:
    status = account_status(cache, NOW).tournaments[0]
    names = [model.state.name for model in status.models]
    of_two = Need(NeedKind.ALERT, "two", status.tournament.label, models=tuple(names[:2]))
    rows = model_rows(cache, tournament_state(cache, status, NOW), [of_two], read.days.ordinals)
    assert [row.model for row in rows if row.need == "alert"] == names[:2]
    assert [row.need for row in rows[2:]] == [None] * len(names[2:])


def test_claims_say_how_many_are_due_first(read: Overview) -> None:
    for need in read.needs:
        if need.kind is NeedKind.CLAIM:
            assert "claims" in need.text and need.text.endswith(" by then, else finalised for you")
