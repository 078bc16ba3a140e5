"""Reports on the drift of unresolved rounds."""
