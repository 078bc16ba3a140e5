"""The quiet time: hours of the day, in the user's zone, in which nothing is delivered."""

from __future__ import annotations

from datetime import datetime, time, tzinfo


def quiet_at(moment: datetime, hours: str | None, zone: tzinfo) -> bool:
    """Whether `moment` lies in the quiet `hours` (`22:00..07:30`, over midnight where the end is earlier; None: never).

    The end is no longer quiet; equal ends mean the whole day.
    """
    if hours is None:
        return False
    start, end = (time.fromisoformat(part) for part in hours.split(".."))
    local = moment.astimezone(zone).time().replace(tzinfo=None)
    if start < end:
        return start <= local < end
    return local >= start or local < end
