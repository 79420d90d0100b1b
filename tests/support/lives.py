"""A ticket's random life: verbs of all kinds by all kinds of people, at any time, some of them refused."""

from datetime import datetime, timedelta

from hypothesis import strategies as st
from sqlalchemy import select

from tests.factories import category, person, ticket
from tests.support.terms import berlin, document, use
from ticketing.extensions import db
from ticketing.jobs.sla import check
from ticketing.models import CalendarVersion, Link, Ticket
from ticketing.models.answers import Answers, Hold
from ticketing.models.link import link
from ticketing.models.sla import current_terms
from ticketing.rules.refusals import Refusal
from ticketing.rules.taxonomy import (
    STATUSES,
    HoldReason,
    LinkKind,
    Priority,
    ResolutionCode,
    RootCause,
    Status,
    TicketType,
)

# Minutes from one act to the next; around the targets, over nights and weekends, and once a clock that goes back.
PAUSES = st.sampled_from([0, 1, 7, 14, 15, 16, 23, 60, 61, 121, 239, 240, 481, 961, 1440, 2900, 5000, -3])
# Two of the weekends on which Berlin changes its clocks, and an ordinary Monday.
BEGINNINGS = st.sampled_from(["2026-03-27 15:40", "2026-03-28 23:50", "2026-10-24 23:10", "2026-05-04 09:00"])
WALK = (Status.ASSIGNED, Status.DIAGNOSTICS, Status.CORRECTION, Status.SOLUTION_CHECK)
PEOPLE = st.sampled_from(["ann", "bo", "mara", "rita", "router"])
ACTS = [
    "take", "assign", "drop", "forward", "forward", "forward", "back", "say", "note", "hold", "hold_until", "resume",
    "priority", "priority", "type", "category", "close", "reopen", "reopen", "check", "check", "save", "parent", "pin",
    "promise", "recompute", "hours", "adopt", "adopt", "family_closed", "family_closed", "family_told", "with_parent",
    "merged", "split",
]  # fmt: skip
STEPS = st.lists(st.tuples(PAUSES, st.sampled_from(ACTS), PEOPLE, st.integers(0, 11)), min_size=1, max_size=16)


def lead(beginning: str, filer: str, priority: Priority, walked: int, steps: list) -> tuple[Ticket, datetime]:
    """File a ticket, walk it so many statuses on, and take it through `steps`.

    Each act is committed or, when refused, undone. Returns the ticket and the instant at which its life ends.
    """
    at = berlin(beginning)
    made = ticket(by=_who(filer), moment=at, priority=priority, category=category("user_system"))
    for status in WALK[:walked]:
        at += timedelta(minutes=3)
        made.move_to(status, by=person("ann"), at=at, answers=Answers(solution="Restarted"))
    db.session.commit()
    for minutes, act, handle, pick in steps:
        at += timedelta(minutes=minutes)
        try:
            VERBS[act](made, _who(handle), at, pick)
            db.session.commit()
        except Refusal:
            db.session.rollback()
    return made, at


def start_over(original: dict) -> None:
    """Put the first terms in force again, whatever an earlier life has changed."""
    use(original)
    db.session.commit()


def _who(handle: str):
    return person(handle, machine=True) if handle == "router" else person(handle)


def _take(made, by, at, pick):
    made.take(by=by, at=at)


def _assign(made, by, at, pick):
    made.assign(person(["ann", "bo", "ben"][pick % 3]), by=by, at=at)


def _drop(made, by, at, pick):
    made.assign(None, by=by, at=at, answers=Answers(why="Not mine"))


def _forward(made, by, at, pick):
    target = STATUSES[min(STATUSES.index(made.status) + 1 + pick % 2, len(STATUSES) - 1)]
    made.move_to(target, by=by, at=at, answers=_answers(pick, target))


def _back(made, by, at, pick):
    target = STATUSES[max(STATUSES.index(made.status) - 1 - pick % 2, 0)]
    made.move_to(target, by=by, at=at, answers=_answers(pick, target))


def _answers(pick: int, target: Status) -> Answers:
    return Answers(
        priority=list(Priority)[pick % 4] if pick > 7 else None, solution="Restarted", why="So it is",
        category=category("security_events") if pick == 5 else None, comment="Look" if pick == 3 else "",
        resolution_code=ResolutionCode.FIXED if target is Status.CLOSED else None, root_cause=RootCause.SOFTWARE,
    )  # fmt: skip


def _say(made, by, at, pick):
    made.say("Any news?", internal=False, by=by, at=at)


def _note(made, by, at, pick):
    made.say("Known", internal=True, by=by, at=at)


def _hold(made, by, at, pick):
    made.hold(Hold(list(HoldReason)[pick % 4]), by=by, at=at)


def _hold_until(made, by, at, pick):
    made.hold(Hold(HoldReason.VENDOR, until=at + timedelta(minutes=10 + 300 * pick)), by=by, at=at)


def _resume(made, by, at, pick):
    made.resume(by=by, at=at)


def _priority(made, by, at, pick):
    made.edit(priority=list(Priority)[pick % 4], by=by, at=at, why="Less bad than thought")


def _type(made, by, at, pick):
    made.edit(type=[TicketType.SECURITY_ALERT, TicketType.INCIDENT][pick % 2], details={}, by=by, at=at, why="It is")


def _category(made, by, at, pick):
    made.edit(category=category(["security_events", "user_system"][pick % 2]), by=by, at=at, why="It is")


def _close(made, by, at, pick):
    code = [ResolutionCode.INVALID, ResolutionCode.AUTO_RESOLVED, ResolutionCode.DUPLICATE][pick % 3]
    other = ticket(moment=at) if code is ResolutionCode.DUPLICATE else None
    made.close_as(code, by=by, at=at, duplicate_of=other, comment="Closed")


def _reopen(made, by, at, pick):
    made.move_to(Status.DIAGNOSTICS, by=by, at=at, answers=Answers(why="Again"))


def _check(made, by, at, pick):
    db.session.commit()
    assert check.settle_all(at).failed == []


def _save(made, by, at, pick):
    hold = Hold(HoldReason.PROVIDER, until=at + timedelta(minutes=90) if pick % 2 else None) if pick % 3 else None
    target = list(Status)[pick % 7] if pick > 5 else None
    made.save(by=by, at=at, target=target, hold=hold, answers=_answers(pick, target or made.status),
              priority=list(Priority)[pick % 4], why="As it is")  # fmt: skip


def _parent(made, by, at, pick):
    other = ticket(moment=at, category=category("user_system"))
    other.take(by=person("bo"), at=at)
    link(other, made, LinkKind.PARENT, by=by, at=at)


def _adopt(made, by, at, pick):
    """A ticket or two, in some state of their own, become children."""
    some = category("user_system")
    children = [ticket(moment=at, category=some, priority=list(Priority)[(pick + n) % 4]) for n in range(1 + pick % 2)]
    if pick > 5:
        children[0].take(by=person("ann"), at=at)
    made.adopt(children, by=by, at=at)


def _family_closed(made, by, at, pick):
    """The closing of a parent takes its children along, whichever way it is closed."""
    code = [ResolutionCode.INVALID, ResolutionCode.AUTO_RESOLVED, ResolutionCode.DUPLICATE, None][pick % 4]
    if code is None:
        made.move_to(Status.CLOSED, by=by, at=at, answers=_answers(0, Status.CLOSED))
    else:
        made.close_as(code, by=by, at=at, duplicate_of=ticket(moment=at))
    made.close_children(by=by, at=at)


def _family_told(made, by, at, pick):
    made.tell_children(made.say("All fixed", internal=pick % 2 == 0, by=by, at=at), by=by, at=at)


def _with_parent(made, by, at, pick):
    """It is closed with its parent, which was filed and reacted to before, or filed only now."""
    parent = ticket(moment=at, category=category("user_system"))
    if pick % 2:
        parent.take(by=person("bo"), at=at)
    parent.adopt([made], by=by, at=at)
    code = [ResolutionCode.INVALID, ResolutionCode.AUTO_RESOLVED][pick % 2]
    parent.close_as(code, by=person("mara"), at=at)
    parent.close_children(by=person("mara"), at=at)


def _merged(made, by, at, pick):
    """A duplicate of it, which somebody watches."""
    twin = ticket(moment=at)
    twin.watch(person("ben"), by=person("mara"), at=at)
    twin.close_as(ResolutionCode.DUPLICATE, by=by, at=at, duplicate_of=made)


def _split(made, by, at, pick):
    """What was merged into it is reopened."""
    first = select(Link.source_id).where(Link.kind == LinkKind.DUPLICATE_OF, Link.target_id == made.id).limit(1)
    twin = db.session.get(Ticket, db.session.scalar(first) or 0)
    if twin is not None:
        twin.move_to(Status.DIAGNOSTICS, by=by, at=at, answers=Answers(why="Another cause"))


def _pin(made, by, at, pick):
    made.pin(pick % 2 == 0, by=by, at=at)


def _promise(made, by, at, pick):
    """Somebody saves other policies: what is looked up from now on is another thing."""
    changed = document()
    row = changed["policies"][-1]["targets"][list(Priority)[pick % 4]]
    row["reaction_min"] = [None, 20, 300][pick % 3]
    row["resolution_min"] = [None, 90, 1200, 400][pick % 4]
    if row["reaction_min"] and row["resolution_min"]:
        row["resolution_min"] = max(row["reaction_min"], row["resolution_min"])
    row["at_risk_percent"] = [75, 50][pick % 2]
    use(changed, at)


def _recompute(made, by, at, pick):
    made.follow_terms(current_terms(), at)


def _hours(made, by, at, pick):
    """A holiday is added to the hours that the clocks run under."""
    version = db.session.scalar(select(CalendarVersion).where(CalendarVersion.key == "office").limit(1))
    day = (at + timedelta(days=pick % 3)).date().isoformat()
    body = version.body.replace('"exceptions": {', f'"exceptions": {{"{day}": {{"name": "Holiday", "open": []}}, ')
    derived = CalendarVersion(key="office", body=body, derived=True, made_at=at)
    db.session.add(derived)
    db.session.flush()
    office = {version.id, derived.id}
    made.follow_calendar(lambda clock: (derived.id, derived.hours) if clock.calendar_id in office else None, at)


VERBS = {
    "take": _take, "assign": _assign, "drop": _drop, "forward": _forward, "back": _back, "say": _say, "note": _note,
    "hold": _hold, "hold_until": _hold_until, "resume": _resume, "priority": _priority, "type": _type,
    "category": _category, "close": _close, "reopen": _reopen, "check": _check, "save": _save, "parent": _parent,
    "adopt": _adopt, "family_closed": _family_closed, "family_told": _family_told, "with_parent": _with_parent,
    "merged": _merged, "split": _split, "pin": _pin, "promise": _promise, "recompute": _recompute, "hours": _hours,
}  # fmt: skip
