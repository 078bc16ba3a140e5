"""Exit codes: scripts rely on them."""

DONE = 0
FAILED = 1
USAGE = 2
UNREACHABLE = 3  # the API could not be reached and the cache was not enough
NOTHING = 4  # nothing to show
ALERT = 5  # an alert fired
INTERRUPTED = 130
