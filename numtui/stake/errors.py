"""Errors of stake actions. Each text is one line: what is wrong, and what to do."""

# ruff: noqa: N818  (the names say what the user is told)

from __future__ import annotations

from numtui.errors import USAGE, NumtuiError


class StakeError(NumtuiError):
    """Anything that keeps a stake action from being planned or made. Nothing was sent."""


class PlanError(StakeError, ValueError):
    """Targets or a plan that cannot be used."""


class Stopped(StakeError):
    """The action was stopped before anything was sent: not confirmed, expired, or not what was reviewed."""


class StateChanged(Stopped):
    """What was read just before sending differs from what was reviewed. `differences` are one line each."""

    def __init__(self, differences: tuple[str, ...]) -> None:
        super().__init__(f"stopped, nothing was sent: {'; '.join(differences)}; make a new plan")
        self.differences = differences


class ModelLocked(Stopped):
    """An earlier change of this model has an unknown outcome."""

    def __init__(self, model: str) -> None:
        super().__init__(f"{model} is locked: the outcome of its last change is unknown; run `numtui stake reconcile`")
        self.model = model


class LockHeld(Stopped):
    """Another process is acting on this account's stakes."""


class JournalFailed(StakeError):
    """The journal cannot be written or read; without it nothing is sent."""


class JournalLost(JournalFailed):
    """Rows of the journal are missing that were there once, and with them the locks of unknown changes."""

    def __init__(self, path: str, known: int, last: int) -> None:
        left = f"ends with entry {last}" if last else "is missing or empty"
        super().__init__(
            f"the stake journal {path} had {known} entries and {left}: put it back from a copy, or say that it may be "
            "done without: `numtui stake journal --begin-anew --note TEXT`; until then no stake is changed"
        )


class AlreadySent(Stopped):
    """This very order (a step of a plan) was sent before, or may have been: it is never sent again."""

    def __init__(self, order: str, said: str) -> None:
        super().__init__(
            f"stopped, nothing was sent: {order} {said}; an order is sent once: make a new plan for another change"
        )


class BadInput(PlanError):
    """A file or a name of the user's that cannot be used: targets, weights, plans, models of rules."""

    exit_code = USAGE


class UnknownModel(BadInput):
    """A name that none of the account's models of this tournament has."""

    def __init__(self, model: str, line: str) -> None:
        super().__init__(line)
        self.model = model
