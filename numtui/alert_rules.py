"""The rules of alerts, as `[[alerts]]` tables state them: a class a rule, with its parameters, their units and bounds.

    [[alerts]]
    rule = "drawdown"
    above = 0.25
    models = ["my_model"]      # any rule can be limited to models, tags and a tournament

Every level has the same hysteresis: see `numtui.analysis.alerts.levels`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from typing import Annotated, Any, Literal, TypeVar, get_args, get_type_hints

import msgspec
from msgspec import Meta

Label = Literal["classic", "signals", "crypto"]
Flag = Annotated[bool, Meta(description="true or false")]
Names = Annotated[tuple[Annotated[str, Meta(min_length=1)], ...], Meta(description='a list such as ["name", "name"]')]
Minutes = Annotated[float, Meta(gt=0, le=10_080, description="minutes, above 0 and at most 10080")]
Hours = Annotated[float, Meta(gt=0, le=720, description="hours, above 0 and at most 720")]
Days = Annotated[float, Meta(gt=0, le=60, description="days, above 0 and at most 60")]
Share = Annotated[float, Meta(gt=0, lt=1, description="a share, above 0 and below 1")]
Loss = Annotated[float, Meta(ge=-20, lt=0, description="a return on stake below 0, such as -0.1")]
Percent = Annotated[float, Meta(gt=0, le=1000, description="per cent, above 0 and at most 1000")]
Rounds = Annotated[int, Meta(ge=1, le=250, description="a whole number of rounds from 1 to 250")]
Places = Annotated[int, Meta(ge=1, le=100_000, description="a whole number of places, 1 or more")]
Nmr = Annotated[Decimal, Meta(description='NMR such as "5" or "-0.5"')]

Documented = TypeVar("Documented")


class AlertRule(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="rule"
):
    """What all rules have: nothing named means the account's own models, in every tournament.

    `models` may name watched models too; `tags` are those of the notes on models; both together mean either.
    """

    models: Names = ()
    tags: Names = ()
    tournament: Annotated[Label, Meta(description="classic, signals or crypto")] | None = None

    @property
    def kind(self) -> str:
        """The rule's name in the settings file."""
        return str(self.__struct_config__.tag)

    @property
    def scope(self) -> str:
        """Whom it is about, in few words; empty where it is about all of the account."""
        return " ".join(
            [*([self.tournament] if self.tournament else []), *self.models, *(f"tag:{tag}" for tag in self.tags)]
        )


class NoSubmission(AlertRule, frozen=True, tag="no_submission"):
    """A staked model has no accepted submission in the open round; after the close it says which round was missed."""

    minutes: Annotated[Minutes, Meta(extra={"doc": "fires from so many minutes before the round closes"})] = 60


class BadSubmission(AlertRule, frozen=True, tag="bad_submission"):
    """The submission for the newest round came late, failed, or still waits."""

    late: Annotated[Flag, Meta(extra={"doc": "whether one that came after the close counts"})] = True
    failed: Annotated[Flag, Meta(extra={"doc": "whether one that was refused counts"})] = True
    queued: Annotated[Flag, Meta(extra={"doc": "whether one that waits counts"})] = True
    minutes: Annotated[Minutes, Meta(extra={"doc": "a queued one counts once it has waited so long"})] = 15


class Drawdown(AlertRule, frozen=True, tag="drawdown"):
    """The return on the whole stake, cumulated over settled rounds, lies below its peak; an Atomic round has a part."""

    above: Annotated[Share, Meta(extra={"doc": "the part of the peak that is lost"})] = 0.25


class Worst20(AlertRule, frozen=True, tag="worst_20"):
    """The returns on the whole stake of the newest 20 settled rounds sum to a loss; an Atomic round has a part."""

    below: Annotated[Loss, Meta(extra={"doc": "the sum of the 20 returns"})] = -0.2


class Percentile(AlertRule, frozen=True, tag="percentile"):
    """The mean percentile of a payout score over the newest rounds that have one is low; an alert a score."""

    below: Annotated[Share, Meta(extra={"doc": "the mean percentile, 0..1"})] = 0.25
    rounds: Annotated[Rounds, Meta(extra={"doc": "how many of the newest rounds are averaged"})] = 20


class RankChange(AlertRule, frozen=True, tag="rank_change"):
    """The model has lost places on the leaderboard."""

    places: Annotated[Places, Meta(extra={"doc": "so many places lost, or more"})] = 500
    days: Annotated[Days, Meta(extra={"doc": "within so many days"})] = 7


class BurnProbability(AlertRule, frozen=True, tag="burn_probability"):
    """The forecast says that the model's unresolved rounds together will probably burn."""

    above: Annotated[Share, Meta(extra={"doc": "probability of a negative sum of payouts, 0..1"})] = 0.8


class AtRiskShare(AlertRule, frozen=True, tag="at_risk_share"):
    """One model holds a large part of all that the account has at risk in the tournament."""

    above: Annotated[Share, Meta(extra={"doc": "part of the NMR at risk, 0..1"})] = 0.5


class ClaimDue(AlertRule, frozen=True, tag="claim_due"):
    """A resolved Atomic position can be claimed, and its deadline comes near."""

    days: Annotated[Days, Meta(extra={"doc": "fires from so many days before the deadline"})] = 3


class ScoresLate(AlertRule, frozen=True, tag="scores_late"):
    """The scores of a scoring day are not out long after their usual time (the median of the runs seen here)."""

    hours: Annotated[Hours, Meta(extra={"doc": "so many hours after the usual time"})] = 3


class Payout(AlertRule, frozen=True, tag="payout"):
    """A round that resolved in the last days paid much, or burned much."""

    above: Annotated[Nmr, Meta(extra={"doc": "fires when it paid more NMR"})] | None = None
    below: Annotated[Nmr, Meta(extra={"doc": "fires when it paid less NMR; a burn is negative"})] | None = None
    days: Annotated[Days, Meta(extra={"doc": "so long after the resolution it is told"})] = 7

    def __post_init__(self) -> None:
        if any(level is not None and not level.is_finite() for level in (self.above, self.below)):
            raise ValueError("payout: above and below are numbers of NMR")
        if self.above is None and self.below is None:
            raise ValueError('payout needs above or below, NMR such as above = "5"')


class PriceMove(AlertRule, frozen=True, tag="price_move"):
    """The price of NMR has moved, up or down, against the lowest or highest of the last hours."""

    percent: Annotated[Percent, Meta(extra={"doc": "so many per cent, or more"})] = 10
    hours: Annotated[Hours, Meta(extra={"doc": "within so many hours"})] = 24


class ApiFailing(AlertRule, frozen=True, tag="api_failing"):
    """Every poll of a tournament has failed for some time."""

    minutes: Annotated[Minutes, Meta(extra={"doc": "so many minutes since the first of these failures"})] = 30


class KeyRefused(AlertRule, frozen=True, tag="key_refused"):
    """The API refuses the key, or the key lacks the scope to read the account."""


class StakeRule(AlertRule, frozen=True, tag="stake_rule"):
    """A stake rule ([[rules]]) proposes a change of a stake."""


class ReleaseFree(AlertRule, frozen=True, tag="release_free"):
    """A release of stake comes free."""

    days: Annotated[Days, Meta(extra={"doc": "fires from so many days before it is due"})] = 1


AnyRule = (
    NoSubmission | BadSubmission | Drawdown | Worst20 | Percentile | RankChange | BurnProbability | AtRiskShare
    | ClaimDue | ScoresLate | Payout | PriceMove | ApiFailing | KeyRefused | StakeRule | ReleaseFree
)  # fmt: skip
RULES: dict[str, type[AlertRule]] = {str(rule.__struct_config__.tag): rule for rule in get_args(AnyRule)}
# Keys of all rules that mean nothing for some.
NOT_FOR: dict[type[AlertRule], tuple[str, ...]] = {
    ApiFailing: ("models", "tags"),
    ScoresLate: ("models", "tags"),
    KeyRefused: ("models", "tags", "tournament"),
    PriceMove: ("models", "tags", "tournament"),
}


def checked_rules(items: Sequence[Mapping[str, Any]]) -> tuple[AlertRule, ...]:
    """The rules of `[[alerts]]` tables. ValueError with one line: which table, what is wrong, and what was meant."""
    rules = []
    for number, item in enumerate(items, start=1):
        try:
            rules.append(checked_rule(item))
        except ValueError as error:
            raise ValueError(f"alert {number}: {error}") from None
    return tuple(rules)


def checked_rule(item: Mapping[str, Any], *, text: bool = False) -> AlertRule:
    """The rule of one table; `text`: its values came as texts, from a form. ValueError as `checked_rules`."""
    if "rule" not in item:
        raise ValueError('it says no rule: give it one, such as rule = "no_submission"')
    name = item["rule"]
    if not isinstance(name, str) or name not in RULES:
        raise ValueError(f"there is no alert rule {name!r}: {meant(str(name), RULES)}")
    rule = RULES[name]
    hints = get_type_hints(rule, include_extras=True)
    values: dict[str, Any] = {}
    for key, value in item.items():
        if key == "rule":
            continue
        if key not in hints:
            shared = [word for word in AlertRule.__struct_fields__ if word not in NOT_FOR.get(rule, ())]
            raise ValueError(f"{name} has no {key!r}: {meant(key, [*parameters(rule), *shared])}")
        if key in NOT_FOR.get(rule, ()):
            raise ValueError(f"{name} is about all of them: leave out {key}")
        try:
            values[key] = msgspec.convert(value, hints[key], strict=not text)
        except (msgspec.ValidationError, OverflowError):
            raise ValueError(
                f"{name}: {key} = {shown(value)} is not allowed, but {described(hints[key], 'description')}"
            ) from None
    return rule(**values)


def meant(word: str, known: Iterable[str]) -> str:
    """Which of the known words was meant, else all of them."""
    names = list(known)
    close = get_close_matches(word, names, n=1)
    return f"did you mean {close[0]!r}?" if close else f"there are {', '.join(names)}"


def shown(value: object) -> str:
    """A value as the line on it shows it."""
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def described(hint: Any, what: str) -> str:
    """The `description` of a parameter (what it takes) or its `doc` (what it means); empty without one."""
    for part in (hint, *get_args(hint)):
        for meta in reversed(getattr(part, "__metadata__", ())):
            text = meta.description if what == "description" else (meta.extra or {}).get(what)
            if text:
                return str(text)
    return ""


def parameters(rule: type[AlertRule]) -> dict[str, Any]:
    """A rule's own parameters by name, with their annotated types, in order; those of all rules are left out."""
    hints = get_type_hints(rule, include_extras=True)
    return {name: hints[name] for name in rule.__struct_fields__ if name not in AlertRule.__struct_fields__}


def content(rule: AlertRule) -> dict[str, Any]:
    """The rule as a table of the settings file holds it, defaults left out."""
    table: dict[str, Any] = msgspec.to_builtins(rule)
    return table


def identities(rules: Sequence[AlertRule]) -> dict[str, AlertRule]:
    """The rules by an identity that outlives a change of levels: kind and scope, numbered where several are alike."""
    seen: Counter[str] = Counter()
    named = {}
    for rule in rules:
        key = f"{rule.kind} {rule.scope}".strip()
        seen[key] += 1
        named[key if seen[key] == 1 else f"{key} #{seen[key]}"] = rule
    return named
