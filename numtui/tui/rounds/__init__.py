"""The Rounds screen: the drift of unresolved rounds."""
