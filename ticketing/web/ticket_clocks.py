"""The clocks of a ticket's page: what explain() tells, as words, a bar and a chip."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from markupsafe import Markup

from ticketing.models.ticket import Ticket
from ticketing.queries.clock_faces import BREACHED, MET, MISSED, OK, PAUSED, RISK, Face, open_spans
from ticketing.queries.explain import ClockStory, Line, check_is_stale, explain
from ticketing.queries.timeline import Story
from ticketing.rules.sla import ClockState, Level
from ticketing.rules.taxonomy import ResolutionCode, Status
from ticketing.web import sla_chip
from ticketing.web.sla_chip import Countdown, work_time
from ticketing.web.template_helpers import day_time, label, local
from ticketing.web.template_helpers import gettext as _

CANCELLED = "cancelled"
NOTICED_LATE = timedelta(minutes=2)  # the check runs each minute
_PAUSE_WIDTH = 4  # per cent of the bar, whatever the pause lasted: the bar is of working time
_PAUSES_WIDTH = 24  # and of all of them together


@dataclass(slots=True)
class Bar:
    """Stretches of the bar in per cent: (used or pause, from, width), and where the at-risk point is."""

    parts: list[tuple[str, float, float]]
    mark: float
    words: str


@dataclass(slots=True)
class ClockView:
    story: ClockStory
    state: str
    headline: str
    meta: tuple[str, str]
    notes: list[str]
    bar: Bar | None = None
    countdown: str = ""
    part: int | None = None


@dataclass(slots=True)
class Panel:
    """`current` are the clocks of the present cycle, `earlier` those of cycles that are over, newest first."""

    current: list[ClockView]
    earlier: list[tuple[int, list[ClockView]]]
    countdown: Countdown
    chip: Markup
    ahead: str = ""  # who is told next
    check_s: int | None = None
    check_stale: bool = False


def panel(ticket: Ticket, story: Story, now: datetime, other_spans: Mapping = MappingProxyType({})) -> Panel | None:
    """What the page shows of the clocks; None for a ticket that never had any.

    `other_spans` are the open spans of calendars that other clocks on the page run on.
    """
    stories = explain(ticket, now, story.events) if ticket.cycle else []
    if not stories:
        return None
    views = [_view(one, now) for one in stories]
    ticking = [one for one in stories if one.ticking]
    current = [view for view in views if view.story.cycle == ticket.cycle]
    current.sort(key=lambda view: (not view.story.active, view.story.due_at or now, view.story.kind))
    cycles = sorted({one.cycle for one in stories} - {ticket.cycle}, reverse=True)
    return Panel(
        current=current,
        earlier=[(cycle, [view for view in views if view.story.cycle == cycle]) for cycle in cycles],
        countdown=Countdown(now, {**other_spans, **{one.calendar_id: open_spans(one.hours, now) for one in ticking}}),
        chip=_chip([view.story for view in current], ticket.is_open, now),
        ahead=_ahead([one.ahead for one in ticking if one.ahead], ticket.owner_id is not None),
        check_s=story.spent.get(Status.SOLUTION_CHECK),
        check_stale=check_is_stale(ticket, now),
    )


def state_of(story: ClockStory, now: datetime) -> str:
    match story.state:
        case ClockState.BREACHED:
            return BREACHED
        case ClockState.RUNNING:
            return RISK if story.warn_at is not None and story.warn_at <= now else OK
        case ClockState.PAUSED:
            return PAUSED
        case ClockState.MET:
            return MET
        case ClockState.STOPPED_LATE:
            return MISSED
    return CANCELLED


def _face(story: ClockStory, now: datetime) -> Face:
    left_s = -story.overrun_s if story.state is ClockState.BREACHED else story.left_s
    warn_in_s = max(0, int((story.warn_at - now).total_seconds())) if story.warn_at and story.ticking else 0
    due_at = story.due_at if story.ticking else None
    return Face(state_of(story, now), story.kind, left_s, story.target_s, due_at, warn_in_s, story.calendar_id)


def _chip(stories: list[ClockStory], is_open: bool, now: datetime) -> Markup:
    """The same chip as on the card: the nearest clock that runs, else the one that stands still, else how it ended."""
    ticking = [one for one in stories if one.ticking and one.due_at is not None]
    nearest = min(ticking, key=lambda one: (one.due_at, one.kind), default=None)
    nearest = nearest or next((one for one in stories if one.state is ClockState.PAUSED), None)
    if nearest is not None:
        due = nearest.due_at and sla_chip.due_words(local(nearest.due_at), local(now).date())
        return Markup(sla_chip.chip(_face(nearest, now), due))
    ends = {one.state for one in stories}
    if is_open or not ends & {ClockState.STOPPED_LATE, ClockState.MET}:
        return Markup()
    return Markup(sla_chip.chip(Face(MISSED if ClockState.STOPPED_LATE in ends else MET), None))


def _view(story: ClockStory, now: datetime) -> ClockView:
    face = _face(story, now)
    view = ClockView(story, face.state, _headline(story, face), _meta(story, now), list(_notes(story, now)))
    if story.active:
        view.bar = _bar(story)
    if story.ticking and story.due_at is not None:
        view.countdown = sla_chip.countdown(face)
        view.part = None if face.state == BREACHED else sla_chip.part(face.left_s, face.target_s)
    return view


def _headline(story: ClockStory, face: Face) -> str:
    if face.state == PAUSED:
        text = sla_chip.standing(face)
        return text[:1].upper() + text[1:]
    if face.state == CANCELLED:
        return _("Cancelled")
    if face.state == MISSED:
        return _("Missed by %(time)s", time=work_time(story.overrun_s, exact=True))
    if face.state == MET:
        return _("Own ticket") if story.opened_by_self else _("Met in %(time)s", time=work_time(story.elapsed_s, True))
    if story.due_at is None:
        return _("Never due")
    return sla_chip.amount(face.left_s, face.state == BREACHED)


def _meta(story: ClockStory, now: datetime) -> tuple[str, str]:
    target = _("Target %(time)s", time=work_time(story.target_s, exact=True))
    paused_s = sum(int(((line.end or now) - line.start).total_seconds()) for line in _pauses(story))
    if paused_s >= 60:
        target = _("%(target)s, paused %(time)s", target=target, time=work_time(paused_s))
    if story.stopped_at is not None:
        return _("At %(time)s", time=day_time(story.stopped_at)), target
    if story.state is ClockState.PAUSED:
        since = next((line.start for line in reversed(story.lines) if line.end is None), story.started_at)
        return _("Since %(time)s", time=day_time(since)), target
    if story.due_at is None:
        return _("Its calendar does not open"), target
    time = day_time(story.due_at)
    return _("Was due %(time)s", time=time) if story.breached_at else _("Due %(time)s", time=time), target


def _notes(story: ClockStory, now: datetime) -> Iterable[str]:
    left_out = story.cause in (ResolutionCode.DUPLICATE, ResolutionCode.INVALID, "closed")
    if story.cause and (story.state is ClockState.CANCELLED or not left_out):  # what has breached by then counts (R11)
        yield label(story.cause, "clock_cause")
    if story.superseded:
        yield (
            _("An earlier breach was superseded: a manager gave more time")
            if story.superseded == 1
            else _("%(n)d earlier breaches were superseded: a manager gave more time", n=story.superseded)
        )
    if story.breached_at is None:
        return
    late = (story.detected_at or now) - story.breached_at
    if late >= NOTICED_LATE:
        time = work_time(int(late.total_seconds()))
        yield _("Noticed %(time)s late", time=time) if story.detected_at else _("Not noticed for %(time)s", time=time)


def _pauses(story: ClockStory) -> list[Line]:
    return [line for line in story.lines if line.calendar_name is None]


def _ahead(levels: list[tuple[Level, datetime]], owned: bool) -> str:
    """Who is told next, and when, if nothing changes (R13)."""
    if not levels:
        return ""
    level, at = min(levels, key=lambda one: one[1])
    time = day_time(at)
    if level is Level.WARN:
        return _("At %(time)s the owner is told", time=time) if owned else _("At %(time)s the team is told", time=time)
    if level is Level.BREACH:
        return _("At %(time)s owner, team, watchers and managers are told", time=time)
    return _("At %(time)s managers and on-call are told", time=time)


def _bar(story: ClockStory) -> Bar:
    """Working time along the bar, as long as the target or what has been used; each pause a notch of its own."""
    whole = max(story.target_s, story.elapsed_s, 1)
    pauses = _pauses(story)
    notch = min(_PAUSE_WIDTH, _PAUSES_WIDTH / len(pauses)) if pauses else 0.0
    scale = (100 - notch * len(pauses)) / whole
    parts, at, worked = [], 0.0, 0
    risk_s = -(-story.target_s * story.warn_pct // 100)
    mark = None
    for line in story.lines:
        width = notch if line.calendar_name is None else line.counted_s * scale
        if mark is None and line.calendar_name is not None and worked + line.counted_s >= risk_s:
            mark = at + (risk_s - worked) * scale
        worked += line.counted_s
        if width > 0:
            parts.append(("pause" if line.calendar_name is None else "used", round(at, 2), round(width, 2)))
        at += width
    if mark is None:
        mark = at + (risk_s - worked) * scale
    used, target = work_time(story.elapsed_s, exact=True), work_time(story.target_s, exact=True)
    return Bar(parts, round(mark, 2), _("%(used)s used of %(target)s", used=used, target=target))
