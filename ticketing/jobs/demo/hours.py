"""When things happen: people file at all hours, most work is done on weekdays, urgent work is not put off."""

from datetime import datetime, timedelta
from itertools import accumulate
from random import Random

_OPENS, _ENDS = 7, 18
_STEP = timedelta(seconds=75)


def spread(rng: Random, start: datetime, end: datetime, weights: list[float], urgent: bool) -> list[datetime]:
    """One moment per weight, rising, after `start`; the last one is `end`, whenever that is.

    Work that is not urgent goes on in working hours alone.
    """
    drawn = list(accumulate(weight * rng.uniform(0.4, 1.6) for weight in weights))
    spans = [(start, end)] if urgent else _worked(start, end) or [(start, end)]
    total = sum((closes - opens for opens, closes in spans), timedelta())
    moments = [_at(spans, total * (part / drawn[-1])) for part in drawn]
    before = start
    for place, moment in enumerate(moments):
        latest = end - _STEP * (len(moments) - 1 - place)
        before = moments[place] = max(before + _STEP / 3, min(moment, latest)).replace(microsecond=0)
    return [*moments[:-1], end.replace(microsecond=0)]


def _worked(start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The pieces of working time between two moments."""
    pieces = []
    day = start.replace(hour=0, minute=0, second=0)
    while day < end:
        opens, closes = max(day.replace(hour=_OPENS), start), min(day.replace(hour=_ENDS), end)
        if day.weekday() < 5 and opens < closes:
            pieces.append((opens, closes))
        day += timedelta(days=1)
    return pieces


def _at(spans: list[tuple[datetime, datetime]], worked: timedelta) -> datetime:
    for opens, closes in spans:
        if worked <= closes - opens:
            return opens + worked
        worked -= closes - opens
    return spans[-1][1]


def working(rng: Random, moment: datetime) -> datetime:
    """The moment itself if it falls into working hours, else some time in the next morning's first hours."""
    if moment.weekday() < 5 and _OPENS <= moment.hour < _ENDS:
        return moment
    day = moment if moment.hour < _OPENS and moment.weekday() < 5 else moment + timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day.replace(hour=_OPENS, minute=0, second=0) + timedelta(minutes=rng.triangular(0, 240, 40))


def waking(rng: Random, moment: datetime) -> datetime:
    """Reporters file when their players complain: any day, rarely at night."""
    if moment.hour >= 6 or rng.random() < 0.25:
        return moment
    return moment + timedelta(hours=6 - moment.hour)
