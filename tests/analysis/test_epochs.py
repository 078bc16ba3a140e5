from itertools import pairwise

import pytest

from numtui.analysis.epochs import BUILT_IN, Epoch, definition_changes, epochs_of, resolve_range, target_changes
from numtui.analysis.regimes import regime_of_round
from numtui.model import Tournament

CLASSIC, SIGNALS, CRYPTO = Tournament.CLASSIC, Tournament.SIGNALS, Tournament.CRYPTO


@pytest.mark.parametrize(
    ("text", "tournament", "first", "last"),
    [
        ("843..1100", CLASSIC, 843, 1100),
        ("843..", CLASSIC, 843, None),
        ("..1100", SIGNALS, None, 1100),
        ("..", CLASSIC, None, None),
        (" 843 ", CLASSIC, 843, 843),
        ("daily", CLASSIC, 474, None),
        ("after-tc", CLASSIC, 650, None),
        ("terms-2024", CLASSIC, 650, 1171),
        ("terms-2026", CLASSIC, 1172, 1342),
        ("atomic", CLASSIC, 1343, None),
        ("atomic", CRYPTO, 1292, None),
        ("terms-2025", SIGNALS, 1085, 1171),
        ("terms-2026", SIGNALS, 1172, 1362),
        ("terms-2026-09", SIGNALS, 1363, None),
        ("terms-2024", CRYPTO, 759, 928),
        ("terms-2025", CRYPTO, 929, 1171),
    ],
)
def test_ranges(text: str, tournament: Tournament, first: int | None, last: int | None) -> None:
    epoch = resolve_range(text, tournament)
    assert (epoch.first, epoch.last) == (first, last)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "atomic",
            r"no epoch 'atomic' in signals; there are after-tc, .*terms-2026-09; or write rounds as 843\.\.1100$",
        ),
        ("", "no epoch ''"),
        ("a..b", "not a range"),
        ("1..2..3", "not a range"),
        ("-5..9", "not a range"),
        ("1100..843", "backwards"),
    ],
)
def test_bad_ranges_say_what_is_wrong(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        resolve_range(text, SIGNALS)


def test_the_users_own_epochs_go_before_the_built_in_ones() -> None:
    own = [Epoch("new data", None, 1000, None), Epoch("daily", CLASSIC, 500, 600), Epoch("x", SIGNALS, 1, 2)]
    assert resolve_range("new data", CRYPTO, own).first == 1000
    assert resolve_range("daily", CLASSIC, own).text == "500..600"
    assert "x" not in epochs_of(CLASSIC, own)


def test_rounds_within() -> None:
    epoch = Epoch("e", CLASSIC, 10, 12)
    assert [number for number in range(8, 15) if number in epoch] == [10, 11, 12]
    assert 10**6 in Epoch("all", None, None, None)
    assert "10" not in epoch


def test_epochs_of_terms_are_the_rounds_of_those_terms() -> None:
    for epoch in BUILT_IN:
        if epoch.name.startswith(("terms-", "atomic")) and epoch.tournament is not None and epoch.first is not None:
            terms = regime_of_round(epoch.tournament, epoch.first)
            assert terms is not None
            assert terms.first_round == epoch.first
            if epoch.last is not None:
                assert regime_of_round(epoch.tournament, epoch.last) == terms
                assert regime_of_round(epoch.tournament, epoch.last + 1) != terms


def test_only_announced_rounds_are_exact() -> None:
    exact = {(epoch.tournament, epoch.name) for epoch in BUILT_IN if not epoch.approximate}
    assert exact == {
        (None, "all"),
        *((Tournament.CLASSIC, name) for name in ("daily", "tc", "after-tc", "atomic")),
        *((Tournament.SIGNALS, name) for name in ("daily", "terms-2026-09")),
    }


def test_changes_of_definition_are_found_and_said() -> None:
    definitions = {
        10: {"corr@v1", "mmc@v1"},
        11: {"corr@v1", "mmc@v1"},
        12: set[str](),
        13: {"corr@v2", "mmc@v1"},
        14: {"corr@v2", "mmc@v1", "tc@v1"},
        15: {"corr@v2", "tc@v1"},
    }
    sentences = [change.sentence for change in definition_changes(definitions)]
    assert sentences == [
        "corr changes from v1 to v2 with round 13",
        "tc@v1 begins with round 14",
        "mmc@v1 ends before round 15",
    ]
    assert [change.round for change in definition_changes(definitions, ["tc", "corr@v2"])] == [13, 14]
    assert definition_changes({10: {"corr@v1"}, 11: {"corr@v1"}}) == []


def test_two_versions_side_by_side_are_a_change_as_well() -> None:
    (change,) = definition_changes({1: ["corr@v1"], 2: ["corr@v1", "corr@v2"]})
    assert (change.before, change.after) == ("v1", "v1+v2")


@pytest.mark.parametrize(
    ("name", "first", "last", "days", "crossed"),
    [
        ("v2_corr20", 843, 1171, {}, []),
        ("v2_corr20", 843, 1172, {}, [1172]),
        ("v2_corr20", 400, 1400, {}, [474, 1172]),  # 20 days to this day: not on the target of 60
        ("corr60", 400, 1400, {}, [1343]),
        ("canon_corr", 400, 1400, {}, [474, 1172, 1343]),
        ("canon_mmc", 1300, 1400, {1300: 20, 1343: 60}, [1343]),
        ("mmc", 1000, 1400, {1000: 20, 1172: 20, 1343: 20}, [1172]),  # as its configuration says
        ("mmc", 1343, 1400, {}, []),
        ("tc", 400, 1400, {}, []),  # not a score of a target
    ],
)
def test_a_range_may_cross_a_change_of_the_target(
    name: str, first: int, last: int, days: dict[int, int], crossed: list[int]
) -> None:
    assert [change.round for change in target_changes(CLASSIC, name, first, last, days)] == crossed
    assert target_changes(CRYPTO, name, first, last, days) == []


def test_a_change_of_the_target_in_words() -> None:
    (change,) = target_changes(CLASSIC, "v2_corr20", 1000, 1200)
    assert change.sentence("v2_corr20") == (
        "v2_corr20 is scored on Ender20 from round 1172 on, on Cyrus before: same name, another score"
    )


@pytest.mark.parametrize("tournament", Tournament)
@pytest.mark.parametrize("names", [("tc", "after-tc"), ("terms-", "atomic")])
def test_eras_follow_each_other_without_a_gap_or_a_round_in_two(tournament: Tournament, names: tuple[str, ...]) -> None:
    eras = [epoch for epoch in BUILT_IN if epoch.tournament is tournament and epoch.name.startswith(names)]
    for earlier, later in pairwise(eras):
        assert earlier.last is not None
        assert later.first == earlier.last + 1, (earlier, later)
    assert not eras or eras[-1].last is None
