"""The breaker opens after failures in a row, lets one request feel its way back, and closes by itself."""

from __future__ import annotations

import pytest

from numtui.api.errors import GraphQLError, Paused, RateLimited, Unreachable
from numtui.api.http.breaker import LONGEST_PAUSE, Breaker


class Ticks:
    def __init__(self) -> None:
        self.now = 0.0


def fail(breaker: Breaker, error: Exception | None = None) -> None:
    with pytest.raises(type(error or Unreachable())), breaker.guard():
        raise error or Unreachable("down")


def succeed(breaker: Breaker) -> None:
    with breaker.guard():
        pass


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def breaker(ticks: Ticks) -> Breaker:
    return Breaker(failures=3, pause=30.0, monotonic=lambda: ticks.now)


def open_up(breaker: Breaker) -> None:
    for _ in range(3):
        fail(breaker)


def test_it_opens_after_failures_in_a_row(breaker: Breaker) -> None:
    fail(breaker)
    fail(breaker)
    succeed(breaker)
    open_up(breaker)
    with pytest.raises(Paused) as caught:
        succeed(breaker)
    assert caught.value.seconds == 30.0


@pytest.mark.parametrize("error", [GraphQLError("no such model"), RateLimited(5)])
def test_an_answer_that_is_an_error_is_a_sign_of_life(breaker: Breaker, error: Exception) -> None:
    for _ in range(9):
        fail(breaker, error)
    succeed(breaker)


def test_one_success_after_the_pause_closes_it(breaker: Breaker, ticks: Ticks) -> None:
    open_up(breaker)
    ticks.now = 30.0
    succeed(breaker)
    succeed(breaker)
    assert breaker.remaining == 0


def test_only_one_request_feels_its_way_back(breaker: Breaker, ticks: Ticks) -> None:
    open_up(breaker)
    ticks.now = 30.0
    with breaker.guard(), pytest.raises(Paused):
        succeed(breaker)


def test_a_probe_that_is_cancelled_lets_the_next_one_try(breaker: Breaker, ticks: Ticks) -> None:
    open_up(breaker)
    ticks.now = 30.0
    with pytest.raises(KeyboardInterrupt), breaker.guard():
        raise KeyboardInterrupt
    succeed(breaker)


def test_each_failed_probe_doubles_the_pause_up_to_a_limit(breaker: Breaker, ticks: Ticks) -> None:
    open_up(breaker)
    pauses = []
    for _ in range(7):
        ticks.now += breaker.remaining
        fail(breaker)
        pauses.append(breaker.remaining)
    assert pauses == [60.0, 120.0, 240.0, 480.0, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]


def test_failures_of_requests_already_under_way_do_not_lengthen_the_pause(breaker: Breaker, ticks: Ticks) -> None:
    with pytest.raises(Unreachable), breaker.guard():
        open_up(breaker)
        ticks.now = 10.0
        raise Unreachable("late")
    assert breaker.remaining == 20.0
