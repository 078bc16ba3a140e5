"""Command lines that are printed to be run: with the options given, for without them they would lead elsewhere."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path

import click
from click.core import ParameterSource

# What is meant, not how it is shown.
PLACES = ("config_file", "profile", "db", "state_dir", "api_url", "tournament", "dotenv")
TYPED = frozenset({ParameterSource.COMMANDLINE})
STATED = TYPED | {ParameterSource.ENVIRONMENT}


def program(ctx: click.Context) -> str:
    """The program with the global options of this call that say which account, cache and tournament are meant.

    In the demo its name holds the demo's own options already; what stands behind them is the demo's doing.
    """
    root = ctx.find_root()
    name = root.info_name or "numtui"
    if "demo" in shlex.split(name):
        return name
    return shlex.join([*shlex.split(name), *given(root, PLACES)])


def started_as() -> list[str]:
    """The words that start this program from any folder."""
    found = shutil.which("numtui", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    return [found] if found else [sys.executable, "-m", "numtui"]


def demo_program(ctx: click.Context) -> str:
    """The demo with the options that it was given, those before the word `demo` too."""
    assert ctx.parent is not None
    before = given(ctx.parent, ("tournament",))
    return shlex.join([ctx.parent.info_name or "numtui", *before, "demo", *given(ctx, None)])


def given(
    ctx: click.Context, names: tuple[str, ...] | None, sources: Collection[ParameterSource] = TYPED
) -> Iterator[str]:
    """The words of the options (of `names`) that stood on the command line; the environment and the file stay."""
    for parameter in ctx.command.params:
        name = parameter.name
        if not isinstance(parameter, click.Option) or name is None or (names is not None and name not in names):
            continue
        if ctx.get_parameter_source(name) not in sources:
            continue
        value = ctx.params.get(name, ctx.meta.get(f"numtui.{name}"))
        for item in value if isinstance(value, tuple) else (value,):
            yield parameter.opts[-1]
            if not parameter.is_flag:
                yield item.isoformat() if isinstance(item, datetime) else str(item)


def quoted(path: Path) -> str:
    """A path as a word of a command line."""
    return shlex.quote(str(path))
