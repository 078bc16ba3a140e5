"""Decoding: money and times in every dress, nulls and wrong values in every place."""

from __future__ import annotations

import types
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Union, get_args, get_origin

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numtui.api.records import account, public, staking
from numtui.api.records.public import ClassicEntry, Performance, Round, RoundTimes, ScorePoint, SubmissionScore
from numtui.api.wire import Instant, Money, Whole, Wire, camel_case, decode, instant_of, money_of

RECORDS = [
    value
    for module in (public, account, staking)
    for value in vars(module).values()
    if isinstance(value, type) and issubclass(value, Wire) and value is not Wire
]

amounts = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=18)


@given(amounts)
def test_money_keeps_every_digit(amount: Decimal) -> None:
    assert money_of(str(amount)) == amount
    assert money_of(f"{amount:,f}") == amount
    assert decode(msgspec.json.encode({"nmrStaked": f"{amount:,f}"}), ClassicEntry).nmr_staked == amount


@given(st.text())
def test_no_text_makes_money_fail(text: str) -> None:
    amount = money_of(text)
    assert amount is None or amount.is_finite()


@given(st.integers(-(10**15), 10**15) | st.floats(allow_nan=False, allow_infinity=False))
def test_money_may_come_as_a_number(number: float) -> None:
    assert money_of(number) == Decimal(str(number))


@pytest.mark.parametrize("wrong", ["", None, "abc", "NaN", "Infinity", "1.2.3", True, [1], {"a": 1}])
def test_wrong_money_is_missing(wrong: object) -> None:
    assert money_of(wrong) is None
    entry = decode(msgspec.json.encode({"username": "a", "nmrStaked": wrong}), ClassicEntry)
    assert entry.nmr_staked is None
    assert entry.username == "a"


def test_money_from_the_wire() -> None:
    assert money_of("0E-18") == 0
    assert money_of("14.630000000000000000") == Decimal("14.63")
    assert money_of("1,234.5") == Decimal("1234.5")
    assert type(decode(b'{"nmrStaked": "1.5"}', ClassicEntry).nmr_staked) is Decimal


def test_wrong_money_leaves_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    money_of("a lot")
    assert "not an amount" in caplog.text


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-08-28T13:00:00Z", datetime(2026, 8, 28, 13, tzinfo=UTC)),
        ("2026-08-28T15:00:00+02:00", datetime(2026, 8, 28, 13, tzinfo=UTC)),
        ("2026-08-28T13:00:00", datetime(2026, 8, 28, 13, tzinfo=UTC)),
        ("2026-08-28", datetime(2026, 8, 28, tzinfo=UTC)),
        ("yesterday", None),
        ("", None),
        (12, None),
    ],
)
def test_times_are_aware_utc(text: object, at: datetime | None) -> None:
    assert instant_of(text) == at
    assert decode(msgspec.json.encode({"openTime": text, "number": 7}), RoundTimes) == RoundTimes(
        open_time=at, number=7
    )


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_survives_the_wire(at: datetime) -> None:
    assert instant_of(at.isoformat()) == at


def test_numbers_may_come_as_text() -> None:
    found = decode(b'{"number": "1343", "payoutFactor": "0.2375", "stakeThreshold": "72000", "id": 5}', Round)
    assert (found.number, found.payout_factor, found.stake_threshold) == (1343, Decimal("0.2375"), 72000.0)
    assert found.id == "5"


def test_unknown_fields_and_statuses_are_no_error() -> None:
    found = decode(b'{"status": "SOMETHING_NEW", "novelty": {"a": [1]}}', account.StakeRequest)
    assert found.status == "SOMETHING_NEW"


def test_only_the_wrong_value_is_lost() -> None:
    raw = b'[{"day": "x", "value": 0.5}, null, {"day": 2, "value": "high", "percentile": 0.1}, "junk"]'
    first, second = decode(raw, list[ScorePoint])
    assert (first.day, first.value) == (None, 0.5)
    assert (second.day, second.value, second.percentile) == (2, None, 0.1)


def test_no_json_is_said_so() -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(b'{"number": 1', Round)


def sample(hint: Any) -> Any:
    """A JSON value that fits a type."""
    if get_origin(hint) in (Union, types.UnionType):
        return sample(next(option for option in get_args(hint) if option is not type(None)))
    if get_origin(hint) is list:
        return [sample(get_args(hint)[0]), sample(get_args(hint)[0])]
    if isinstance(hint, type) and issubclass(hint, Wire):
        fields = msgspec.structs.fields(hint)
        return {field.encode_name: sample(field.type) for field in fields}
    return {str: "text", Whole: 3, float: 0.25, bool: True, Money: "1.5", Instant: "2026-01-02T12:00:00Z"}[hint]


def with_one_changed(value: Any, to: object) -> Iterator[Any]:
    """Copies of a JSON value, each with another part of it replaced."""
    yield to
    if isinstance(value, dict):
        for key, part in value.items():
            for changed in with_one_changed(part, to):
                yield {**value, key: changed}
    elif isinstance(value, list):
        for place, part in enumerate(value):
            for changed in with_one_changed(part, to):
                yield [*value[:place], changed, *value[place + 1 :]]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_a_null_anywhere_costs_only_its_place(record: type[Wire]) -> None:
    whole = sample(record)
    assert isinstance(decode(msgspec.json.encode(whole), record), record)
    for broken in with_one_changed(whole, None):
        found = decode(msgspec.json.encode(broken), record | None)
        assert found is None or isinstance(found, record)


@pytest.mark.parametrize("wrong", [[], {}, "junk", 1e300, True])
def test_a_wrong_value_anywhere_costs_only_its_place(wrong: object) -> None:
    whole = sample(Performance)
    for broken in with_one_changed(whole, wrong):
        found = decode(msgspec.json.encode(broken), Performance)
        assert found is None or isinstance(found, Performance)


def test_a_whole_score_is_read() -> None:
    found = decode(msgspec.json.encode(sample(SubmissionScore)), SubmissionScore)
    assert (found.display_name, found.day, found.payout_pending) == ("text", 3, Decimal("1.5"))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("rank_change_1d", "rankChange1d"), ("return_13_weeks", "return13Weeks"), ("corr20_v2_rep", "corr20V2Rep")],
)
def test_names_are_spelt_as_the_api_does(ours: str, theirs: str) -> None:
    assert camel_case(ours) == theirs
