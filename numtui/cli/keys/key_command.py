"""The API key from a command of the user's, such as a password manager's."""

from __future__ import annotations

import os
import select
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from numtui.config import PUBLIC_ID, SECRET_KEY, ConfigError

SECONDS = 60.0  # for a command that asks its user
MOST = 10_000  # bytes: a key has some hundred


def key_of_command(command: Sequence[str]) -> dict[str, str]:
    """The API key that a command of the user's prints, as the environment would have it: `NAME=value` lines, or id and
    secret on two lines. ConfigError when it fails, takes a minute, or prints anything else; neither its arguments nor
    what it printed are ever repeated."""
    said = f"key_command {command[0].partition(' ')[0]}"
    try:
        lines = [line.strip() for line in _printed(command, said).decode().splitlines() if line.strip()]
    except UnicodeDecodeError:
        raise ConfigError(f"{said} prints what is not UTF-8 text") from None
    named = dict(line.split("=", 1) for line in lines if line.startswith((f"{PUBLIC_ID}=", f"{SECRET_KEY}=")))
    if len(named) == 2:
        return named
    if len(lines) == 2 and not named:
        return {PUBLIC_ID: lines[0], SECRET_KEY: lines[1]}
    raise ConfigError(f"{said} prints {len(lines)} lines: id and secret on a line each are expected")


def _printed(command: Sequence[str], said: str) -> bytes:
    """What the command prints until it ends well. It keeps the terminal, since it may ask for a password there."""
    words = [str(Path(command[0]).expanduser()), *command[1:]]
    try:
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except (OSError, ValueError) as error:  # ValueError: a zero byte in a word
        why = error.strerror if isinstance(error, OSError) else "its words hold a zero byte"
        raise ConfigError(f"{said} cannot be run: {why}") from None
    with process:
        try:
            printed = _read(process, said)
        except BaseException:  # ctrl+c too
            process.kill()
            raise
    if process.returncode:
        raise ConfigError(f"{said} ended with exit code {process.returncode}")
    return printed


def _read(process: subprocess.Popen[bytes], said: str) -> bytes:
    """All that it prints, within bounds of time and size: what it starts may hold its output open for ever."""
    assert process.stdout is not None
    deadline, printed = time.monotonic() + SECONDS, b""
    while True:
        ready, _, _ = select.select([process.stdout], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise ConfigError(f"{said} has printed no key within {SECONDS:g} seconds")
        some = os.read(process.stdout.fileno(), MOST)
        printed += some
        if len(printed) > MOST:
            raise ConfigError(f"{said} prints more than {MOST:,} bytes: id and secret on a line each are expected")
        if not some:
            return printed
