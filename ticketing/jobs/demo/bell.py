"""What became of the demo's announcements: nobody gets mail about what never happened, and the bell has a few."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from ticketing.extensions import db
from ticketing.jobs.demo.cast import Cast
from ticketing.models import Notification, Outbox, SlaLevel, Ticket, Watcher
from ticketing.rules.sla import Level
from ticketing.rules.telling import told_as
from ticketing.rules.workflow import Relation

_ANNOUNCEMENT = "sla"
_REMEMBERED = timedelta(days=3)
_UNSEEN_FOR, _UNSEEN = timedelta(hours=20), 4  # of each person's


def keep_to_itself(ticket_ids: Iterable[int]) -> None:
    """What these tickets announced counts as sent, in the transaction that wrote it."""
    waiting = update(Outbox).where(
        Outbox.channel == _ANNOUNCEMENT, Outbox.next_try_at.is_not(None),
        Outbox.payload["ticket"].as_integer().in_(list(ticket_ids)),
    )  # fmt: skip
    db.session.flush()
    db.session.execute(waiting.values(sent_at=Outbox.made_at, next_try_at=None))


def ring(tickets: Iterable[Ticket], cast: Cast, now: datetime) -> None:
    """Tell the demo's people of the last days' announcements, at the bell alone; the newest are still unseen."""
    by_id = {ticket.id: ticket for ticket in tickets}
    found = db.session.scalars(
        select(Outbox)
        .where(Outbox.channel == _ANNOUNCEMENT, Outbox.made_at.between(now - _REMEMBERED, now),
               Outbox.payload["ticket"].as_integer().in_(list(by_id)))
        .order_by(Outbox.made_at.desc(), Outbox.id.desc())
    )  # fmt: skip
    watching = set(map(tuple, db.session.execute(select(Watcher.ticket_id, Watcher.user_id))))
    rows, heard = [], {}
    for told in found:
        facts = _facts(told)
        for person, ground in _concerned(by_id[facts["ticket"]], facts, cast, watching):
            heard[person.id] = heard.get(person.id, 0) + 1
            unseen = heard[person.id] <= _UNSEEN and told.made_at > now - _UNSEEN_FOR
            seen_at = None if unseen else min(told.made_at + timedelta(minutes=25), now)
            rows.append({
                "user_id": person.id, "ticket_id": facts["ticket"], "dedupe_key": told.dedupe_key,
                "payload": facts | {"ground": ground}, "made_at": told.made_at, "seen_at": seen_at,
            })  # fmt: skip
    if rows:
        db.session.execute(insert(Notification), rows[::-1])


def _facts(told: Outbox) -> dict:
    """The announcement's own, and when the breach was found if this is about what came after it."""
    facts = told.payload
    if facts["level"] in (Level.WARN, Level.BREACH):
        return facts
    _, clock, generation, _ = told.dedupe_key.split(":")
    found = db.session.scalar(
        select(SlaLevel.detected_at).where(SlaLevel.clock_id == int(clock), SlaLevel.generation == int(generation),
                                           SlaLevel.level == Level.BREACH)
    )  # fmt: skip
    return facts | {"breach_detected_at": found and found.isoformat().replace("+00:00", "Z")}


def _concerned(ticket: Ticket, facts: dict, cast: Cast, watching: set[tuple[int, int]]):
    """(person, ground) of those of the cast who would have been told (rules.telling)."""
    staff = [person for team in cast.teams.values() for person in team] + cast.managers + cast.administrators
    for person in staff:
        relation = Relation(
            role=person.role, owner=person.id == ticket.owner_id, reporter=person.id == ticket.reporter_id,
            team=person.team_id is not None and person.team_id == ticket.team_id,
        )  # fmt: skip
        ground = told_as(
            Level(facts["level"]), relation, restricted=ticket.restricted,
            watching=(ticket.id, person.id) in watching, owned=ticket.owner_id is not None,
        )  # fmt: skip
        if ground is not None:
            yield person, ground
