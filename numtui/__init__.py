"""numtui: the terminal monitor for the Numerai tournament."""

__version__ = "0.1.0"
