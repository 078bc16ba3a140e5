import pytest
from hypothesis import given
from hypothesis import strategies as st

from numtui.analysis.epochs import BUILT_IN, check_epoch, definition_changes, known_epochs, parse_range, resolve
from numtui.demo.terms import terms
from numtui.model import Tournament

OWN = {"retrained": (1100, None), "New data": (900, 950)}


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("843..1100", (843, 1100)),
        ("843..", (843, None)),
        (" ..1100 ", (None, 1100)),
        ("..", (None, None)),
        ("843", (843, 843)),
        ("daily", (474, None)),
        ("tc", (474, 649)),
        ("terms-2024", (650, 1171)),
        ("TERMS-2026", (1172, 1342)),
        ("atomic", (1343, None)),
        ("retrained", (1100, None)),
        ("new data", (900, 950)),
    ],
)
def test_a_name_or_a_range_becomes_its_ends(text: str, ends: tuple[int | None, int | None]) -> None:
    assert resolve(text, Tournament.CLASSIC, OWN) == ends


def test_epochs_are_those_of_the_tournament() -> None:
    assert resolve("atomic", Tournament.CRYPTO, {}) == (1292, None)
    assert resolve("tc", Tournament.SIGNALS, {}) == (474, 713)
    with pytest.raises(ValueError, match=r"no epoch 'atomic' for signals.*daily, tc, terms-2024"):
        resolve("atomic", Tournament.SIGNALS, {})


def test_an_unknown_name_is_answered_with_the_names_there_are() -> None:
    with pytest.raises(ValueError, match=r"no epoch 'retraind' for classic.*terms-2024.*atomic, retrained, New data$"):
        resolve("retraind", Tournament.CLASSIC, OWN)


def test_a_users_epoch_goes_before_the_built_in_of_its_name() -> None:
    own = {"tc": (500, 640)}
    assert resolve("tc", Tournament.CLASSIC, own) == (500, 640)
    assert [epoch.name for epoch in known_epochs(Tournament.CLASSIC, own)].count("tc") == 1


def test_of_names_that_differ_in_case_the_one_written_is_meant() -> None:
    own = {"Late": (1, 2), "late": (3, 4)}
    assert resolve("late", Tournament.CLASSIC, own) == (3, 4)


@pytest.mark.parametrize("text", ["1100..843", "backwards"])
def test_a_range_that_runs_backwards_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="comes after the last"):
        resolve(text, Tournament.CLASSIC, {"backwards": (2, 1)})


@given(st.one_of(st.none(), st.integers(0, 3000)), st.one_of(st.none(), st.integers(0, 3000)))
def test_every_range_reads_back(first: int | None, last: int | None) -> None:
    text = f"{'' if first is None else first}..{'' if last is None else last}"
    if first is not None and last is not None and first > last:
        with pytest.raises(ValueError, match="comes after"):
            parse_range(text)
    else:
        assert parse_range(text) == (first, last)


@pytest.mark.parametrize("name", ["", " x", "1..2", "12"])
def test_a_name_that_could_not_be_asked_for_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name an epoch"):
        check_epoch(name, (1, 2))
    check_epoch("new data", (1, None))


def test_built_in_terms_hold_one_set_of_multipliers_each() -> None:
    """Against the demo's statement of the regimes: within an epoch `terms-*` or `atomic` nothing changes."""
    for tournament, epochs in BUILT_IN.items():
        for epoch in epochs:
            if not epoch.name.startswith(("terms", "atomic")):
                continue
            first, last = epoch.first or 765, epoch.last or 1400
            held = {(t.payout, t.clip, t.threshold, t.days) for t in (terms(tournament, n) for n in (first, last))}
            assert len(held) == 1, epoch
            if epoch.last is not None:
                after = terms(tournament, epoch.last + 1)
                assert (after.payout, after.clip, after.threshold, after.days) not in held, epoch


def test_a_change_of_version_is_told_with_its_round() -> None:
    rounds = {n: {("corr20", "v4" if n < 1172 else "v5")} for n in range(1160, 1180)}
    assert definition_changes({"canon_corr": rounds}) == ("canon_corr changes from version v4 to v5 at round 1172",)
    assert definition_changes({"canon_corr": rounds}, (1172, None)) == ()
    assert definition_changes({"canon_corr": rounds}, (None, 1171)) == ()


def test_a_change_of_name_is_told_with_both() -> None:
    rounds = {1342: {("corr20", "v2")}, 1343: {("corr60", "v1")}}
    assert definition_changes({"canon_corr": rounds}) == (
        "canon_corr changes from corr20 v2 to corr60 v1 at round 1343",
    )


def test_rounds_without_the_score_are_passed_over() -> None:
    rounds: dict[int, set[tuple[str, str]]] = {1: {("mmc", "v1")}, 2: set(), 4: {("mmc", "v1")}, 6: {("mmc", "v2")}}
    assert definition_changes({"mmc": rounds}) == ("mmc changes from version v1 to v2 at round 6",)


def test_two_definitions_at_once_are_told() -> None:
    both = {("bmc", "v1"), ("bmc", "v2")}
    rounds = {1: both, 2: both, 3: {("bmc", "v2")}}
    assert definition_changes({"bmc": rounds, "corr": {1: {("corr", "v1")}}}) == (
        "bmc stands for bmc v1 and bmc v2 at once from round 1",
        "bmc changes from bmc v1 and bmc v2 to bmc v2 at round 3",
    )
