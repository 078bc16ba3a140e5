"""Commands and options. Each command's module is imported only when it is called for."""

from numtui.cli.main import main

__all__ = ["main"]
