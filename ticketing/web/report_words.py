"""The numbers of reports as people read them."""

from datetime import date

from ticketing.web.labels import DAYS, MONTHS
from ticketing.web.sla_chip import work_time
from ticketing.web.template_helpers import gettext

NOTHING = "–"


def time_words(seconds: int | None) -> str:
    """7 min, 4 h 52 min, 117 h; never days. Below a minute there is nothing to tell apart."""
    if seconds is None:
        return NOTHING
    return work_time(seconds, exact=True) if seconds else gettext("%(n)d min", n=0)


def day_words(day: date, today: date | None = None) -> str:
    """4 May, with the year when it is another one than today's."""
    text = f"{day.day} {gettext(MONTHS[day.month - 1])}"
    return text if today is None or day.year == today.year else f"{text} {day.year}"


def weekday_words(day: date) -> str:
    """Mon 4 May"""
    return f"{gettext(DAYS[day.weekday()])} {day_words(day)}"


def period_words(first: date, last: date, today: date) -> str:
    """27 Apr to 24 May, one day alone by itself."""
    if first == last:
        return day_words(first, today)
    if first.year != last.year:
        today = date(1, 1, 1)  # both years are told
    return gettext("%(first)s to %(last)s", first=day_words(first, today), last=day_words(last, today))


def week_words(first: date, last: date) -> str:
    """The ISO week, W18; of one that is cut, its days."""
    whole = first.weekday() == 0 and last.weekday() == 6
    text = gettext("W%(n)d", n=first.isocalendar().week)
    return text if whole else f"{text}*"
