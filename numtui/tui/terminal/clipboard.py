"""Copying by the desktop's own tool, else tmux's buffer, else OSC 52, which not every terminal obeys."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Mapping

from textual.app import App

TIMEOUT = 3.0


def tool(environ: Mapping[str, str], platform: str = sys.platform) -> list[str] | None:
    """The command that takes a copy on its standard input; None when only the terminal is left.

    Over SSH the desktop's tools would copy on the wrong machine.
    """
    remote = "SSH_CONNECTION" in environ or "SSH_TTY" in environ
    candidates: list[list[str]] = []
    if not remote:
        if platform == "darwin":
            candidates.append(["pbcopy"])
        if "WAYLAND_DISPLAY" in environ:
            candidates.append(["wl-copy"])
        if "DISPLAY" in environ:
            candidates += [["xclip", "-selection", "clipboard"], ["xsel", "--clipboard", "--input"]]
        if "WSL_DISTRO_NAME" in environ:
            candidates.append(["clip.exe"])
    if "TMUX" in environ:
        candidates.append(["tmux", "load-buffer", "-w", "-"])
    return next((command for command in candidates if shutil.which(command[0], path=environ.get("PATH"))), None)


async def copy(app: App[None], text: str) -> str:
    """Copy `text` and say by what: the tool's name, or `OSC 52`."""
    command = tool(os.environ)
    if command is not None and await _piped(command, text):
        return command[0]
    app.copy_to_clipboard(text)
    return "OSC 52"


async def _piped(command: list[str], text: str) -> bool:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await asyncio.wait_for(process.communicate(text.encode()), TIMEOUT)
    except TimeoutError:
        process.kill()
        return False
    return process.returncode == 0
