"""Tables as csv, json, ndjson, md and parquet: one serialisation for commands, screens and copies."""

from numtui.export.draft import ExportError
from numtui.export.serialise import FORMATS, to_text, write

__all__ = ["FORMATS", "ExportError", "to_text", "write"]
