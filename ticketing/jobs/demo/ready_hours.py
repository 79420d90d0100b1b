"""A calendar whose open spans are worked out once for some years, because a million tickets ask it ten times each."""

from bisect import bisect_left, bisect_right
from datetime import UTC, datetime

from ticketing.rules.working_hours import Calendar


class ReadyHours:
    """Answers like the calendar it is made from, which it asks about whatever lies outside its years."""

    def __init__(self, calendar: Calendar, start: datetime, end: datetime):
        self.calendar = calendar
        self.opens: list[int] = []
        self.closes: list[int] = []
        self.before: list[int] = []  # seconds of work before each span, since `start`
        self.after: list[int] = []
        self.start, self.end = _seconds(start), _seconds(end)
        worked = 0
        for opens, closes in calendar.open_between(start, end):
            self.opens.append(_seconds(opens))
            self.closes.append(_seconds(closes))
            self.before.append(worked)
            worked += self.closes[-1] - self.opens[-1]
            self.after.append(worked)

    def work(self, start: datetime, end: datetime) -> int:
        first, last = _seconds(start), _seconds(end)
        if first < self.start or last > self.end:
            return self.calendar.work(start, end)
        return max(0, self._worked(last) - self._worked(first))

    def add(self, start: datetime, seconds: int) -> datetime:
        first = _seconds(start)
        if seconds == 0:
            return start
        wanted = self._worked(first) + seconds
        if first < self.start or not self.after or wanted > self.after[-1]:
            return self.calendar.add(start, seconds)
        return _moment(self._reached(wanted))

    def ahead(self, start: int, seconds: float) -> int:
        """`add` on seconds since 1970."""
        return _seconds(self.add(_moment(start), int(seconds)))

    def back(self, end: int, seconds: float) -> int:
        """The latest instant from which that much work is done by `end`, both as seconds since 1970."""
        wanted = self._worked(end) - int(seconds)
        if seconds <= 0 or wanted < 0:
            return end
        place = bisect_right(self.before, wanted) - 1
        return self.opens[place] + wanted - self.before[place]

    def _worked(self, moment: int) -> int:
        place = bisect_right(self.opens, moment) - 1
        return 0 if place < 0 else self.before[place] + min(moment, self.closes[place]) - self.opens[place]

    def _reached(self, wanted: int) -> int:
        place = bisect_left(self.after, wanted)
        return self.opens[place] + wanted - self.before[place]


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
