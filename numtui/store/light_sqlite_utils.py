"""sqlite_utils without pandas, which it loads where it is installed: 0.3 s and 70 MB, for types that no column has."""

from __future__ import annotations

import sys

sys.modules.setdefault("pandas", None)  # type: ignore[arg-type]  # so that its import fails meanwhile

from sqlite_utils import Database, Migrations  # noqa: E402  after the line above

if sys.modules["pandas"] is None:
    del sys.modules["pandas"]

__all__ = ["Database", "Migrations"]
