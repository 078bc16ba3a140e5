"""Claims of Atomic positions in the cache: read where there are any, with deadlines, and gone when they are claimed."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from decimal import Decimal

from numtui.api.records.staking import StakeClaim
from numtui.calendar import CLAIM_WINDOW
from numtui.demo import DEMO_STAKERS
from numtui.model import Tournament
from numtui.poller.sync.claims import claim_rows
from numtui.reports.stake.claims import claims
from numtui.store.database import open_reader, open_writer
from numtui.store.queries.stakes.claims import open_claims
from numtui.store.writes.accounts import forget_account
from tests.poller.site import NOW, Site

STRATEGIES = {Tournament.CLASSIC: DEMO_STAKERS["classic"], Tournament.CRYPTO: DEMO_STAKERS["crypto"]}


def test_open_claims_are_here_with_what_they_bring_and_their_deadline(site: Site) -> None:
    settings = site.settings(staker=STRATEGIES)
    assert site.poll(settings) == 0
    with closing(open_reader(settings.db)) as cache:
        known = claims(cache, Tournament.CRYPTO)
        legacy = open_claims(cache, Tournament.SIGNALS)
    assert known.known and known.rows
    assert all(isinstance(row.claimable, Decimal) and row.claimable > 0 for row in known.rows)
    assert all(row.deadline is not None and row.deadline > NOW - timedelta(days=4) for row in known.rows)
    assert [row.deadline for row in known.rows] == sorted(row.deadline for row in known.rows if row.deadline)
    assert all(row.model.startswith("demo_") for row in known.rows)
    assert legacy.time is None, "no claims of legacy staking are asked for"


def test_without_the_address_of_the_strategy_no_claim_is_not_none(site: Site) -> None:
    settings = site.settings()
    assert site.poll(settings) == 0
    with closing(open_reader(settings.db)) as cache:
        known = claims(cache, Tournament.CRYPTO)
        assert open_claims(cache, Tournament.CRYPTO).time is not None
    assert not known.known and not known.rows


def test_a_claim_that_is_finalised_is_gone_after_the_next_run(site: Site) -> None:
    settings = site.settings(staker=STRATEGIES)
    site.poll(settings)
    with closing(open_reader(settings.db)) as cache:
        before = {row[:2] for row in open_claims(cache, Tournament.CRYPTO).rows}
    site.clock.at = NOW + CLAIM_WINDOW + timedelta(days=4)
    site.poll(settings)
    with closing(open_reader(settings.db)) as cache:
        after = {row[:2] for row in open_claims(cache, Tournament.CRYPTO).rows}
    assert after and not before & after


def test_another_account_has_claims_of_its_own(site: Site) -> None:
    settings = site.settings(staker=STRATEGIES)
    site.poll(settings)
    with closing(open_writer(settings.db)) as cache:
        forget_account(cache)
        assert open_claims(cache, Tournament.CRYPTO).time is None
        assert cache.execute("SELECT count(*) FROM claims").fetchone() == (0,)


def test_claims_without_round_or_model_are_left_out_and_none_is_there_twice() -> None:
    whole = StakeClaim(api_model_id="m", round_id="1212", staker="0x1", claimable_amount_wei="1500000000000000000")
    rows = claim_rows(
        [whole, whole, StakeClaim(round_id="1212"), StakeClaim(api_model_id="m", round_id="x")], Tournament.CRYPTO
    )
    assert [(row.round, row.claimable) for row in rows] == [(1212, Decimal("1.5"))]
