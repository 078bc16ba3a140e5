"""The rules of a settings file: files of weights beside it, and models that the account does not have."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from numtui.analysis.alerts.facts import Unknown
from numtui.analysis.rules.portfolio import Book, Holding, RuleError
from numtui.analysis.rules.rules import CapShare, Combination
from numtui.config import Settings
from numtui.model import Tournament
from numtui.stake.rules.due import proposals_due
from numtui.stake.rules.inputs import on_the_past
from numtui.stake.rules.settings import configured_rules
from numtui.store.database import open_writer


def settings_file(folder: Path, *tables: str) -> Path:
    path = folder / "config.toml"
    path.write_text("\n".join(f"[[rules]]\n{table}" for table in tables), encoding="utf-8")
    return path


def test_a_model_that_the_account_does_not_have_is_named_with_what_was_meant(tmp_path: Path) -> None:
    path = settings_file(tmp_path, 'rule = "stop"\nloss = 0.2\nmodels = ["foxx"]')
    with pytest.raises(RuleError, match=r"rule 1: you have no model foxx; did you mean fox\?"):
        configured_rules(path, own_names=["fox", "elk"])
    assert len(configured_rules(path).rules) == 1, "names are not looked at"
    assert len(configured_rules(path, own_names=["foxx"]).rules) == 1


def test_weights_come_from_a_file_beside_the_settings(tmp_path: Path) -> None:
    path = settings_file(tmp_path, 'rule = "weights"\nfile = "w.json"\ntotal = "10"')
    with pytest.raises(RuleError, match=r"w\.json: "):
        configured_rules(path)
    for content in ('{"fox": "much"}', "{", "\udcff"):
        (tmp_path / "w.json").write_bytes(content.encode("utf-8", "surrogateescape"))
        with pytest.raises(RuleError, match=r"w\.json: "):
            configured_rules(path)
    (tmp_path / "w.json").write_text('{"fox": 2, "elk": "1"}', encoding="utf-8")
    assert len(configured_rules(path, own_names=["fox", "elk"]).rules) == 1


def test_without_rules_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="no rules in"):
        configured_rules(tmp_path / "config.toml")


def test_what_is_due_is_unknown_without_rules_and_without_an_account(tmp_path: Path) -> None:
    settings = Settings(db=tmp_path / "cache.sqlite", state_dir=tmp_path, config_file=tmp_path / "config.toml")
    now = datetime(2026, 11, 21, 13, tzinfo=UTC)
    with closing(open_writer(settings.db)) as connection:
        none = proposals_due(settings.config_file, connection, Tournament.SIGNALS, now)
        assert isinstance(none, Unknown)
        assert "there are no stake rules" in none.reason
        settings_file(tmp_path, 'rule = "stop"\nloss = 0.2')
        nobody = proposals_due(settings.config_file, connection, Tournament.SIGNALS, now)
        assert isinstance(nobody, Unknown)
        assert "no account yet" in nobody.reason


def test_a_rule_that_could_not_have_been_used_asks_for_nothing_in_the_past() -> None:
    """A tenth a model takes ten models: today that is an error, on a book of two years ago there was no such rule."""
    two = Book((Holding("a", Decimal(60)), Holding("b", Decimal(40))))
    rules = Combination((CapShare(Decimal("0.1")),))
    with pytest.raises(RuleError):
        rules.propose(two)
    assert on_the_past(rules).propose(two) == []
    usable = Combination((CapShare(Decimal("0.5")),))
    assert on_the_past(usable).propose(two) == usable.propose(two) != []
