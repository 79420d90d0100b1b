"""The clocks of bulk tickets: plain clocks on the engine of the verbs, written down as rows."""

from datetime import UTC, datetime

from ticketing.rules import sla
from ticketing.rules.clockwork import Clock, Clockwork
from ticketing.rules.sla import Level
from ticketing.rules.taxonomy import ResolutionCode, Status

CLOCK = (
    "id", "ticket_id", "kind", "cycle", "state", "target_s", "warn_pct", "calendar_id", "terms_id", "policy",
    "opened_by_id", "started_at", "elapsed_before_s", "segment_start", "paused_at", "generation", "level", "told",
    "warn_at", "due_at", "next_at", "breached_at", "stopped_at", "cause", "superseded",
)  # fmt: skip
SEGMENT = ("clock_id", "start_at", "end_at", "calendar_id", "counted_s", "why")
LEVEL = ("clock_id", "generation", "level", "due_at", "detected_at")
_FACTS = CLOCK[2:]
_OUTCOMES = {None: None, "met": '{"outcome": "met"}', "missed": '{"outcome": "missed"}'}


class ClockWriter:
    """Leads one ticket after the other; `events` is where a level's event goes. Moments are seconds since 1970.

    The check comes by at each full minute after something fell due, as long as it is not in the future.
    """

    def __init__(self, next_clock: int):
        self.next_clock = next_clock
        self.clear()

    def clear(self) -> None:
        self.clocks: list[tuple] = []
        self.segments: list[tuple] = []
        self.levels_passed: list[tuple] = []

    def begin(self, ticket: int, events: list[tuple]) -> None:
        self.ticket, self.events, self.cycle, self.reacted_at = ticket, events, 0, None
        self.work = Clockwork([], self._make, self)

    def open(self, at: int, deals: dict, by: int, reaction: bool = True) -> None:
        self.cycle += 1
        self.work.open(self.cycle, deals, _moment(at), by, reaction)
        self.reacted_at = None if reaction else at

    def react(self, at: int, by: int, how: str) -> None:
        """The first reaction in this cycle; its event is written here, before that of the act."""
        moment = self._come_to(at)
        self.reacted_at = at
        self.work.react(moment, by)
        self.events.append((self.ticket, "reacted", by, at, at, f'{{"how": "{how}"}}'))

    def change(self, at: int, deals: dict, cause: str) -> list[tuple[Clock, datetime]]:
        """Go on under other terms. Returns the clocks whose breach that takes back, each with it."""
        moment = self._come_to(at)
        breached = [(clock, clock.superseded, clock.breached_at) for clock in self.work.active]
        self.work.change(self.cycle, deals, moment, cause, reacted=self.reacted_at is not None, paused=False)
        return [(clock, instant) for clock, before, instant in breached if clock.superseded > before]

    def pause(self, at: int) -> None:
        self.work.pause(self._come_to(at), "hold")

    def resume(self, at: int) -> None:
        self.work.resume(self._come_to(at))

    def move(self, at: int, origin: Status, target: Status, code: ResolutionCode | None = None) -> None:
        self.work.move(origin, target, code, self._come_to(at))

    def look(self, until: int) -> None:
        """The check, minute by minute."""
        while due := [clock for clock in self.work.active if clock.next_at and clock.next_at.timestamp() <= until]:
            clock = min(due, key=lambda clock: clock.next_at)
            minute = -(-int(clock.next_at.timestamp()) // 60) * 60
            if minute > until:
                return
            sla.settle(clock, _moment(minute), self, checking=True)

    def finish(self, is_open: bool) -> tuple:
        """What the ticket copies: (due, warn, face, cycle, reacted)."""
        due_at, warn_at, face = self.work.shown(self.cycle, is_open)
        for clock in self.work.clocks:
            facts = (_plain(getattr(clock, name)) for name in _FACTS)
            self.clocks.append((clock.id, self.ticket, *facts))
        return _stored(due_at), _stored(warn_at), _written(face), self.cycle, self.reacted_at

    def segment(self, clock: Clock, start: datetime, end: datetime, counted_s: int, why: str) -> None:
        self.segments.append((clock.id, _stored(start), _stored(end), clock.calendar_id, counted_s, str(why)))

    def levels(self, clock: Clock, passed: list[tuple[Level, datetime]], at: datetime, checking: bool) -> None:
        noticed = _stored(at)
        for level, due in passed:
            self.levels_passed.append((clock.id, clock.generation, level.value, _stored(due), noticed))
            cause = f', "cause": "{clock.cause}"' if clock.cause and level is Level.BREACH else ""
            facts = f'{{"clock": "{clock.kind}", "cycle": {clock.cycle}, "level": "{level}"{cause}}}'
            self.events.append((self.ticket, "sla_level", None, _stored(due), noticed, facts))

    def _come_to(self, at: int) -> datetime:
        """What every verb does first."""
        self.look(at)
        moment = _moment(at)
        self.work.settle(moment)
        return moment

    def _make(self, **facts) -> Clock:
        self.next_clock += 1
        return Clock(id=self.next_clock - 1, **facts)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _plain(value):
    """As it is stored: codes as their text, instants as seconds."""
    if isinstance(value, str):
        return str(value)
    return int(value.timestamp()) if isinstance(value, datetime) else value


def _stored(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())


def _written(face: dict | None) -> str | None:
    if face is None or "outcome" in face:
        return _OUTCOMES[face and face["outcome"]]
    if "left" in face:
        return f'{{"kind": "{face["kind"]}", "left": {face["left"]}, "target": {face["target"]}}}'
    return f'{{"kind": "{face["kind"]}", "calendar": {face["calendar"]}, "target": {face["target"]}}}'
