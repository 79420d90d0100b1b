"""Business time: how much of a span lies inside a calendar, and when a budget of it is used up.

A calendar is a zone, local intervals for each weekday, and dated exceptions. Edges of intervals become instants before
any arithmetic, so that a day of 23 or 25 hours simply has less or more time. Inside, instants are whole microseconds
since 1970 and days are ordinals: a span of years is then one addition and one comparison for most of its days.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_S = 86_400
PATIENCE_DAYS = 5 * 365 + 2  # five years, with as many leap days as they can have
# Nothing is due later. What can be saved is reached within five years, and within eight should a thousand dated
# exceptions come between; walking on through centuries would only keep everybody waiting.
REACH_DAYS = 10 * PATIENCE_DAYS

Interval = tuple[str, str]
_TIME = re.compile(r"([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?")
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_LAST_DAY = date.max.toordinal() - 2
_SECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class NeverOpen(ValueError):
    """The calendar does not open in the five years after an instant, or not for long enough in fifty: nothing is due
    then.
    """


class Calendar:
    """Opening hours in one zone. Raises ValueError for an unknown zone, a wrong time or from > to.

    `weekly` maps mon…sun to [(from, to), …] as HH:MM or HH:MM:SS up to 24:00; a missing day is closed. `exceptions`
    maps dates to intervals of their own, [] meaning closed. Intervals that touch or overlap count once.
    """

    def __init__(self, timezone: str, weekly: Mapping[str, Sequence[Interval]],
                 exceptions: Mapping[date, Sequence[Interval]] | None = None):  # fmt: skip
        self.timezone = timezone
        self._zone = _zone(timezone)
        unknown = set(weekly) - set(WEEKDAYS)
        if unknown:
            raise ValueError(f"no such weekday: {sorted(map(str, unknown))[0]}")
        self._weekly = tuple(_spans(weekly.get(day, ())) for day in WEEKDAYS)
        self._exceptions = {_ordinal(day): _spans(spans) for day, spans in (exceptions or {}).items()}
        self._never_closes = not self._exceptions and all(spans == ((0, DAY_S),) for spans in self._weekly)

    @classmethod
    def always(cls) -> "Calendar":
        """Open all the time."""
        return cls("UTC", {day: [("00:00", "24:00")] for day in WEEKDAYS})

    def __eq__(self, other: object) -> bool:
        """Open at the same times, whatever anybody calls it and wherever it is saved."""
        if not isinstance(other, Calendar):
            return NotImplemented
        return self is other or self._hours == other._hours

    def __hash__(self) -> int:
        return hash((self.timezone, self._weekly))

    @property
    def _hours(self) -> tuple:
        return self.timezone, self._weekly, self._exceptions

    def __repr__(self) -> str:
        return f"<Calendar {self.timezone}>"

    def work(self, start: datetime, end: datetime) -> int:
        """Whole seconds of [start, end] inside the calendar; 0 when end ≤ start. Naive datetimes are a ValueError."""
        first, last = _instant(start), _instant(end)
        if last <= first:
            return 0
        if self._never_closes:
            return (last - first) // _SECOND
        total = 0
        for opens, closes in self._open_from(first):
            if opens >= last:
                break
            total += min(closes, last) - max(opens, first)
        return total // _SECOND

    def add(self, start: datetime, seconds: int) -> datetime:
        """The earliest instant, in UTC, by which `seconds` of work have passed since `start`.

        A budget used up exactly at closing ends at that closing. Raises NeverOpen, and ValueError for a naive start or
        negative seconds.
        """
        now = _instant(start)
        if seconds < 0:
            raise ValueError("a budget of time cannot be negative")
        left = int(seconds) * _SECOND
        if left == 0:
            return _datetime(now)
        if self._never_closes:
            return _datetime(now + left)
        for opens, closes in self._open_from(now, REACH_DAYS):
            begin = max(opens, now)
            if begin + left <= closes:
                return _datetime(begin + left)
            left -= closes - begin
        raise NeverOpen(f"{self.timezone}: not open for so long after {start.isoformat()}")

    def open_between(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The open spans within [start, end], in order and apart, in UTC."""
        first, last = _instant(start), _instant(end)
        for opens, closes in [(first, last)] if self._never_closes else self._open_from(first):
            if opens >= last:
                return
            yield _datetime(max(opens, first)), _datetime(min(closes, last))

    def _open_from(self, now: int, days: int = _LAST_DAY) -> Iterator[tuple[int, int]]:
        """The open spans that end after `now`, in order and apart, until there is none for five years or `days` are
        over.
        """
        day = datetime.fromtimestamp(now // _SECOND, UTC).toordinal() - 2  # no zone is two days away
        give_up, last, reached = day + 2 + PATIENCE_DAYS, min(_LAST_DAY, day + 2 + days), now
        midnight = self._midnight(day)
        while day <= give_up and day < last:
            following = self._midnight(day + 1)
            for opens, closes in self._spans_of(day, midnight, following):
                opens = max(opens, reached)  # what overlaps after a change of the clocks counts once
                if closes > opens:
                    yield opens, closes
                    reached, give_up = closes, day + PATIENCE_DAYS
            day, midnight = day + 1, following

    def _spans_of(self, day: int, midnight: int, following: int) -> Iterator[tuple[int, int]]:
        """The open spans of one local day as instants, kept within what the day really has."""
        spans = self._exceptions.get(day)
        if spans is None:
            spans = self._weekly[(day - 1) % 7]
        if following - midnight == DAY_S * _SECOND:
            for opens, closes in spans:
                yield midnight + opens * _SECOND, midnight + closes * _SECOND
            return
        for opens, closes in spans:  # the clocks change on this day, or it is left out altogether
            yield max(midnight, self._edge(day, opens)), min(following, self._edge(day, closes))

    def _midnight(self, day: int) -> int:
        return self._edge(day, 0)

    def _edge(self, day: int, second: int) -> int:
        """The instant of a local time; one that comes twice is the first, one that is skipped counts on from before."""
        local = datetime.fromordinal(day)
        if second:
            local += timedelta(seconds=second)
        offset = self._zone.utcoffset(local)
        return ((day - _EPOCH_DAY - offset.days) * DAY_S + second - offset.seconds) * _SECOND


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError, TypeError):
        raise ValueError(f"no such time zone: {name!r}") from None


def _ordinal(day: date) -> int:
    if not isinstance(day, date) or isinstance(day, datetime):
        raise ValueError(f"an exception needs a date, not {day!r}")
    return day.toordinal()


def _spans(intervals: Sequence[Interval]) -> tuple[tuple[int, int], ...]:
    """Intervals of one day as seconds since its midnight, sorted, those that touch made one, empty ones left out."""
    found: list[tuple[int, int]] = []
    for opens, closes in sorted(map(_interval, intervals)):
        if opens == closes:
            continue
        if found and opens <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], closes))
        else:
            found.append((opens, closes))
    return tuple(found)


def _interval(interval: Interval) -> tuple[int, int]:
    if isinstance(interval, str) or len(interval) != 2:
        raise ValueError(f"an interval has two ends: {interval!r}")
    opens, closes = map(_time_of_day, interval)
    if opens > closes:
        raise ValueError(f"an interval ends before it begins: {interval[0]}–{interval[1]}")
    return opens, closes


def _time_of_day(text: str) -> int:
    match = _TIME.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"not a time of day: {text!r}")
    hours, minutes, seconds = int(match[1]), int(match[2]), int(match[3] or 0)
    second = hours * 3600 + minutes * 60 + seconds
    if minutes > 59 or seconds > 59 or second > DAY_S:
        raise ValueError(f"not a time of day: {text!r}")
    return second


def _instant(moment: datetime) -> int:
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError("an instant needs a time zone")
    return (moment - _EPOCH) // _MICROSECOND


def _datetime(instant: int) -> datetime:
    try:
        return _EPOCH + timedelta(microseconds=instant)
    except OverflowError:
        raise NeverOpen("no calendar reaches that far") from None
