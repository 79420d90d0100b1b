"""When people are there: reporters write at all hours, most work is done on weekdays, urgent work is not put off."""

from datetime import datetime, timedelta

_OPENS, _ENDS = 7, 18


def working(moment: datetime, share: float) -> datetime:
    """The moment itself if it falls into working hours, else some time in the next morning; `share` says when."""
    if moment.weekday() < 5 and _OPENS <= moment.hour < _ENDS:
        return moment
    day = moment if moment.hour < _OPENS and moment.weekday() < 5 else moment + timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day.replace(hour=_OPENS, minute=0, second=0) + timedelta(minutes=200 * share**2)


def waking(moment: datetime, share: float) -> datetime:
    """Reporters file when their players complain: any day, rarely at night, mostly by day."""
    if moment.hour >= 18 and share < 0.6:
        moment -= timedelta(hours=9)
    if moment.hour < 6 and share < 0.75:
        moment += timedelta(hours=6 + 2 * share)
    return moment
