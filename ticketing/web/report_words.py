"""The numbers of reports as people read them."""

from datetime import date

from ticketing.web.labels import DAYS, MONTHS
from ticketing.web.template_helpers import gettext

NOTHING = "–"


def percent(share: float | None) -> str:
    """94.9%. What is not all is never shown as 100, and what is not nothing never as 0."""
    if share is None:
        return NOTHING
    if share in (0, 1):
        return f"{share:.0%}"
    return f"{min(max(round(share * 100, 1), 0.1), 99.9):.1f}%"


def points(now: float, before: float) -> float:
    """A difference of two shares in points of a hundred."""
    return round((now - before) * 100, 1)


def time_words(seconds: int | None) -> str:
    """7 min, 4 h 52 min, 117 h; never days. Below a minute there is nothing to tell apart."""
    if seconds is None:
        return NOTHING
    if 0 < seconds < 60:
        return gettext("<1 min")
    hours, minutes = divmod(seconds // 60, 60)
    if not hours:
        return gettext("%(n)d min", n=minutes)
    if not minutes:
        return gettext("%(n)s h", n=number(hours))
    return gettext("%(h)s h %(m)d min", h=number(hours), m=minutes)


def number(count: int) -> str:
    """12 345: a thin space between thousands."""
    return f"{count:,}".replace(",", "\u202f")


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
