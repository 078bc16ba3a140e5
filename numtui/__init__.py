"""numtui: the terminal monitor for the Numerai tournament, and its cache for notebooks.

    with numtui.open() as cache:
        frame = cache.scores(models=["my_model"], rounds="1000..1010").to_pandas()

Importing this loads nothing else: `open` and the names below bring the rest with them when they are used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numtui.version import __version__

if TYPE_CHECKING:
    from numtui.export.cache import Cache
    from numtui.export.cache import open_cache as open

__all__ = ["Cache", "__version__", "open"]

_HOMES = {
    "Cache": ("numtui.export.cache", "Cache"),
    "open": ("numtui.export.cache", "open_cache"),
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _HOMES[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
