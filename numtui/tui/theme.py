"""The theme: what the settings say, else what was chosen last from the list of themes."""

from __future__ import annotations

import os
from collections.abc import Container
from pathlib import Path

from numtui.config import Settings

PRIVATE = 0o600
LONGEST = 100  # characters of a theme's name that are read


def theme_file(settings: Settings) -> Path:
    """The file with the theme that was chosen last."""
    return settings.state_dir / "theme"


def kept_theme(settings: Settings, known: Container[str]) -> str | None:
    """The theme to start with; None where neither the settings nor a choice name one that there is."""
    return next((name for name in (settings.theme, _chosen(settings)) if name is not None and name in known), None)


def _chosen(settings: Settings) -> str | None:
    try:
        with theme_file(settings).open(encoding="utf-8") as file:
            return file.read(LONGEST).strip()
    except (OSError, UnicodeDecodeError):
        return None


def keep_theme(settings: Settings, name: str) -> None:
    """Keep a theme for the next start. Raises OSError."""
    settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(theme_file(settings), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"{name}\n")
