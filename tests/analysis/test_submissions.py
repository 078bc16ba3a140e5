"""What counts as submitted: by status, time, and what the position names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from numtui.analysis.submissions import Sent, Submission, SubmittedPosition, is_submitted, missing_words, submission_for

CLOSES = datetime(2026, 11, 20, 14, tzinfo=UTC)
BEFORE, AFTER = CLOSES - timedelta(minutes=1), CLOSES + timedelta(seconds=1)
NUMBER = 1403
ACCEPTED, LATE, QUEUED, FAILED, NONE = Submission


def sent(status: str | None = "accepted", time: datetime | None = BEFORE, number: int | None = NUMBER) -> Sent:
    return Sent(number, status, time)


OWN, OTHER = SubmittedPosition("s-1", final=True), SubmittedPosition("s-0", final=True)
EMPTY, NOT_YET = SubmittedPosition(None, final=True), SubmittedPosition(None, final=False)


@pytest.mark.parametrize(
    ("newest", "position", "expected"),
    [
        (sent(), None, ACCEPTED),
        (sent(), OWN, ACCEPTED),
        (sent(time=CLOSES), None, ACCEPTED),
        (sent("submission.COMPLETED"), None, ACCEPTED),
        (sent(None), None, ACCEPTED),
        (sent(time=None), OWN, ACCEPTED),
        (sent(time=AFTER), None, LATE),
        (sent(time=AFTER), OWN, LATE),
        (sent(time=AFTER), EMPTY, LATE),
        (sent("queued", AFTER), None, LATE),
        (sent("queued"), None, QUEUED),
        (sent("PENDING"), NOT_YET, QUEUED),
        (sent("processing"), EMPTY, QUEUED),
        (sent("failed"), None, FAILED),
        (sent("submission.VALIDATION_ERROR"), EMPTY, FAILED),
        (sent("failed", AFTER), None, FAILED),
        (sent("failed"), OTHER, FAILED),
        (sent(time=AFTER), OTHER, LATE),
        (sent(), EMPTY, NONE),  # after the close the position names none
        (sent(), NOT_YET, ACCEPTED),  # read before it was sent
        (sent("a word of next year"), None, None),
        (sent("a word of next year"), OWN, ACCEPTED),
        (sent("a word of next year"), EMPTY, NONE),
        (sent(number=NUMBER - 1), None, NONE),
        (sent(number=NUMBER - 1), OTHER, ACCEPTED),
        (sent(number=None), None, NONE),
        (None, None, NONE),
        (None, EMPTY, NONE),
        (None, OWN, ACCEPTED),
    ],
)
def test_what_counts_as_submitted(
    newest: Sent | None, position: SubmittedPosition | None, expected: Submission | None
) -> None:
    found = submission_for(NUMBER, CLOSES, newest, position)
    assert found is expected
    assert is_submitted(found) is (None if expected is None else expected is ACCEPTED)


def test_a_close_that_is_not_known_makes_nothing_late() -> None:
    assert submission_for(NUMBER, None, sent(time=AFTER), None) is ACCEPTED


@pytest.mark.parametrize(
    ("submission", "before", "after"),
    [
        (NONE, "no submission for round 1403", "round 1403 missed: no submission"),
        (LATE, "submission came too late for round 1403", "round 1403 missed: submission came too late"),
        (QUEUED, "submission waits in the queue for round 1403", "round 1403: submission waits in the queue"),
    ],
)
def test_one_word_for_a_missing_submission(submission: Submission, before: str, after: str) -> None:
    assert missing_words(submission, NUMBER, closed=False) == before
    assert missing_words(submission, NUMBER, closed=True) == after
