"""Try a policy: a ticket that nobody filed, what it would be promised, and the picture of its clock."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ticketing.queries import sla_terms as reads
from ticketing.rules.sla import ClockKind, Deal, Level, level_work
from ticketing.rules.sla_calendars import time_zones
from ticketing.rules.sla_terms import Terms, check_terms, read_terms
from ticketing.rules.taxonomy import PRIORITIES, Priority, TicketType
from ticketing.rules.working_hours import Calendar, NeverOpen
from ticketing.web import access
from ticketing.web.labels import DAYS, MONTHS
from ticketing.web.template_helpers import gettext as _
from ticketing.web.template_helpers import label, moment

_LEFT, _WIDTH = 3.0, 91.0  # per cent of the picture from creation to the last due time
_GAP = 9.0  # how wide closed time is drawn, at most
_BOLD = 1.15  # how much wider the labels above are
_HIGH, _LOW = 12, 28  # the rows of labels above the strip
_MINUTE = timedelta(minutes=1)
_YEARS = range(2000, 2101)


@dataclass(slots=True)
class Question:
    """A ticket to try. `created` is what was typed; `at` the instant, None when it is none."""

    type: str = TicketType.INCIDENT
    category: str = ""
    priority: str = Priority.NORMAL
    created: str = ""
    zone: str = "UTC"
    at: datetime | None = None


@dataclass(slots=True)
class Promise:
    """What one clock would do; instants are None where the calendar never gets that far."""

    kind: ClockKind
    target_min: int
    warn_pct: int
    warn: datetime | None
    due: datetime | None
    escalate: datetime | None


@dataclass(slots=True)
class Picture:
    """Everything in per cent of the width, as text."""

    open: list[tuple[str, str]] = field(default_factory=list)  # x, width
    closed: list[str] = field(default_factory=list)  # where the word fits
    pins: list[tuple[str, str]] = field(default_factory=list)  # x, class
    above: list[tuple[str, str, int, str]] = field(default_factory=list)  # x, anchor, y, text
    below: list[tuple[str, str, str]] = field(default_factory=list)  # x, anchor, text


@dataclass(slots=True)
class Answer:
    policy: str
    calendar: str
    promises: list[Promise]
    picture: Picture | None
    zone: str

    def time(self, at: datetime | None) -> str:
        return _("never") if at is None else day_time(at, self.zone)


def question(values: Mapping, policy: Mapping | None = None) -> Question:
    """What was asked; what is missing or not known is a ticket that the shown policy is for."""
    asked = Question(zone=access.person().time_zone or "UTC")
    if policy is not None and "try_type" not in values:
        asked.type = next(iter(policy["types"]), asked.type)
        asked.category = "" if policy["types"] else next(iter(policy["categories"]), "")
    if values.get("try_type") in set(TicketType):
        asked.type = values["try_type"]
    if values.get("try_priority") in set(PRIORITIES):
        asked.priority = values["try_priority"]
    asked.category = values.get("try_category", asked.category)[:80]
    if values.get("try_zone") in time_zones():
        asked.zone = values["try_zone"]
    if asked.zone not in time_zones():
        asked.zone = "UTC"
    asked.created = values.get("try_created", "")[:40] or f"{moment().astimezone(ZoneInfo(asked.zone)):%Y-%m-%dT%H:%M}"
    asked.at = _instant(asked.created, asked.zone)
    return asked


def zones(document: Mapping) -> list[str]:
    """Whose clocks may be meant: the viewer's, those of the calendars, and UTC."""
    mine = access.person().time_zone or "UTC"
    return list(dict.fromkeys([mine, *(body["time_zone"] for body in document["calendars"].values()), "UTC"]))


def answer(document: Mapping, asked: Question) -> Answer | None:
    """What the ticket would be promised; None when nothing can be said yet."""
    if asked.at is None or check_terms(document, reads.category_names(), moment()):
        return None
    terms = read_terms(document, 0)
    return _answer(terms, asked, asked.at)


def _answer(terms: Terms, asked: Question, at: datetime) -> Answer:
    kind, category, priority = TicketType(asked.type), asked.category or None, Priority(asked.priority)
    policy = terms.policy_for(kind, category)
    calendar = terms.calendars[policy.targets[priority].calendar or policy.calendar]
    deals = {kind: deal for kind, deal in terms.deals(kind, category, priority).items() if deal is not None}
    promises = [_promise(kind, deal, at) for kind, deal in deals.items()]
    dues = [promise.due for promise in promises if promise.due is not None]
    picture = _draw(calendar.hours, at, max(dues), promises, asked.zone) if dues else None
    return Answer(policy.name, calendar.name, promises, picture, asked.zone)


def _promise(kind: ClockKind, deal: Deal, at: datetime) -> Promise:
    warn, due, escalate = (
        _reach(deal.calendar, at, level_work(level, deal.target_s, deal.warn_pct))
        for level in (Level.WARN, Level.BREACH, Level.ESCALATE)
    )
    return Promise(kind, deal.target_s // 60, deal.warn_pct, warn, due, escalate)


def _draw(calendar: Calendar, at: datetime, end: datetime, promises: list[Promise], zone: str) -> Picture:
    """Open time is drawn to scale, closed time as a gap of one width: a weekend would push everything else aside."""
    strip = _Strip(list(calendar.open_between(at, max(end, at + _MINUTE))), at)
    picture = Picture(pins=[(_pct(_LEFT), "pin")])
    picture.open = [(_pct(opens), _pct(closes - opens)) for opens, closes in strip.places if closes > opens]
    picture.closed = [_pct(middle) for middle in strip.gaps(_width(_("closed")))]
    rows = {_HIGH: -1.0, _LOW: -1.0}  # how far the labels of a row reach
    for promise in sorted((p for p in promises if p.due is not None), key=lambda promise: promise.due):
        place = strip.place(promise.due)
        text = _("%(clock)s by %(time)s", clock=label(promise.kind, "clock"), time=day_time(promise.due, zone, at))
        start, anchor = _fit(place, _width(text) * _BOLD)
        row = _LOW if start > rows[_LOW] else _HIGH
        rows[row] = start + _width(text) * _BOLD
        picture.pins.append((_pct(place), "pin pin--due"))
        picture.above.append((_pct(place), anchor, row, text))
    picture.below = list(_edge_labels(strip, at, end, zone))
    return picture


class _Strip:
    """Where instants stand, in per cent, on a strip of these open spans that begins at `at`."""

    def __init__(self, spans: list[tuple[datetime, datetime]], at: datetime):
        self.spans = spans
        self._starts_closed = not spans or spans[0][0] > at
        gaps = len(spans) - 1 + self._starts_closed
        self._gap = min(_GAP, _WIDTH / 2 / gaps) if gaps else 0.0
        total = sum((closes - opens).total_seconds() for opens, closes in spans) or 1.0
        self._second = (_WIDTH - gaps * self._gap) / total
        self.places: list[tuple[float, float]] = []
        x = _LEFT + self._gap * self._starts_closed
        for opens, closes in spans:
            width = (closes - opens).total_seconds() * self._second
            self.places.append((x, x + width))
            x += width + self._gap

    def place(self, instant: datetime) -> float:
        for (opens, closes), (x, right) in zip(self.spans, self.places, strict=True):
            if instant <= closes:
                return max(x, min(right, x + (instant - opens).total_seconds() * self._second))
        return self.places[-1][1] if self.places else _LEFT

    def gaps(self, least: float) -> list[float]:
        """The middles of gaps that are at least so wide."""
        if self._gap < least:
            return []
        return [x - self._gap / 2 for x, _right in self.places[0 if self._starts_closed else 1 :]]


def _edge_labels(strip: _Strip, at: datetime, end: datetime, zone: str) -> Iterator[tuple[str, str, str]]:
    """Times under the strip wherever there is room for them: the creation first, then openings and closings."""
    text = day_time(at, zone)
    yield _pct(_LEFT), "start", text
    last, reach = at, _LEFT + _width(text)
    for (opens, closes), places in zip(strip.spans, strip.places, strict=True):
        for edge, place in zip((opens, closes), places, strict=True):
            text = day_time(edge, zone, last)
            start, anchor = _fit(place, _width(text))
            if at < edge < end and start > reach + 1:
                yield _pct(place), anchor, text
                last, reach = edge, start + _width(text)


def _width(text: str) -> float:
    """How much room a label takes on the narrowest picture, in per cent."""
    return len(text) * 1.15


def _fit(place: float, width: float) -> tuple[float, str]:
    """Where a label begins that stands at a place, and how it is anchored: in its middle unless it would stick out."""
    if place - width / 2 < 0:
        return place, "start"
    return (place - width, "end") if place + width / 2 > 100 else (place - width / 2, "middle")


def _pct(number: float) -> str:
    return f"{number:.2f}%"


def _instant(text: str, zone: str) -> datetime | None:
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        return None
    if local.tzinfo is not None or local.year not in _YEARS:
        return None
    return local.replace(tzinfo=ZoneInfo(zone), microsecond=0).astimezone(UTC)


def _reach(calendar: Calendar, at: datetime, seconds: int) -> datetime | None:
    try:
        return calendar.add(at, seconds)
    except NeverOpen:
        return None


def day_time(at: datetime, zone: str, since: datetime | None = None) -> str:
    """Mon 4 May, 11:30 in a zone; the time alone when it is on the day of `since`."""
    place = ZoneInfo(zone)
    local = at.astimezone(place)
    clock = f"{local:%H:%M}" if not local.second else f"{local:%H:%M:%S}"
    if since is not None and since.astimezone(place).date() == local.date():
        return clock
    year = f" {local.year}" if local.year != moment().astimezone(place).year else ""
    return f"{DAYS[local.weekday()]} {local.day} {MONTHS[local.month - 1]}{year}, {clock}"
