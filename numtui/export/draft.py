"""Files that are whole or untouched: written beside their place, and moved there at the end."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from numtui.errors import NumtuiError


class ExportError(NumtuiError):
    """An export that cannot be written; its text is one line that says why and what to do."""


@contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """An empty file beside `path`, or the folder that is made in its place, which takes the place of `path` where all
    goes well and else is removed. ExportError for an OSError or sqlite3.Error."""
    path = path.resolve()
    draft = None
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.close(handle)
        draft = Path(name)
        yield draft
        draft.replace(path)
    except (OSError, sqlite3.Error) as error:
        raise ExportError(f"{path} cannot be written: {getattr(error, 'strerror', None) or error}") from None
    finally:
        if draft is not None and draft.is_dir():
            shutil.rmtree(draft, ignore_errors=True)
        elif draft is not None:
            draft.unlink(missing_ok=True)
