"""The SLA chip: a clock's face as words and markup.

A board draws two hundred of them anew each minute, so they are written by hand: no template, every word escaped once.
"""

import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache

from markupsafe import Markup, escape

from ticketing.queries.clock_faces import BREACHED, OK, PAUSED, RISK, Face, Faces
from ticketing.web.labels import DAYS, LABELS, MONTHS
from ticketing.web.template_helpers import gettext, local, number

RING = 8  # parts of the ring that shows how much is left
WHOLE_HOURS_FROM = 10  # hours; above, minutes are noise
_FEW_DAYS = timedelta(days=6)


class Countdown:
    """What countdown.js goes by: the instant of the answer, the open spans of its calendars, and words, as JSON."""

    def __init__(self, now: datetime, spans: dict):
        self.now_s = int(now.timestamp())
        self.spans = spans
        self.hours = json.dumps(spans, separators=(",", ":"))

    @property
    def words(self) -> str:
        return countdown_words()


class Chips(Countdown):
    """chips(row) for the rows of one answer, as one viewer reads them at one instant."""

    def __init__(self, rows: Iterable, now: datetime):
        here = local(now)
        self._faces, self._zone, self._today = Faces(rows, now), here.tzinfo, here.date()
        super().__init__(now, self._faces.open_spans())

    def __call__(self, row) -> Markup:
        """The chip's markup, empty where no clock has anything to say."""
        return Markup(self.written(row))

    def written(self, row) -> str:
        """The same as text, for who puts it into markup by hand."""
        face = self._faces.of(row)
        if face is None:
            return ""
        return chip(face, face.due_at and _due(face.due_at, self._zone, self._today))


@lru_cache(maxsize=8192)
def _due(at: datetime, zone: tzinfo, today: date) -> str:
    return due_words(at.astimezone(zone), today)


def chip(face: Face, due: str | None) -> str:
    """One clock. `due` is its absolute time in the viewer's words."""
    state = face.state
    if face.kind is None:
        return f'<span class="sla" data-sla="{state}">{_word(state)}</span>'
    if face.due_at is None:
        return f'<span class="sla" data-sla="{"paused" if state == PAUSED else OK}">{escape(standing(face))}</span>'
    told = f' data-part="{part(face.left_s, face.target_s)}"' if state != BREACHED else ""
    risk = f'<i class="sr">{_word(RISK)}, </i>' if state == RISK else ""
    return (
        f'<span class="sla" data-sla="{state}"{told} data-clock="{countdown(face)}"><i>{_name(face.kind)}</i> {risk}'
        f"<span><b>{_escaped(amount(face.left_s, state == BREACHED))}</b><i> · {_escaped(due)}</i></span></span>"
    )


def countdown(face: Face) -> str:
    """What countdown.js needs of a running clock: seconds left, seconds until at risk, the calendar's number."""
    return f"{face.left_s} {face.warn_in_s} {face.calendar}"


def part(left_s: int, target_s: int) -> int:
    """How many eighths of the target are left, rounded up."""
    return max(0, min(RING, -(-left_s * RING // target_s))) if target_s else 0


@lru_cache(maxsize=4096)
def _escaped(text: str) -> str:
    """The same few words come again on every board."""
    return str(escape(text))


def amount(left_s: int, over: bool) -> str:
    """40 min left, 25 min over."""
    return _amount(abs(left_s) // 60, over)


@lru_cache(maxsize=8192)
def _amount(minutes: int, over: bool) -> str:
    time = _work_time(minutes, False)
    return gettext("%(time)s over", time=time) if over else gettext("%(time)s left", time=time)


def standing(face: Face) -> str:
    """A clock that stands still: paused, 3 h left."""
    text = amount(face.left_s, face.left_s < 0)
    return gettext("paused, %(time)s", time=text) if face.state == PAUSED else gettext("hold over, %(time)s", time=text)


def work_time(seconds: int, exact: bool = False) -> str:
    """A length of working time: 40 min, 3 h 20 min; from ten hours on whole hours unless it is to be `exact`.

    Never days, because a working day has no fixed length.
    """
    return _work_time(seconds // 60, exact)


@lru_cache(maxsize=4096)
def _work_time(minutes: int, exact: bool) -> str:
    hours, rest = divmod(minutes, 60)
    if hours and (not rest or (hours >= WHOLE_HOURS_FROM and not exact)):
        return gettext("%(h)s h", h=number(hours))
    if hours:
        return gettext("%(h)s h %(n)s min", h=number(hours), n=rest)
    return gettext("%(n)s min", n=rest) if minutes else gettext("<1 min")


def due_words(at: datetime, today: date) -> str:
    """14:40 today, Tue 14:40 in the days round today, else 5 May; `at` is on the viewer's wall clock."""
    day = at.date()
    clock = f"{at.hour:02}:{at.minute:02}"
    if day == today:
        return clock
    if abs(day - today) <= _FEW_DAYS:
        return f"{gettext(DAYS[at.weekday()])} {clock}"
    return f"{at.day} {gettext(MONTHS[at.month - 1])}"


@lru_cache(maxsize=1)
def countdown_words() -> str:
    """The words that countdown.js puts together, with {h}, {n} and {time} to be filled in, as JSON."""
    n, h, time = "{n}", "{h}", "{time}"
    return json.dumps({
        "soon": gettext("<1 min"), "min": gettext("%(n)s min", n=n), "h": gettext("%(h)s h", h=h),
        "hmin": gettext("%(h)s h %(n)s min", h=h, n=n), "left": gettext("%(time)s left", time=time),
        "over": gettext("%(time)s over", time=time), "risk": gettext(LABELS["sla_state"][RISK]) + ", ",
        "wholeFrom": WHOLE_HOURS_FROM,
    })  # fmt: skip


@lru_cache(maxsize=16)
def _word(state: str) -> str:
    return str(escape(gettext(LABELS["sla_state"][state])))


@lru_cache(maxsize=16)
def _name(kind: str) -> str:
    return str(escape(gettext(LABELS["clock"][kind])))
