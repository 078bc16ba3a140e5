"""How many lines the parts of the Overview get: what needs the user and all models first, then the chart."""

from __future__ import annotations

from typing import NamedTuple

FRAME = 7  # lines: header, tabs, heading of the needs, headings of the table, line of the models, sync line, keys
TALL = 34  # lines from which there is a chart, and what happened last
MODELS = 12  # rows that there is to be room for


class Room(NamedTuple):
    """Lines of the needs below their heading, of the chart, and of what happened last; the table has the rest."""

    needs: int
    chart: int
    latest: int


SMALL = Room(4, 0, 0)
LEAST = Room(3, 8, 2)
# Where there is more room than that, who gets it up to how many lines, one after the other.
MORE = (("needs", 4), ("chart", 9), ("needs", 6), ("latest", 3), ("chart", 14), ("needs", 10), ("chart", 20))


def room_for(height: int, money: int, models: int, needs: int) -> Room:
    """The room in a terminal of `height` lines, with `money` lines, rows of `models` and so many `needs`."""
    if height < TALL:
        return SMALL
    room = LEAST._replace(needs=min(LEAST.needs, needs))
    spare = height - FRAME - money - min(models, MODELS) - sum(room)
    for part, most in MORE:
        lines = getattr(room, part)
        more = max(0, min(spare, (min(most, needs) if part == "needs" else most) - lines))
        room, spare = room._replace(**{part: lines + more}), spare - more
    return room
