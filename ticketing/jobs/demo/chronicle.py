"""Plays all stories at once, act by act in the order of time; the check looks by each minute as on a real desk."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from heapq import heapify, heappop, heappush
from random import Random

from ticketing.extensions import db
from ticketing.jobs.demo.bell import keep_to_itself
from ticketing.jobs.demo.cast import Cast
from ticketing.jobs.demo.perform import Stage
from ticketing.jobs.demo.story import Story
from ticketing.models import Ticket
from ticketing.models.link import link
from ticketing.rules.refusals import Conflict
from ticketing.rules.taxonomy import LinkKind, ResolutionCode, TicketType

_BATCH = 150  # acts in a transaction


class _What(IntEnum):
    """What happens in the same second happens in this order."""

    LOOK = 0  # the check
    FILE = 1
    ACT = 2
    LINK = 3


@dataclass(frozen=True, slots=True)
class _Tie:
    kind: LinkKind
    source: int  # places of the stories
    target: int
    at: datetime


class Chronicle:
    def __init__(self, stories: list[Story], seed: int, cast: Cast, now: datetime):
        self.stories, self.cast, self.now = stories, cast, now
        self.tickets: list[Ticket | None] = [None] * len(stories)
        self.rng = Random(f"{seed}/links")
        self.ties = list(_ties(self.rng, stories, now))
        self.stage = Stage(cast, now, self._earlier)
        self.agenda = [(story.created, _What.FILE, place, 0) for place, story in enumerate(stories)]
        self.agenda += [(tie.at, _What.LINK, number, 0) for number, tie in enumerate(self.ties)]
        heapify(self.agenda)

    def play(self, tell: Callable[[int], object]) -> list[Ticket]:
        """Everything up to now; commits. `tell` hears how many more tickets there are, time and again."""
        filed = done = 0
        while self.agenda and self.agenda[0][0] <= self.now:
            moment, what, place, step = heappop(self.agenda)
            _DO[what](self, moment, place, step)
            filed, done = filed + (what is _What.FILE), done + 1
            if done % _BATCH == 0:
                self._commit()
                tell(filed)
                filed = 0
        self._commit()
        tell(filed)
        return self.tickets

    def _commit(self) -> None:
        keep_to_itself(ticket.id for ticket in self.tickets if ticket is not None)
        db.session.commit()

    def _file(self, _moment: datetime, place: int, _step: int) -> None:
        self.tickets[place] = self.stage.file(self.stories[place])
        self._go_on(place, 0)

    def _act(self, _moment: datetime, place: int, step: int) -> None:
        self.stage.perform(self.tickets[place], self.stories[place], step)
        self._go_on(place, step + 1)

    def _look(self, moment: datetime, place: int, _step: int) -> None:
        if self.tickets[place].settle(moment, checking=True):
            self._watch_for_next(place)

    def _link(self, moment: datetime, number: int, _step: int) -> None:
        tie = self.ties[number]
        try:
            link(self.tickets[tie.source], self.tickets[tie.target], tie.kind,
                 by=self.cast.managers[number % len(self.cast.managers)], at=moment)  # fmt: skip
        except Conflict:
            return  # one of the two is in a family already
        self._watch_for_next(tie.target)

    def _go_on(self, place: int, step: int) -> None:
        story = self.stories[place]
        if step < len(story.acts):
            heappush(self.agenda, (story.moments[step], _What.ACT, place, step))
        self._watch_for_next(place)

    def _watch_for_next(self, place: int) -> None:
        """The check comes by at the full minute after something falls due."""
        ticket = self.tickets[place]
        due = [clock.next_at for clock in ticket.clockwork.active if clock.next_at is not None]
        due += [ticket.hold_until] if ticket.hold_until is not None else []
        if due and (seconds := min(due).timestamp()) <= self.now.timestamp():
            minute = timedelta(seconds=-seconds % 60)
            heappush(self.agenda, (min(due) + minute, _What.LOOK, place, 0))

    def _earlier(self, story: Story) -> Ticket | None:
        """The newest ticket of the same trouble that this one could be a duplicate of."""
        for other, ticket in zip(reversed(self.stories), reversed(self.tickets), strict=True):
            fits = ticket is not None and other.scenario is story.scenario and other.created < story.created
            if fits and ticket.resolution_code is not ResolutionCode.DUPLICATE:
                return ticket
        return None


_DO = {
    _What.LOOK: Chronicle._look, _What.FILE: Chronicle._file, _What.ACT: Chronicle._act, _What.LINK: Chronicle._link,
}  # fmt: skip


def _ties(rng: Random, stories: list[Story], now: datetime):
    """Links between tickets: recurrences, a few that block others, and one trouble that is parent of several."""
    plain = [n for n, story in enumerate(stories) if story.scenario.type is not TicketType.SECURITY_ALERT]

    def tie(kind: LinkKind, source: int, target: int) -> _Tie:
        latest = max(stories[source].created, stories[target].created)
        at = latest + timedelta(minutes=rng.randint(12, 200))
        return _Tie(kind, source, target, max(latest, min(at, now)))

    for here, place in enumerate(plain):
        before = [other for other in plain[:here] if stories[other].scenario is stories[place].scenario]
        if before and rng.random() < 0.06:
            yield tie(LinkKind.RECURRENCE_OF, place, before[-1])
        if len(before) > 3 and rng.random() < 0.04:
            yield tie(LinkKind.RELATED, place, before[-2])
    for count, kind in ((len(plain) // 40, LinkKind.BLOCKS), (len(plain) // 90, LinkKind.PARENT)):
        for _ in range(count):
            here = rng.randrange(max(len(plain) - 8, 1))
            for other in plain[here + 1 : here + 1 + (3 if kind is LinkKind.PARENT else 1)]:
                yield tie(kind, plain[here], other)
