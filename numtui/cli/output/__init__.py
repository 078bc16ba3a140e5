"""What commands print: lines, plain text, one line for a failure, the log."""
