"""The rows of bulk tickets, as they are stored. One pass per ticket, because a million of them have to be made."""

import json
from random import Random

from ticketing.jobs.demo.bulk_cases import PLAYER, SIGNED, Case, Pledge
from ticketing.jobs.demo.bulk_clocks import CLOCK, LEVEL, SEGMENT, ClockWriter
from ticketing.jobs.demo.bulk_times import (
    ASSIGNED,
    CLASSIFIED,
    CLOSED,
    CORRECTION,
    DIAGNOSTICS,
    NEW,
    SOLUTION_CHECK,
    Calendarium,
    Times,
)
from ticketing.jobs.demo.cast import Cast
from ticketing.jobs.demo.phrases import MORE_TIME
from ticketing.models.ticket_row import LANE_DUE, LANE_FREE, LANE_HELD
from ticketing.rules.taxonomy import ResolutionCode, Status

TICKET = (
    "id", "version", "type", "category_id", "priority", "status", "status_since", "title", "description", "details",
    "restricted", "reporter_id", "owner_id", "team_id", "solver_id", "created_at", "updated_at",
    "closed_at", "hold_reason", "hold_text", "held_since", "solution", "resolution_code", "root_cause", "lane",
    "comment_count", "visible_comment_count", "child_count", "repeat_count", "due_at", "warn_at", "clock_face",
    "cycle", "reacted_at", *SIGNED,
)  # fmt: skip
COMMENT = ("id", "ticket_id", "author_id", "internal", "body", "html", "created_at")
EVENT = ("ticket_id", "kind", "actor_id", "at", "noticed_at", "payload")
TABLES = {
    "ticket": TICKET, "comment": COMMENT, "event": EVENT, "sla_clock": CLOCK, "sla_segment": SEGMENT,
    "sla_level": LEVEL,
}  # fmt: skip

_NORMAL = 3
_OPEN = 0.14  # these are the youngest: nobody leaves a ticket open for a year
_OPEN_SHARES = ((1, 14), (2, 14), (3, 20), (4, 24), (5, 16), (6, 12))
_STATUSES = (None, "new", "classified", "assigned", "diagnostics", "correction", "solution_check", "closed")
_TO_CLASSIFIED = '{"from": "new", "to": "classified"}'
_TO_ASSIGNED = '{"from": "classified", "to": "assigned"}'
_TO_DIAGNOSTICS = '{"from": "assigned", "to": "diagnostics"}'
_INVALID = '{"from": "new", "to": "closed", "resolution_code": "invalid", "root_cause": null}'


class Writer:
    """Writes the next tickets of a desk whose last two years end at `now` (seconds)."""

    def __init__(self, rng: Random, cases: list[Case], cast: Cast, now: int, count: int, *, next_ticket: int,
                 next_comment: int, next_clock: int):  # fmt: skip
        self.rng, self.cases, self.now, self.count = rng, cases, now, count
        self.ticket, self.comment, self.made = next_ticket, next_comment, 0
        self.desk = cast.team_ids["technical_support"]
        self.triagers = [person.id for person in cast.support]
        self.managers = [person.id for person in cast.managers]
        self.times = Calendarium(rng, now)
        self.clocks = ClockWriter(next_clock)
        self.open_steps = [step for step, share in _OPEN_SHARES for _ in range(share)]
        self.tickets: list[tuple] = []
        self.comments: list[tuple] = []
        self.events: list[tuple] = []

    def write(self, size: int) -> tuple[list[tuple], ...]:
        """Rows of so many more tickets, in the order of TABLES."""
        self.tickets, self.comments, self.events = [], [], []
        self.clocks.clear()
        for _ in range(size):
            self._ticket()
        clocks = self.clocks
        return self.tickets, self.comments, self.events, clocks.clocks, clocks.segments, clocks.levels_passed

    def _ticket(self) -> None:
        random = self.rng.random
        place = self.made / self.count
        case = self.cases[int(random() * len(self.cases))]
        self.clocks.begin(self.ticket, self.events)
        if place > 1 - _OPEN:
            step = self.open_steps[int(random() * len(self.open_steps))]
            holds = DIAGNOSTICS <= step <= CORRECTION and random() < 0.16
            self._walk(case, step, self.times.open(case, step, holds))
        elif random() < 0.05:
            self._invalid(case, self.times.invalid(case, self.times.filed(place / (1 - _OPEN))))
        else:
            relaxed = case.relaxed is not None and random() < 0.02
            self._walk(case, CLOSED, self.times.over(case, self.times.filed(place / (1 - _OPEN)), relaxed))
        self.ticket += 1
        self.made += 1

    def _event(self, kind: str, by: int | None, at: int, payload: str) -> None:
        self.events.append((self.ticket, kind, by, at, at, payload))

    def _invalid(self, case: Case, times: Times) -> None:
        by = self.managers[0] if case.restricted else self.triagers[self.ticket % len(self.triagers)]
        self._file(case, case.reporter_id, times.created)
        self.clocks.move(times.closed, Status.NEW, Status.CLOSED, ResolutionCode.INVALID)
        self._event("closed", by, times.closed, _INVALID)
        self._row(case, CLOSED, times.created, times.closed, times.closed, version=2, category=None, priority=_NORMAL,
                  team=self.desk, code="invalid", reporter=case.reporter_id)  # fmt: skip

    def _file(self, case: Case, reporter: int, at: int) -> None:
        self.clocks.open(at, case.filed.deals, reporter)
        self._event("created", reporter, at, case.created)

    def _walk(self, case: Case, step: int, times: Times) -> None:
        """From new as far as `step`."""
        pick = int(self.rng.random() * 1000)
        triager = self.managers[pick % 2] if case.restricted else self.triagers[pick % len(self.triagers)]
        keeps = pick % 7 < 2 and not case.restricted
        owner = self.triagers[pick // 7 % len(self.triagers)] if keeps else case.owners[pick % len(case.owners)]
        reporter = owner if step > ASSIGNED and pick % 41 == 3 else case.reporter_id
        facts = {"reporter": reporter, "owner": owner, "team": self.desk if keeps else case.team_id}
        self._file(case, reporter, times.created)
        if step == NEW:
            facts |= {"owner": None, "team": self.desk}
            self._row(case, 1, times.created, times.created, times.created, version=1, category=None,
                      priority=_NORMAL, **facts)  # fmt: skip
            return
        self._classify(case, triager, times.classified)
        if step == CLASSIFIED:
            facts |= {"owner": None, "team": case.team_id}
            self._row(case, 2, times.created, times.classified, times.classified, version=2, **facts)
            return
        self._assign(case, owner if reporter == owner else triager, times.assigned, facts)
        if step == ASSIGNED:
            self._row(case, 3, times.created, times.assigned, times.assigned, version=3, **facts)
            return
        closer = self.managers[pick % 2] if owner == triager else triager
        self._work(case, step, times, facts, owner, closer)

    def _classify(self, case: Case, by: int, at: int) -> None:
        self.clocks.move(at, Status.NEW, Status.CLASSIFIED)
        self._event("moved", by, at, _TO_CLASSIFIED)
        self._change_terms(by, at, case.pledge, case.cause, case.classified)
        if case.rerouted:
            self._event("team_changed", by, at, case.rerouted)

    def _change_terms(self, by: int, at: int, pledge: Pledge, cause: str, payload: str) -> None:
        for clock, breached_at in self.clocks.change(at, pledge.deals, cause):
            said = {"clock": clock.kind, "cycle": clock.cycle, "breached_at": breached_at.isoformat(),
                    "why": MORE_TIME[-1]}  # fmt: skip
            self._event("superseded", by, at, json.dumps(said))
        self._event("classified", by, at, payload)

    def _assign(self, case: Case, by: int, at: int, facts: dict) -> None:
        self.clocks.react(at, by, "move")
        self._event("assigned", by, at, f'{{"owner": {facts["owner"]}}}')
        if facts["team"] != case.team_id:
            self._event("team_changed", by, at, f'{{"from": {case.team_id}, "to": {facts["team"]}}}')
        self._event("moved", by, at, _TO_ASSIGNED)

    def _work(self, case: Case, step: int, times: Times, facts: dict, owner: int, closer: int) -> None:
        self._go(times.started, owner, Status.ASSIGNED, Status.DIAGNOSTICS, _TO_DIAGNOSTICS)
        facts |= {"said": 0, "notes": 0, "version": 4}
        since = updated = times.started
        if times.replied:
            self._say(owner, times.replied, case.reply, facts)
            updated = times.replied
        if times.noted:
            self._say(owner, times.noted, case.note, facts, internal=True)
            updated = times.noted
        if times.held and (times.resumed or step == DIAGNOSTICS):
            updated = self._hold(case, owner, times, facts)
        if step > DIAGNOSTICS and times.corrected:
            since = updated = times.corrected
            self._go(since, owner, Status.DIAGNOSTICS, Status.CORRECTION, case.corrected)
            facts["version"] += 1
            if times.held and not times.resumed:
                updated = self._hold(case, owner, times, facts)
        if times.relaxed:
            self._change_terms(self.managers[0], times.relaxed, case.relaxed_pledge, "priority_change", case.relaxed)
            facts |= {"version": facts["version"] + 1, "priority": case.relaxed_to}
        if step >= SOLUTION_CHECK:
            since = updated = times.checked
            self._check(case, times, owner, facts)
        if step == CLOSED:
            since = updated = self._close(case, times, facts, owner, closer)
        held_since = times.held if times.held and not times.resumed else None
        self._row(case, step, times.created, since, updated, held_since=held_since, **facts)

    def _go(self, at: int, by: int, origin: Status, target: Status, payload: str) -> None:
        self.clocks.move(at, origin, target)
        self._event("moved", by, at, payload)

    def _hold(self, case: Case, owner: int, times: Times, facts: dict) -> int:
        """Begins, and is over if it has an end. Returns when it was last touched."""
        self.clocks.pause(times.held)
        self._event("held", owner, times.held, case.held)
        facts["version"] += 1
        if not times.resumed:
            return times.held
        self.clocks.resume(times.resumed)
        self._event("resumed", owner, times.resumed, case.resumed)
        facts["version"] += 1
        return times.resumed

    def _check(self, case: Case, times: Times, owner: int, facts: dict) -> None:
        origin = Status.CORRECTION if times.corrected else Status.DIAGNOSTICS
        payload = case.checked if times.corrected else case.checked_at_once
        self._go(times.checked, owner, origin, Status.SOLUTION_CHECK, payload)
        facts |= {"version": facts["version"] + 1, "solver": owner, "solution": case.solution}

    def _close(self, case: Case, times: Times, facts: dict, owner: int, closer: int) -> int:
        """Close it, and one in forty comes back once. Returns the last closing."""
        again = self.times.again(case, times.closed) if self.rng.random() < 0.025 and not times.relaxed else None
        for turn in (times, again):
            if turn is None:
                break
            if turn is again:
                self._reopen(case, times.closed, again, facts, owner)
            self.clocks.move(turn.closed, Status.SOLUTION_CHECK, Status.CLOSED, ResolutionCode(case.code))
            self._event("closed", closer, turn.closed, case.closed)
            facts["version"] += 1
        facts |= {"code": case.code, "cause": case.cause_code}
        return (again or times).closed

    def _reopen(self, case: Case, closed: int, again: Times, facts: dict, owner: int) -> None:
        """The reporter reopens it, its owner answers, and it goes to the check again."""
        at, by_staff = again.created, facts["reporter"] == owner
        self.clocks.look(at)
        self.clocks.open(at, case.pledge.deals, facts["reporter"], reaction=not by_staff)
        self.clocks.move(at, Status.CLOSED, Status.DIAGNOSTICS)
        self._event("reopened", facts["reporter"], at, case.reopened_by_staff if by_staff else case.reopened)
        self._say(owner, again.replied, case.reply, facts)
        if not by_staff:
            self.clocks.react(again.replied, owner, "comment")
        self._go(again.checked, owner, Status.DIAGNOSTICS, Status.SOLUTION_CHECK, case.checked_at_once)
        facts["version"] += 2

    def _say(self, author: int, at: int, said: tuple[str, str], facts: dict, internal: bool = False) -> None:
        number = self.comment
        self.comment += 1
        self.comments.append((number, self.ticket, author, internal, said[0], said[1], at))
        payload = f'{{"comment": {number}, "internal": {"true" if internal else "false"}}}'
        self._event("commented", author, at, payload)
        facts["said"] += 1
        facts["notes"] += internal

    def _row(self, case: Case, step: int, created: int, since: int, updated: int, *, version: int, reporter: int,
             category=-1, priority: int = 0, team: int = 0, owner: int | None = None, solver: int | None = None,
             solution: str = "", code: str | None = None, cause: str | None = None, said: int = 0, notes: int = 0,
             held_since: int | None = None) -> None:  # fmt: skip
        self.clocks.look(self.now)
        due_at, *copies = self.clocks.finish(step != CLOSED)
        lane = LANE_HELD if held_since else LANE_FREE if due_at is None else LANE_DUE
        player = str(8_000_001 + self.ticket * 7919 % 999_983)
        self.tickets.append((
            self.ticket, version, case.type, case.category_id if category == -1 else category,
            priority or case.priority, _STATUSES[step], since, case.title, case.description.replace(PLAYER, player),
            case.details.replace(PLAYER, player), case.restricted,
            reporter, owner, team or case.team_id, solver, created, updated,
            since if step == CLOSED else None, case.hold_reason if held_since else None,
            case.hold_text if held_since else "", held_since, solution, code, cause, lane,
            said, said - notes, 0, 0, due_at, *copies, *case.signed,
        ))  # fmt: skip
