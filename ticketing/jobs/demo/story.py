"""What happens to one ticket, act by act, before anything is written: who does what, and how long it takes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from ticketing.jobs.demo import phrases
from ticketing.jobs.demo.cast import Cast
from ticketing.jobs.demo.scenarios import Scenario
from ticketing.models import User
from ticketing.rules.taxonomy import STATUSES, HoldReason, Priority, ResolutionCode, Status, TicketType

S = Status


@dataclass(slots=True)
class Act:
    """A verb of the ticket by its name in perform.py; `weight` is its share of the time."""

    verb: str
    by: User
    weight: float
    facts: dict = field(default_factory=dict)


@dataclass(slots=True)
class Story:
    scenario: Scenario
    words: dict[str, str]
    priority: Priority
    reporter: User
    owner: User
    created: datetime
    goal: Status
    held: bool = False
    own: bool = False  # filed by whoever works on it
    returned: bool = False  # it was closed once and has come back
    later: Priority | None = None  # changed to this in the middle
    acts: list[Act] = field(default_factory=list)
    stands_still: list[bool] = field(default_factory=list)  # does the resolution, before each act and at the end
    moments: list[datetime] = field(default_factory=list)

    @property
    def urgent(self) -> bool:
        return self.priority is Priority.CRITICAL or self.scenario.type is TicketType.SECURITY_ALERT

    @property
    def relaxed(self) -> bool:
        """Does the change of priority give it more time?"""
        return self.later is not None and self.later.rank > self.priority.rank

    @property
    def cycles(self) -> int:
        return 1 + sum(act.verb == "reopen" for act in self.acts)

    def text(self, name: str) -> str:
        return getattr(self.scenario, name).format(**self.words)


class Teller:
    """Writes the acts of one story. The random numbers decide what else happens on the way to the goal."""

    def __init__(self, rng: Random, cast: Cast, story: Story):
        self.rng, self.cast, self.story = rng, cast, story
        secret = story.scenario.type is TicketType.SECURITY_ALERT
        # A restricted ticket is touched only by those who may see it.
        self.triager = rng.choice(cast.managers if secret else cast.support)
        self.mate = rng.choice(cast.others(story.owner))
        story.words["mate"] = self.mate.handle

    def tell(self, early: ResolutionCode | None = None) -> list[Act]:
        story = self.story
        if early is not None:
            self._to_early_closing(early)
        elif story.returned:
            self._tell_until(S.CLOSED)
            self._reopen()
        else:
            self._tell_until(story.goal)
        story.stands_still = [*_stand_still(story)]
        return story.acts

    def _tell_until(self, goal: Status) -> None:
        reached = STATUSES.index(goal)
        chapters = (
            self._new, self._classified, self._assigned, self._diagnostics, self._correction, self._check, self._closed,
        )  # fmt: skip
        for status, chapter in enumerate(chapters[: reached + 1]):
            chapter(last=status == reached)

    def _act(self, verb: str, by: User, weight: float, **facts) -> None:
        self.story.acts.append(Act(verb, by, weight, facts))

    def _chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def _say(self, by: User, body: str, weight: float = 1, internal: bool = False) -> None:
        self._act("say", by, weight, body=body, internal=internal)

    def _new(self, last: bool) -> None:
        if self._chance(0.2 if last else 0.12) and not self.story.own:
            self._say(self.story.reporter, self.rng.choice(phrases.MORE).format(**self.story.words))
        if self._chance(0.06):
            self._act("watch", self.triager, 0.5, person=self.triager)

    def _classified(self, last: bool) -> None:
        self._act("classify", self.triager, 0.8)
        if self._chance(0.25):
            self._say(self.triager, self.rng.choice(phrases.TRIAGE).format(**self.story.words), internal=True)
        if self._chance(0.05):
            self._act("unclassify", self.triager, 1, why=self.rng.choice(phrases.NOT_YET))
            self._act("classify", self.triager, 0.8)

    def _assigned(self, last: bool) -> None:
        owner = self.story.owner
        by = self.rng.choice((owner, owner, self.triager, self.rng.choice(self.cast.managers)))
        self._act("assign", owner if self.story.own else by, 1.2, owner=owner)
        if self._chance(0.3):
            self._say(owner, self.story.text("reply"), 0.6)
        if last and self.story.held:
            self._hold(HoldReason.RELEASE_WINDOW)

    def _diagnostics(self, last: bool) -> None:
        story, owner = self.story, self.story.owner
        self._act("start", owner, 1.5)
        if self._chance(0.75):
            self._say(owner, story.text("reply"), 0.7)
        if self._chance(0.6):
            self._note()
        if story.later is not None:
            self._reprioritise()
        if last and story.held:
            self._hold(story.scenario.waits_for)
            return
        if self._chance(0.28):
            self._hold(story.scenario.waits_for)
            self._wait_over(story.scenario.waits_for)
        if self._chance(0.06):
            self._act("step_back", owner, 1, why=self.rng.choice(phrases.BACK))
            self._act("start", owner, 1.5)
        if self._chance(0.07):
            self._hand_over()
        if last and self._chance(0.5) and not story.own:
            self._say(story.reporter, self.rng.choice(phrases.ASKS).format(**story.words))

    def _correction(self, last: bool) -> None:
        story = self.story
        if not last and story.goal is not S.CORRECTION and self._chance(0.2):
            return  # found and mended in one go
        self._act("correct", story.owner, 5, finding=story.text("finding") if self._chance(0.85) else "")
        if self._chance(0.35):
            self._say(story.owner, self.rng.choice(phrases.PROGRESS).format(**story.words), 2)
        if last and story.held:
            self._hold(HoldReason.RELEASE_WINDOW)
        elif self._chance(0.12):
            self._hold(HoldReason.RELEASE_WINDOW)
            self._wait_over(HoldReason.RELEASE_WINDOW)

    def _check(self, last: bool) -> None:
        story = self.story
        self._act("check", story.owner, 5, solution=story.text("solution"))
        if self._chance(0.5):
            self._say(story.owner, self.rng.choice(phrases.PLEASE_CHECK).format(**story.words), 0.5)
        if self._chance(0.09):
            self._act("not_yet", self.triager, 3, why=self.rng.choice(phrases.STILL).format(**story.words))
            self._act("check", story.owner, 5, solution=story.text("solution"))

    def _closed(self, last: bool) -> None:
        story = self.story
        if self._chance(0.4) and not story.own:
            self._say(story.reporter, self.rng.choice(phrases.THANKS).format(**story.words), 3)
        if self._chance(0.07) and not story.returned:
            self._close()
            self._reopen()
            self._act("check", story.owner, 6, solution=story.text("solution"))
        self._close()

    def _reopen(self) -> None:
        story = self.story
        self._act("reopen", story.reporter, 5, why=self.rng.choice(phrases.AGAIN).format(**story.words))
        self._say(story.owner, self.rng.choice(phrases.SEEN_AGAIN).format(**story.words))

    def _close(self) -> None:
        checker = self.rng.choice(self.cast.managers) if self.triager is self.story.owner else self.triager
        by = self.story.reporter if self._chance(0.3) and not self.story.own else checker
        self._act("close", by, 4, code=self.story.scenario.code, cause=self.story.scenario.cause)

    def _note(self) -> None:
        body = self.story.text("note")
        if "@" not in body and self._chance(0.35):
            body += f"\n\n@{self.mate.handle} {self.rng.choice(phrases.COLLEAGUE)}"
        self._say(self.story.owner, body, 2, internal=True)
        if self._chance(0.4) and self.story.scenario.type is not TicketType.SECURITY_ALERT:
            self._say(self.mate, self.rng.choice(phrases.ANSWERS), 1.5, internal=True)

    def _hold(self, reason: HoldReason) -> None:
        if reason is HoldReason.REPORTER and self.story.own:
            reason = HoldReason.PROVIDER
        text = self.rng.choice(phrases.HOLDS[reason]).format(**self.story.words)
        if reason is HoldReason.REPORTER:
            self._say(self.story.owner, self.rng.choice(phrases.QUESTIONS).format(**self.story.words), 1)
        self._act("hold", self.story.owner, 0.3, reason=reason, text=text)

    def _wait_over(self, reason: HoldReason) -> None:
        """The reporter answers, the time set for it is over, or somebody goes on by hand."""
        if reason is HoldReason.REPORTER and not self.story.own:
            self._say(self.story.reporter, self.rng.choice(phrases.REPLIES).format(**self.story.words), 5)
        else:
            self._act("expire" if self._chance(0.3) else "resume", self.story.owner, 6)

    def _reprioritise(self) -> None:
        """A manager gives a late one more time, with the reason; anybody of the staff raises one."""
        story = self.story
        by = self.rng.choice(self.cast.managers) if story.relaxed else story.owner
        why = self.rng.choice(phrases.MORE_TIME).format(**story.words) if story.relaxed else ""
        self._act("reprioritise", by, 1, priority=story.later, why=why)

    def _hand_over(self) -> None:
        owner = self.rng.choice(self.cast.mates(self.story.owner))
        self._say(self.story.owner, self.rng.choice(phrases.HANDOVER).format(**self.story.words), 1, internal=True)
        self._act("assign", self.story.owner, 0.3, owner=owner)
        self.story.owner = owner

    def _to_early_closing(self, code: ResolutionCode) -> None:
        self._new(last=False)
        if self._chance(0.5):
            self._act("classify", self.triager, 0.8)
        self._act("close_as", self.triager, 3, code=code)


def _stand_still(story: Story) -> Iterator[bool]:
    """Does the resolution stand still before each act, and in the end?"""
    still, asked = False, False
    for act in story.acts:
        yield still
        if act.verb in ("hold", "check", "close"):
            still, asked = True, act.facts.get("reason") is HoldReason.REPORTER
        elif act.verb in ("resume", "expire", "not_yet", "reopen") or (asked and act.by is story.reporter):
            still, asked = False, False
    yield still
