"""Making a rule on screen: choose its kind, then fill in parameters, models and tournament. It is kept in the cache."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import datetime
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from numtui.alert_rules import NOT_FOR, RULES, AlertRule, checked_rule, content, described, parameters
from numtui.config import Settings
from numtui.reports.alerts.rules_in_force import check_names
from numtui.store.database import open_reader, open_writer
from numtui.store.writes.alerts import add_rule
from numtui.tui.keys import Dialog
from numtui.tui.widgets.text_input import TextInput

SHARED = {
    "models": "a,b; empty: all of your own",
    "tags": "a,b: of the notes on models",
    "tournament": "empty: all three",
}
LISTS = {"models", "tags"}


class RuleChoice(Dialog[str | None]):
    """The kinds of rules with what they are for; None when left."""

    DEFAULT_CSS = """
    RuleChoice { align: center middle; }
    RuleChoice > Vertical {
        width: 78; height: auto; max-height: 100%; background: $surface; padding: 1 1;
        & > OptionList { height: auto; max-height: 18; border: none; background: $surface; padding: 0; }
        & > OptionList:focus { border: none; }
        &:ansi { border: solid ansi_blue; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave"),
        Binding("j", "move(1)", "Down", show=False),
        Binding("k", "move(-1)", "Up", show=False),
    ]

    def compose(self) -> ComposeResult:
        """A line a kind."""
        with Vertical():
            yield Static("What shall be told? enter chooses, esc leaves", markup=False)
            yield OptionList(*(Option(_line(name, rule), id=name) for name, rule in RULES.items()), markup=False)

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        """This kind."""
        event.stop()
        self.dismiss(event.option_id)

    def action_move(self, step: int) -> None:
        """The next kind, or the one before."""
        choice = self.query_one(OptionList)
        choice.action_cursor_down() if step > 0 else choice.action_cursor_up()

    def action_leave(self) -> None:
        """Make none."""
        self.dismiss(None)


def _line(name: str, rule: type[AlertRule]) -> str:
    said = (rule.__doc__ or "").partition(";")[0].rstrip(".")
    room = 74 - 18
    return f"{name:<18}{said if len(said) <= room else said[: room - 3] + '...'}"


class RuleForm(Dialog[AlertRule | None]):
    """The parameters of a rule, each with its default; what cannot be used is said. None when left."""

    DEFAULT_CSS = """
    RuleForm { align: center middle; }
    RuleForm > Vertical {
        width: 78; height: auto; background: $surface; padding: 1 2;
        & Horizontal { height: 1; }
        & .name { width: 12; text-style: bold; }
        & .hint { width: 1fr; color: $text-muted; padding: 0 0 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
        & Input { width: 24; height: 1; border: none; background: $panel; padding: 0 1; }
        & Input:focus { border: none; background: $primary-muted; }
        & #said { margin: 1 0 0 0; height: auto; }
        & #said.-wrong { color: $text-error; }
        &:ansi { border: solid ansi_blue; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave"),
        Binding("down", "app.focus_next", "Next", show=False),
        Binding("up", "app.focus_previous", "Before", show=False),
    ]

    def __init__(self, name: str) -> None:
        super().__init__()
        self.rule = RULES[name]
        self.kind = name
        self.own = parameters(self.rule)
        self.shared = [key for key in SHARED if key not in NOT_FOR.get(self.rule, ())]

    def compose(self) -> ComposeResult:
        """A line a parameter."""
        defaults = dict(zip(self.rule.__struct_fields__, self.rule.__struct_defaults__, strict=True))
        with Vertical():
            yield Static(f"{self.kind}: {self.rule.__doc__}", markup=False)
            yield Static("")
            for key, hint in self.own.items():
                default = "" if defaults[key] is None else str(defaults[key]).lower()
                yield from _field(key, default, described(hint, "doc"))
            for key in self.shared:
                yield from _field(key, "", SHARED[key])
            yield Static("enter keeps it (in the cache, not in the settings file), esc leaves", id="said")

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        """Keep the rule when it can be used."""
        event.stop()
        try:
            rule = checked_rule(self._table(), text=True)
            with closing(open_reader(_settings(self).db)) as connection:
                check_names(connection, _settings(self), [rule])
        except ValueError as error:
            said = self.query_one("#said", Static)
            said.add_class("-wrong")
            said.update(str(error).removeprefix(f"alert 1 ({self.kind}): "))
        else:
            self.dismiss(rule)

    def _table(self) -> dict[str, Any]:
        """The rule as a table, of what was typed."""
        table: dict[str, Any] = {"rule": self.kind}
        for key in (*self.own, *self.shared):
            text = self.query_one(f"#{key}", Input).value.strip()
            if text:
                table[key] = [part.strip() for part in text.split(",") if part.strip()] if key in LISTS else text
        return table

    def action_leave(self) -> None:
        """Make none."""
        self.dismiss(None)


def _field(key: str, value: str, hint: str) -> ComposeResult:
    with Horizontal():
        yield Static(key, classes="name", markup=False)
        yield TextInput(value, id=key)
        yield Static(hint, classes="hint", markup=False)


def _settings(dialog: RuleForm) -> Settings:
    from numtui.tui.monitor import MonitorApp

    app = dialog.app
    assert isinstance(app, MonitorApp)
    return app.settings


def keep_rule(settings: Settings, rule: AlertRule, now: datetime) -> int:
    """Writes a rule made on screen into the cache; its number. StoreErrors."""
    with closing(open_writer(settings.db)) as connection:
        return add_rule(connection, json.dumps(content(rule), default=str), now.replace(microsecond=0))
