"""One root of errors: what is told to the user, with which exit code, and what is a fault of the program."""

from __future__ import annotations

import ast
import sqlite3
from pathlib import Path

import pytest

import numtui
from numtui.analysis.rules.portfolio import RuleError
from numtui.api.errors import BadAnswer, PartFailed, RateLimited, Refused, ServerFault
from numtui.cli.output.failures import explain
from numtui.config import ConfigError
from numtui.errors import FAILED, NO_DATA, UNREACHABLE, USAGE, NumtuiError
from numtui.stake.errors import BadInput, Stopped
from numtui.store.errors import LockedDatabase, NoDatabase

PACKAGE = Path(numtui.__file__).parent
BUILT_IN = {"Exception", "BaseException", "ValueError", "RuntimeError", "LookupError", "KeyError", "OSError"}
SIGNALS = {"PastDeadline", "StoppedError"}  # from one function to its caller, never told to anybody


def test_every_error_for_the_user_derives_from_the_root() -> None:
    strays = set()
    for path in PACKAGE.rglob("*.py"):
        if "demo" not in path.relative_to(PACKAGE).parts:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef):
                    bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
                    if bases and bases <= BUILT_IN:
                        strays.add(node.name)
    assert strays - SIGNALS == {NumtuiError.__name__}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ServerFault(502), UNREACHABLE),
        (RateLimited(), UNREACHABLE),
        (BadAnswer("cut off"), UNREACHABLE),
        (PartFailed("Internal server error"), UNREACHABLE),
        (Refused("no"), FAILED),
        (NoDatabase("nothing was fetched yet"), NO_DATA),
        (LockedDatabase("in use"), FAILED),
        (ConfigError("which, and what to do"), USAGE),
        (RuleError("which, and what to do"), USAGE),
        (BadInput("which, and what to do"), USAGE),
        (Stopped("nothing was sent"), FAILED),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_is_its_words_and_its_exit_code(
    error: NumtuiError, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explain(error) == code
    assert capsys.readouterr().err == f"numtui: {error}\n"


def test_what_the_system_refuses_names_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(PermissionError(13, "Permission denied", "/a/file")) == FAILED
    assert capsys.readouterr().err == "numtui: /a/file: Permission denied\n"


def test_sqlite_speaks_of_the_cache(capsys: pytest.CaptureFixture[str]) -> None:
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    assert explain(error) == FAILED
    assert capsys.readouterr().err == "numtui: the cache is locked by another process: try again when it has finished\n"


def test_anything_else_is_a_fault_of_the_program(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG", "numtui"):
        assert explain(TypeError("unsupported operand\ntype")) == FAILED
    said = "a fault of numtui (TypeError: unsupported operand type); run with --log-level debug"
    assert capsys.readouterr().err == f"numtui: {said}\n"
    assert [record.exc_info is not None for record in caplog.records] == [True]
