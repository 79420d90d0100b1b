"""How a ticket's clocks follow its verbs: settle first, then what happened, then the copies that cards show (R17)."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Integer, bindparam, select

from ticketing.extensions import db
from ticketing.models.answers import Answers
from ticketing.models.event import EventKind
from ticketing.models.prepared import Prepared
from ticketing.models.sla import SlaClock, current_terms
from ticketing.models.sla_ledger import SlaLedger
from ticketing.models.user import User
from ticketing.rules.clockwork import DECIDES_TERMS, LEFT_OUT, Clock, Clockwork, cause_of
from ticketing.rules.refusals import Invalid, NotAllowed
from ticketing.rules.sla import Deal
from ticketing.rules.sla_terms import Terms
from ticketing.rules.taxonomy import ResolutionCode, Status

_OF_TICKET = (
    select(SlaClock)
    .where(SlaClock.ticket_id == bindparam("ticket", type_=Integer()))
    .order_by(SlaClock.id)
    .with_for_update(of=SlaClock)
    .execution_options(populate_existing=True)
)
_COLUMNS = tuple(column.key for column in SlaClock.__table__.columns if column.key != "id")
_INSERT = Prepared.insert(SlaClock.__table__, *_COLUMNS)


def _transaction():
    session = db.session()
    return session.get_transaction() or session.begin()


_STOPS = frozenset({Status.SOLUTION_CHECK, Status.CLOSED})


class Clocks:
    @property
    def clockwork(self) -> Clockwork:
        """The ticket's clocks, read once in each transaction: another process may have settled them since the last."""
        transaction, work = self.__dict__.get("_clockwork", (None, None))
        if transaction is None or transaction is not _transaction():
            clocks = list(db.session.scalars(_OF_TICKET, {"ticket": self.id})) if self.cycle else []
            work = Clockwork(clocks, self._add_clock, SlaLedger(self.id))
            self._keep(work)
        return work

    def _keep(self, work: Clockwork) -> None:
        self.__dict__["_clockwork"] = (_transaction(), work)

    def settle(self, at: datetime, *, checking: bool = False) -> bool:
        """Let what fell due by itself happen first: a hold that was to end ended at that instant, a late clock is late.

        True when something did. `checking` says that nobody acts: a warning is then told, too (R14).
        """
        ended = self.hold_until is not None and self.hold_until <= at
        if ended:
            self._end_hold("expired", None, self.hold_until, noticed_at=at)
            self.version += 1
        passed = self._may_be_due(at) and self.clockwork.settle(at, checking)
        if ended or passed:
            self.show_clocks()
        return ended or passed

    def _may_be_due(self, at: datetime) -> bool:
        """Levels come in order: before the first warning nothing is due, and the clocks need not be read."""
        return bool(self.cycle) and self.is_open and not (self.warn_at is not None and at < self.warn_at)

    def react(self, how: str, *, by: User, at: datetime) -> bool:
        """Note the first reaction of a human member of staff (R2); `at` is settled. False when it is none."""
        if self.reacted_at is not None or not by.is_human_staff:
            return False
        self.reacted_at = at
        if self.cycle:
            self.clockwork.react(at, by.id)
            self.record(EventKind.REACTED, by, at, how=how)
            self.show_clocks()
        return True

    @property
    def awaits_reaction(self) -> bool:
        """Does its reaction clock run?"""
        return bool(self.cycle) and self.reacted_at is None and self.clockwork.reaction_runs

    def follow_terms(self, terms: Terms, at: datetime, cause: str = "policy_change") -> bool:
        """Run the open clocks under these terms from now on (R12). False when that changes nothing."""
        self.settle(at, checking=True)  # nobody acts on the ticket: what is found is told, warnings too
        if not self.is_open or not self.cycle:
            return False  # what was imported, or is older than the clocks, gets them only by being reopened
        if not self._change_clocks(self._deals(terms), at, cause):
            return False
        self.record(EventKind.RETERMED, None, at, cause=cause, terms=terms.id)
        self.show_clocks()
        return True

    def follow_calendar(self, find: Callable, at: datetime) -> bool:
        """Go on under other hours from now on, with nothing else changed (R12). False when no clock does.

        `find(clock)` gives the number and the hours of a calendar's version, or None to leave the clock alone.
        """
        self.settle(at, checking=True)
        found = {clock: find(clock) for clock in self.clockwork.active} if self.cycle and self.is_open else {}
        deals = {
            clock.kind: Deal(clock.target_s, clock.warn_pct, version[1], version[0], clock.terms_id, clock.policy)
            for clock, version in found.items()
            if version is not None
        }
        if not deals or not self._change_clocks(deals, at, "calendar_change"):
            return False
        calendars = {kind: deal.calendar_id for kind, deal in deals.items()}
        self.record(EventKind.RETERMED, None, at, cause="calendar_change", calendars=calendars)
        self.show_clocks()
        return True

    def _first_clocks(self, by: User, at: datetime, terms: Terms) -> list[Clock]:
        """The clocks of a ticket that is being filed, before it has a number: it is then written once, with its due."""
        self.cycle = 1
        work = Clockwork([], Clock, SlaLedger(0))
        work.open(1, self._deals(terms), at, by.id)
        self._keep(work)
        self.show_clocks()
        return work.clocks

    def _write_clocks(self, clocks: list[Clock]) -> None:
        rows = [{name: getattr(clock, name, self.id) for name in _COLUMNS} for clock in clocks]
        if rows:
            _INSERT.run(rows)
        del self.__dict__["_clockwork"]  # from here on they are rows

    def _open_clocks(self, by: User, at: datetime, terms: Terms, reaction: bool = True) -> None:
        self.cycle = (self.cycle or 0) + 1
        self.clockwork.open(self.cycle, self._deals(terms), at, by.id, reaction)
        self.show_clocks()

    def _reopen_clocks(self, by: User, at: datetime) -> dict:
        """The next cycle (R10), with a reaction only for a reopener who is no person of the staff: those have reacted
        by reopening. Facts for the event.
        """
        terms, reaction = current_terms(), not by.is_human_staff
        self.reacted_at = None if reaction else at
        self._open_clocks(by, at, terms, reaction)
        return {"terms": terms.id, "reaction": reaction}

    def _clocks_after_move(self, origin: Status, target: Status, by: User, at: datetime) -> None:
        """Pause, go on or end as the new status says (R4, R10, R11)."""
        if self.cycle and not _STOPS.isdisjoint((origin, target)):
            self.clockwork.move(origin, target, self.resolution_code, at)
            self.show_clocks()

    def _is_reaction(self, target: Status, code: ResolutionCode | None) -> bool:
        """Is a move there, by a person, a reaction (R2b, R11)?"""
        return target not in (Status.NEW, Status.CLASSIFIED) and not (target is Status.CLOSED and code in LEFT_OUT)

    def _check_relaxed(self, answers: Answers, by: User, target: Status | None = None, reacts: bool = False) -> None:
        """More time for a breached clock is a manager's decision, with a reason (R8). Raises NotAllowed, Invalid."""
        if not self.cycle or target is Status.CLOSED or not self._new_facts(answers):
            return
        facts = {name: self._after(name, answers) for name in DECIDES_TERMS}
        if not self.clockwork.relaxed(self._deals(current_terms(), **facts), reacts and by.is_human_staff):
            return
        if not by.is_manager:
            raise NotAllowed("manager_gives_time")
        if not answers.why.strip():
            raise Invalid({"why": "required"})

    def _reclassify_clocks(self, changes: dict, by: User, at: datetime, why: str) -> Terms | None:
        """After priority, type or category changed: the terms that were looked up, None when none were."""
        cause = cause_of(changes)
        if not self.cycle or not self.is_open or cause is None:
            return None
        terms = current_terms()
        self._change_clocks(self._deals(terms), at, cause, by, why.strip())
        self.show_clocks()
        return terms

    def _change_clocks(self, deals, at: datetime, cause: str, by: User | None = None, why: str = "") -> bool:
        """Without `by` it is nobody's act on the ticket. A breach that the change takes back stays in the history."""
        breached = {clock: (clock.superseded, clock.breached_at) for clock in self.clockwork.active}
        changed = self.clockwork.change(
            self.cycle, deals, at, cause, reacted=self.reacted_at is not None, checking=by is None,
            paused=self.hold_reason is not None or self.status is Status.SOLUTION_CHECK,
        )  # fmt: skip
        for clock, (superseded, breached_at) in breached.items():
            if clock.superseded > superseded:
                self.record(EventKind.SUPERSEDED, by, at, clock=clock.kind, cycle=clock.cycle,
                            breached_at=breached_at.isoformat(), why=why)  # fmt: skip
        return changed

    def _deals(self, terms: Terms, **facts):
        category = facts.get("category", self.category)
        return terms.deals(
            facts.get("type", self.type), category and category.key, facts.get("priority", self.priority)
        )

    def _after(self, name: str, answers: Answers):
        given = getattr(answers, name)
        return getattr(self, name) if given is None else given

    def _new_facts(self, answers: Answers) -> bool:
        given = {name: getattr(answers, name) for name in DECIDES_TERMS}
        return any(value is not None and value is not getattr(self, name) for name, value in given.items())

    def _add_clock(self, **facts) -> SlaClock:
        clock = SlaClock(
            ticket_id=self.id, elapsed_before_s=0, generation=1, level=0, told=0, superseded=0, **facts
        )  # fmt: skip
        db.session.add(clock)
        return clock

    def show_clocks(self) -> None:
        """Copy the nearest running clock to the ticket, for sorting, filtering and the card's chip (R18)."""
        self.due_at, self.warn_at, self.clock_face = self.clockwork.shown(self.cycle, self.is_open)
        self.relane()
