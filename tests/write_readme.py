"""The README's reference, made from the program: `python -m tests.write_readme` writes it anew."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click

from numtui.alert_rules import NOT_FOR, RULES, described, parameters
from numtui.cli.main import COMMANDS, main
from numtui.config import Settings
from numtui.config_file import EXPLAINED
from numtui.export.tables import TABLES, ReportContext
from numtui.model import SCREEN_ONLY, Table, Tournament
from numtui.reports.overview import PARTS
from numtui.store.database import open_reader
from numtui.store.queries.selection import Models
from tests.export.conftest import polled_in
from tests.poller.site import NOW

README = Path(__file__).parent.parent / "README.md"
SETTINGS_BEGIN, SETTINGS_END = "<!-- settings, made by tests/write_readme.py -->", "<!-- settings end -->"
BEGIN, END = "<!-- made by tests/write_readme.py -->", "<!-- end -->"
# What other options of a table change about its columns.
VARIANTS: tuple[tuple[str, str, str, object], ...] = (
    ("drift", "--forecast", "forecast", True),
    ("drift", "--total", "total", True),
    ("backtest", "--predictive", "predictive", True),
    *(("overview", f"--part {part}", "part", part) for part in PARTS[1:]),
)


def reference(settings: Settings) -> str:
    """Options of every command, and columns of every table, as Markdown; the cache of `settings` has the demo's."""
    lines = [BEGIN, "", *_commands(), "## Tables", ""]
    with closing(open_reader(settings.db)) as connection:
        context = ReportContext(
            tournament=Tournament.CLASSIC, now=NOW, models=Models(mine=True), state_dir=settings.state_dir
        )
        for name, exported in TABLES.items():
            lines += [f"### {name}", "", f"{exported.doc[0].upper()}{exported.doc[1:]}.", ""]
            lines += [*_columns(exported.make(connection, context)), ""]
            for table, option, field, value in VARIANTS:
                if table == name:
                    variant = ReportContext(**{**_fields(context), field: value})  # type: ignore[arg-type]  # the same fields
                    lines += [f"With `{option}`:", "", *_columns(exported.make(connection, variant)), ""]
    return "\n".join([*lines, *_alert_rules(), END])


def settings_table() -> str:
    """Every setting with its default, or an example of a table, as Markdown."""
    lines = [SETTINGS_BEGIN, "", "| key | default or example | |", "|---|---|---|"]
    for key, (value, words) in EXPLAINED.items():
        shown = ", ".join(f"`{line}`" for line in value.splitlines()) or "none"
        lines.append(f"| `{key}` | {shown} | {words} |")
    return "\n".join([*lines, "", SETTINGS_END])


def put(text: str, begin: str, end: str, block: str) -> str:
    """The text with a block in the place of the one between two marks."""
    return text[: text.index(begin)] + block + text[text.index(end) + len(end) :]


def _fields(context: ReportContext) -> dict[str, object]:
    return {name: getattr(context, name) for name in ReportContext.__slots__}


def _alert_rules() -> Iterator[str]:
    yield from ("## Alert rules", "", "| rule | when it fires | parameters |", "|---|---|---|")
    for name, rule in RULES.items():
        fields = dict(zip(rule.__struct_fields__, rule.__struct_defaults__, strict=True))
        known = [
            f"`{key}`{'' if fields[key] is None else f' ({fields[key]})'.lower()}: {described(hint, 'doc')}"
            f" ({described(hint, 'description')})"
            for key, hint in parameters(rule).items()
        ]
        yield f"| `{name}` | {(rule.__doc__ or '').rstrip('.')} | {'<br>'.join(known)} |"
    wide = ", ".join(f"`{name}`" for name, rule in RULES.items() if rule in NOT_FOR)
    yield from ("", f"All take `models`, `tags` and `tournament` too, but {wide}: these are about no model.", "")


def _commands() -> Iterator[str]:
    for name, command in commands().items():
        known = [p for p in command.params if isinstance(p, click.Option) and not p.hidden]
        if not known:
            continue
        yield from (f"### {name}", "", "| option | |", "|---|---|")
        for option in known:
            spelt = " ".join(f"`{word}`" for word in (*option.opts, *option.secondary_opts))
            yield f"| {spelt} | {(option.help or '').rstrip('.').replace('|', '/')} |"
        yield ""


def commands() -> dict[str, click.Command]:
    """Every command by its full name: `numtui`, `numtui export`, `numtui stake plan`, ..."""
    context = click.Context(main)
    found: dict[str, click.Command] = {"numtui": main}
    for name in COMMANDS:
        command = main.get_command(context, name)
        assert command is not None
        found[f"numtui {name}"] = command
        if isinstance(command, click.Group):
            found |= {f"numtui {name} {inner}": command.commands[inner] for inner in command.commands}
    return found


def _columns(table: Table) -> Iterator[str]:
    yield from ("| column | |", "|---|---|")
    for column in table.columns:
        if column.kind not in SCREEN_ONLY:
            yield f"| `{column.name}` | {column.doc.replace('|', '/')} |"


def write() -> None:
    """Replace the reference in the README."""
    with tempfile.TemporaryDirectory() as folder, polled_in(Path(folder)) as polled:
        text = put(README.read_text(encoding="utf-8"), SETTINGS_BEGIN, SETTINGS_END, settings_table())
        README.write_text(put(text, BEGIN, END, reference(polled.settings)), encoding="utf-8")


if __name__ == "__main__":
    write()
