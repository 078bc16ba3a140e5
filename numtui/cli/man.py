"""`numtui man`: the man page, made from the commands."""

from __future__ import annotations

from collections.abc import Iterator

import click

from numtui.cli.main import COMMANDS, main
from numtui.errors import ALERT, DONE, FAILED, NO_DATA, UNREACHABLE, USAGE
from numtui.version import __version__

CODES = {
    DONE: "done",
    FAILED: "failed",
    USAGE: "wrong options or settings",
    UNREACHABLE: "the API cannot be reached",
    NO_DATA: "there is nothing of the kind in the cache",
    ALERT: "an alert fires",
}


@click.command("man")
def command() -> None:
    """Print the man page: numtui man > ~/.local/share/man/man1/numtui.1, then man numtui."""
    click.echo("\n".join(page()))


def page() -> Iterator[str]:
    """The lines of the page, in the macros of man(7)."""
    yield f'.TH NUMTUI 1 "" "numtui {__version__}"'
    yield from (".SH NAME", "numtui \\- the terminal monitor for the Numerai tournament")
    yield from (".SH SYNOPSIS", ".B numtui", "[options] [command]")
    yield from (".SH DESCRIPTION", *_paragraphs(main.help or ""), ".SH OPTIONS", *_options(main))
    yield ".SH COMMANDS"
    context = click.Context(main, info_name="numtui")
    for name in COMMANDS:
        found = main.get_command(context, name)
        assert found is not None
        yield from _command(f"numtui {name}", found)
        if isinstance(found, click.Group):
            for inner, each in found.commands.items():
                yield from _command(f"numtui {name} {inner}", each)
    yield ".SH EXIT STATUS"
    for code, words in CODES.items():
        yield from (".TP", f".B {code}", _safe(words))


def _command(name: str, of: click.Command) -> Iterator[str]:
    arguments = " ".join(
        param.make_metavar(click.Context(of)) for param in of.params if param.param_type_name == "argument"
    )
    yield from (f".SS {_safe(f'{name} {arguments}'.strip())}", *_paragraphs(of.help or ""), *_options(of))


def _options(of: click.Command) -> Iterator[str]:
    for option in of.params:
        if isinstance(option, click.Option) and not option.hidden:
            yield from (
                ".TP",
                f".B {_safe(', '.join((*option.opts, *option.secondary_opts)))}",
                _safe(option.help or ""),
            )


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in text.split("\n\n"):
        yield from (".PP", _safe(" ".join(paragraph.split())))


def _safe(text: str) -> str:
    """Text that no macro is read into: backslashes, dashes, and a dot or quote at the start."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped
