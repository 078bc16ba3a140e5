"""The rules in force: those of the settings file, then those made on screen; and whether their models exist."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from numtui.alert_rules import AlertRule, checked_rule
from numtui.config import Settings
from numtui.errors import USAGE, NumtuiError
from numtui.model import Tournament
from numtui.store.queries.alerts import screen_rules
from numtui.store.queries.models import all_models


class AlertRuleError(NumtuiError, ValueError):
    """A rule that can do nothing; its text is one line that says which, and what was meant."""

    exit_code = USAGE


class InForce(NamedTuple):
    """The rules in force, those made on screen last, with the `numbers` of the latter; and a line for each of them that
    cannot be read."""

    rules: tuple[AlertRule, ...]
    problems: tuple[str, ...]
    numbers: tuple[int, ...]


def rules_in_force(connection: sqlite3.Connection, settings: Settings) -> InForce:
    """The rules of the settings, then those of the screen."""
    rules, problems, numbers = list(settings.alerts), [], []
    for row in screen_rules(connection):
        rule = rule_of(row.content)
        if isinstance(rule, str):
            problems.append(f"the rule {row.number} that was made on screen is left out: {rule}")
        else:
            rules.append(rule)
            numbers.append(row.number)
    return InForce(tuple(rules), tuple(problems), tuple(numbers))


def rule_of(content: str) -> AlertRule | str:
    """The rule of a JSON text; where it cannot be read, the line that says why."""
    try:
        return checked_rule(json.loads(content))
    except (ValueError, TypeError, RecursionError) as error:
        return str(error)


def check_names(connection: sqlite3.Connection, settings: Settings, rules: Sequence[AlertRule]) -> None:
    """AlertRuleError for the first rule that names a model which is neither the account's nor watched.

    Before any model is known nothing can be said.
    """
    for number, rule in enumerate(rules, start=1):
        if not rule.models:
            continue
        about = [Tournament.from_label(rule.tournament)] if rule.tournament else list(Tournament)
        names = _followed(connection, settings, about)
        lower = {name.lower() for name in names}
        unknown = [name for name in rule.models if name.lower() not in lower]
        if names and unknown:
            close = get_close_matches(unknown[0], names, n=1)
            hint = f"did you mean {close[0]}?" if close else "a rule is about own and watched models"
            raise AlertRuleError(f"alert {number} ({rule.kind}): no model {', '.join(unknown)}: {hint}")


def _followed(connection: sqlite3.Connection, settings: Settings, about: Iterable[Tournament]) -> list[str]:
    names = []
    for tournament in about:
        names += [model.name for model in all_models(connection, tournament) if model.followed]
        names += settings.watch.get(tournament, ())
    return names
