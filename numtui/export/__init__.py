"""Tables as csv, json, ndjson, md and parquet: one serialisation for commands, screens and copies."""

from numtui.export.serialise import FORMATS, ExportError, to_text, write

__all__ = ["FORMATS", "ExportError", "to_text", "write"]
