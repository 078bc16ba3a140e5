"""`numtui completion`: what a shell needs to complete commands, options and names of tables."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from numtui.cli.main import fail, main

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_NUMTUI_COMPLETE"


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print the completion of a shell.

    bash: eval "$(numtui completion bash)" in ~/.bashrc. zsh: the same with zsh in ~/.zshrc.
    fish: numtui completion fish > ~/.config/fish/completions/numtui.fish.
    """
    known = get_completion_class(shell)
    if known is None:
        raise fail(f"there is no completion for {shell}")
    try:
        click.echo(known(main, {}, "numtui", VARIABLE).source())
    except RuntimeError as error:  # an old bash
        raise fail(str(error)) from None
