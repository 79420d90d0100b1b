"""Fills an empty desk: the newest few hundred tickets by the real verbs, all older ones as bulk rows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import func, select

from ticketing.extensions import db
from ticketing.jobs.demo import bulk
from ticketing.jobs.demo.cast import Cast, gather
from ticketing.jobs.demo.perform import play
from ticketing.jobs.demo.plot import DAYS, plot
from ticketing.jobs.demo.story import Story
from ticketing.jobs.demo.world import ADMINISTRATORS, MANAGERS, PASSWORD, REPORTERS, STAFF
from ticketing.models import Ticket, User
from ticketing.models.link import link
from ticketing.rules.refusals import Conflict
from ticketing.rules.taxonomy import LinkKind, ResolutionCode, Status, TicketType

BY_VERBS_MAX = 400
BY_VERBS_OF_MANY = 300
_BATCH = 25


@dataclass(frozen=True, slots=True)
class Made:
    tickets: int
    open: int
    people: Cast


def is_used() -> bool:
    """Are there tickets already?"""
    return db.session.scalar(select(Ticket.id).limit(1)) is not None


def has_people() -> bool:
    return db.session.scalar(select(User.id).limit(1)) is not None


def way_in() -> list[tuple[str, User]]:
    """(what they are, who) of one demo person each who still has the demo's password; empty on a desk of one's own."""
    who = {
        "an engineer": next(one for one in STAFF if one.team == "integration"),
        "a manager": MANAGERS[0], "an administrator": ADMINISTRATORS[0], "a reporter": REPORTERS[0],
    }  # fmt: skip
    found = []
    for what, one in who.items():
        person = db.session.scalar(select(User).where(User.email == one.email))
        if person is not None and person.check_password(PASSWORD):
            found.append((what, person))
    return found


def make_demo(count: int, seed: int, now: datetime, tell: Callable[[int], object] = lambda made: None) -> Made:
    """Make `count` tickets and commit. `tell` hears how many more are done, time and again.

    The same seed tells the same stories; `now` moves their moments alone.
    """
    cast = gather(now - timedelta(days=bulk.DAYS if count > BY_VERBS_MAX else DAYS + 30))
    db.session.commit()
    by_verbs = count if count <= BY_VERBS_MAX else BY_VERBS_OF_MANY
    if count > by_verbs:
        bulk.fill(count - by_verbs, seed, cast, now, tell)
    _play_all(plot(seed, cast, by_verbs, now), seed, cast, now, tell)
    still_open = select(func.count()).select_from(Ticket).where(Ticket.status != Status.CLOSED)
    return Made(count, db.session.scalar(still_open), cast)


def _play_all(stories: list[Story], seed: int, cast: Cast, now: datetime, tell: Callable[[int], object]) -> None:
    told: list[tuple[Story, Ticket]] = []
    for place, story in enumerate(stories, 1):
        told.append((story, play(story, cast, _earlier(told, story), now)))
        if place % _BATCH == 0:
            db.session.commit()
            tell(_BATCH)
    _tie(Random(f"{seed}/links"), told, cast, now)
    db.session.commit()
    tell(len(stories) % _BATCH)


def _earlier(told: list[tuple[Story, Ticket]], story: Story) -> Ticket | None:
    """The newest ticket of the same trouble that this one could be a duplicate of."""
    for other, ticket in reversed(told[-120:]):
        if other.scenario is story.scenario and ticket.resolution_code is not ResolutionCode.DUPLICATE:
            return ticket
    return None


def _tie(rng: Random, told: list[tuple[Story, Ticket]], cast: Cast, now: datetime) -> None:
    """Links between tickets: recurrences, a few that block others, and one trouble that is parent of several."""
    plain = [pair for pair in told if pair[0].scenario.type is not TicketType.SECURITY_ALERT]
    for story, ticket in plain:
        before = [other for tale, other in plain if tale.scenario is story.scenario and other.id < ticket.id]
        if before and rng.random() < 0.06:
            _link(rng, ticket, before[-1], LinkKind.RECURRENCE_OF, cast, now)
        if len(before) > 3 and rng.random() < 0.04:
            _link(rng, ticket, before[-2], LinkKind.RELATED, cast, now)
    for count, kind in ((len(plain) // 40, LinkKind.BLOCKS), (len(plain) // 90, LinkKind.PARENT)):
        for _ in range(count):
            place = rng.randrange(max(len(plain) - 8, 1))
            parent = plain[place][1]
            for _, other in plain[place + 1 : place + 1 + (3 if kind is LinkKind.PARENT else 1)]:
                _link(rng, parent, other, kind, cast, now)


def _link(rng: Random, source: Ticket, target: Ticket, kind: LinkKind, cast: Cast, now: datetime) -> None:
    moment = max(source.created_at, target.created_at) + timedelta(minutes=rng.randint(12, 200))
    try:
        link(source, target, kind, by=rng.choice(cast.managers), at=min(moment, now))
    except Conflict:
        return  # one of the two is in a family already
