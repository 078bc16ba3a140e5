"""The proof that a stake change was refused. An error alone proves nothing: a change that was carried out can be
answered with "Something went wrong" and data null, with the path of the field or of a part of it.

Proof is an answer from before execution (the document or the key was not taken), or the service's own words about the
change, with exactly the field's path. The lists are short on purpose: what is not on them is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

# The document was not taken: nothing was executed, so there is neither a path nor data.
VALIDATION = re.compile(r"Cannot query field |Unknown argument |Variable |In argument |Argument \"")
# The key was not taken. Absinthe and the service's middleware say so before the field is executed.
KEYS = re.compile(
    r"Insufficient permissions? for |You must be authenticated|Your session is invalid|Unauthori[sz]ed"
    r"|Not authori[sz]ed"
)
# The service's own words for a change that cannot be.
WORDS = re.compile(
    r"Insufficient NMR |The minimum amount is |Invalid amount |The amount is above the stake|Nothing to release"
    r"|No pending stake release|Staking has moved to Atomic staking|Model not found|The model is not of this tournament"
    r"|Tournament \d+ not found"
)


def proves_refusal(change: str, body: Mapping[str, Any]) -> bool:
    """Whether a decoded answer of HTTP 200 to the mutation field `change` leaves no doubt that nothing was changed."""
    complaints, data = body.get("errors"), body.get("data")
    if data is not None and (not isinstance(data, dict) or any(value is not None for value in data.values())):
        return False
    if not isinstance(complaints, list) or not complaints:
        return False
    return all(_proof(change, complaint, executed=data is not None) for complaint in complaints)


def _proof(change: str, complaint: object, *, executed: bool) -> bool:
    if not isinstance(complaint, dict) or not isinstance(message := complaint.get("message"), str):
        return False
    path: Sequence[object] = complaint.get("path") or []
    at_field = path == [change]
    if VALIDATION.match(message):
        return not path and not executed
    if KEYS.match(message):
        return at_field or not path
    return at_field and WORDS.match(message) is not None
