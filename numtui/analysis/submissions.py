"""The submission of a model for a round: accepted in time, or why it does not count."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from numtui.model import Column, Kind

SUBMISSION_COLUMNS = (
    Column(
        "submitted", Kind.BOOL, "sent", "whether an accepted submission is in the open (else the newest) round in time"
    ),
    Column("submission", Kind.TEXT, doc="accepted, late, queued, failed or none: what was sent for that round"),
)
ACCEPTING = frozenset({"accepted", "completed", "complete", "succeeded", "success", "validated", "valid", "scored"})
FAILING = ("fail", "error", "invalid", "reject", "refus", "cancel")  # parts of a status
WAITING = ("queue", "pend", "process", "wait", "running", "upload", "progress", "validating", "started", "created")


class Submission(StrEnum):
    """A model's submission for a round. Only ACCEPTED counts."""

    ACCEPTED = "accepted"
    LATE = "late"
    QUEUED = "queued"
    FAILED = "failed"
    NONE = "none"


def is_submitted(submission: Submission | None) -> bool | None:
    """Whether it counts; None where that is unknown."""
    return None if submission is None else submission is Submission.ACCEPTED


WORDS = {
    Submission.NONE: "no submission",
    Submission.LATE: "submission came too late",
    Submission.FAILED: "submission failed",
    Submission.QUEUED: "submission waits in the queue",
}


def missing_words(submission: Submission, number: int, *, closed: bool) -> str:
    """Why a round has no accepted submission of a model: `no submission for round 1407`, once it has closed
    `round 1407 missed: no submission`. One that waits in the queue may still be accepted."""
    if not closed:
        return f"{WORDS[submission]} for round {number}"
    return f"round {number}{'' if submission is Submission.QUEUED else ' missed'}: {WORDS[submission]}"


class Sent(NamedTuple):
    """A model's newest submission; None is unknown."""

    round: int | None
    status: str | None
    time: datetime | None


class SubmittedPosition(NamedTuple):
    """A model's position in a round: the submission that it names, and whether it was read after the round's close."""

    submission_id: str | None
    final: bool


def status_of(status: str | None) -> Submission | None:
    """The submission by the API's word for its status; None for an unknown word. A status not stated is accepted.

    `submission.COMPLETED` and `completed` are one.
    """
    if status is None:
        return Submission.ACCEPTED
    word = status.rpartition(".")[2].lower()
    if word in ACCEPTING:
        return Submission.ACCEPTED
    if any(part in word for part in FAILING):
        return Submission.FAILED
    return Submission.QUEUED if any(part in word for part in WAITING) else None


def submission_for(
    number: int, closes: datetime | None, sent: Sent | None, position: SubmittedPosition | None
) -> Submission | None:
    """The model's submission for the round `number`, which takes them until `closes`; None where it is unknown.

    The newest submission decides; what the position names, where that is for another round or its status is a word that
    is not known. A position that names none after the close has none, whatever was uploaded.
    """
    named = None if position is None else position.submission_id
    if sent is None or sent.round != number:
        return Submission.NONE if named is None else Submission.ACCEPTED
    status = status_of(sent.status)
    if status is Submission.FAILED:
        return status
    if sent.time is not None and closes is not None and sent.time > closes:
        return Submission.LATE
    if named is not None and status is None:
        return Submission.ACCEPTED
    if named is None and position is not None and position.final and status is not Submission.QUEUED:
        return Submission.NONE
    return status
