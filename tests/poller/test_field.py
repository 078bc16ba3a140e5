"""The newest rounds with everybody in them come after a scoring run, once, and never where they are not to be had."""

from __future__ import annotations

from contextlib import closing

from numtui.config import Settings
from numtui.model import Tournament
from numtui.store.database import open_reader
from numtui.store.queries.scores.field import FieldSums, field_rounds
from numtui.store.queries.selection import Rounds

from .site import NOW, MakeSite, Site

CLASSIC = Tournament.CLASSIC
SATURDAY = NOW.replace(day=21, hour=18)
DETAILS = "roundDetails"


def fields(settings: Settings, tournament: Tournament = CLASSIC) -> list[FieldSums]:
    with closing(open_reader(settings.db)) as connection:
        return field_rounds(connection, tournament, Rounds())


def test_a_first_sync_and_an_idle_poll_ask_for_none(site: Site) -> None:
    settings = site.settings()
    assert site.poll(settings) == 0
    assert site.poll(settings) == 0
    assert DETAILS not in site.fields() and fields(settings) == []


def test_a_scoring_run_brings_the_newest_round_and_the_newest_resolved_one(make_site: MakeSite) -> None:
    site = make_site(rounds=90)
    settings = site.settings()
    site.poll(settings)
    site.clock.at = SATURDAY
    site.requests()
    assert site.poll(settings) == 0, site.said
    for tournament in Tournament:
        resolved, newest = fields(settings, tournament)
        assert resolved.resolved and not newest.resolved
        assert newest.models >= 4
    assert site.fields()[DETAILS] == 2 * len(Tournament)
    site.requests()
    assert site.poll(settings) == 0
    assert DETAILS not in site.fields(), "an idle poll asks for none"
    site.clock.at = NOW.replace(day=24, hour=18)
    assert site.poll(settings) == 0
    assert len(fields(settings)) >= 3, "the newest again, and what has resolved"
    assert sum(row.resolved for row in fields(settings)) == 2


def test_a_setting_leaves_it_out(site: Site) -> None:
    settings = site.settings(no_field=True)
    site.poll(settings)
    site.clock.at = SATURDAY
    site.requests()
    assert site.poll(settings) == 0
    assert DETAILS not in site.fields() and fields(settings) == []


def test_a_poll_is_as_good_without_it(site: Site) -> None:
    settings = site.settings()
    site.poll(settings)
    site.clock.at = SATURDAY
    site.server.faults.add("500", field=DETAILS, times=50)
    assert site.poll(settings) == 0
    assert fields(settings) == []
    assert any("the field of the newest rounds" in line for line in site.said)
