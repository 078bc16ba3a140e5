"""What the list of commands finds beside commands: names, the tables of screens, saved views."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from textual.command import Provider


def saved_views() -> type[Provider]:
    """What finds saved views in the list of commands; it is imported when the list is first opened."""
    return cast("type[Provider]", import_module("numtui.tui.commands.saved_views").SavedViews)


def view_search() -> type[Provider]:
    """What finds tables of screens in the list of commands; it is imported when the list is first opened."""
    return cast("type[Provider]", import_module("numtui.tui.commands.view_search").ViewSearch)


def name_search() -> type[Provider]:
    """What finds names in the list of commands; it is imported when the list is first opened."""
    return cast("type[Provider]", import_module("numtui.tui.commands.name_search").NameSearch)
