"""Plays stories on the real verbs, so that whatever the desk forbids cannot happen in the demo either."""

from collections.abc import Callable
from datetime import datetime, timedelta

from ticketing.jobs.demo.cast import Cast
from ticketing.jobs.demo.phrases import EARLY, MORE_TIME
from ticketing.jobs.demo.story import Act, Story
from ticketing.models import Ticket, User
from ticketing.models.answers import Answers, Hold
from ticketing.rules.refusals import NotAllowed
from ticketing.rules.taxonomy import HoldReason, ResolutionCode, Status


class Stage:
    """The desk on which stories are played, until `now`. `earlier(story)` finds what a duplicate is one of."""

    def __init__(self, cast: Cast, now: datetime, earlier: Callable[[Story], Ticket | None]):
        self.cast, self.now, self.earlier = cast, now, earlier

    def file(self, story: Story) -> Ticket:
        scenario = story.scenario
        return Ticket.file(
            story.text("title"), by=story.reporter, at=story.created,
            team_id=self.cast.team_ids["technical_support"], type=scenario.type,
            priority=story.priority if story.urgent else None, description=story.text("description"),
            details={name: text.format(**story.words) for name, text in scenario.details.items()},
        )  # fmt: skip

    def perform(self, ticket: Ticket, story: Story, place: int) -> None:
        """Do the act at this place of the story."""
        act = story.acts[place]
        _VERBS[act.verb](self, ticket, act, story.moments[place], story, place)

    def _say(self, ticket: Ticket, act: Act, at: datetime, *_) -> None:
        ticket.say(act.facts["body"], internal=act.facts["internal"], by=act.by, at=at)

    def _watch(self, ticket: Ticket, act: Act, at: datetime, *_) -> None:
        ticket.watch(act.facts["person"], by=act.by, at=at)

    def _classify(self, ticket: Ticket, act: Act, at: datetime, story: Story, _place: int) -> None:
        def go(by: User, why: str = "") -> None:
            category = self.cast.categories[story.scenario.category]
            answers = Answers(category=category, priority=story.priority, why=why)
            ticket.move_to(Status.CLASSIFIED, by=by, at=at, answers=answers)

        try:
            go(act.by)
        except NotAllowed:  # a desk with targets of its own: this one is late already, and would get more time
            go(self.cast.managers[0], MORE_TIME[-1])

    def _unclassify(self, ticket: Ticket, act: Act, at: datetime, *_) -> None:
        ticket.move_to(Status.NEW, by=act.by, at=at, answers=Answers(why=act.facts["why"]))

    def _assign(self, ticket: Ticket, act: Act, at: datetime, *_) -> None:
        ticket.assign(act.facts["owner"], by=act.by, at=at)

    def _start(self, ticket: Ticket, act: Act, at: datetime, *_) -> None:
        ticket.move_to(Status.DIAGNOSTICS, by=act.by, at=at)

    def _step_back(self, ticket: Ticket, act: Act, at: datetime, *_) -> None:
        ticket.move_to(Status.ASSIGNED, by=act.by, at=at, answers=Answers(why=act.facts["why"]))

    def _reprioritise(self, ticket: Ticket, act: Act, at: datetime, *_) -> None:
        try:
            ticket.edit(priority=act.facts["priority"], why=act.facts["why"], by=act.by, at=at)
        except NotAllowed:
            ticket.edit(priority=act.facts["priority"], why=MORE_TIME[-1], by=self.cast.managers[0], at=at)

    def _correct(self, ticket: Ticket, act: Act, at: datetime, *_) -> None:
        ticket.move_to(Status.CORRECTION, by=act.by, at=at, answers=Answers(finding=act.facts["finding"]))

    def _check(self, ticket: Ticket, act: Act, at: datetime, *_) -> None:
        ticket.move_to(Status.SOLUTION_CHECK, by=act.by, at=at, answers=Answers(solution=act.facts["solution"]))

    def _not_yet(self, ticket: Ticket, act: Act, at: datetime, *_) -> None:
        ticket.move_to(Status.CORRECTION, by=act.by, at=at, answers=Answers(why=act.facts["why"]))

    def _close(self, ticket: Ticket, act: Act, at: datetime, *_) -> None:
        answers = Answers(resolution_code=act.facts["code"], root_cause=act.facts["cause"])
        ticket.move_to(Status.CLOSED, by=act.by, at=at, answers=answers)

    def _reopen(self, ticket: Ticket, act: Act, at: datetime, *_) -> None:
        ticket.move_to(Status.DIAGNOSTICS, by=act.by, at=at, answers=Answers(why=act.facts["why"]))

    def _hold(self, ticket: Ticket, act: Act, at: datetime, story: Story, place: int) -> None:
        reason, until = act.facts["reason"], None
        if place + 1 < len(story.acts) and story.acts[place + 1].verb == "expire":
            until = story.moments[place + 1]
        elif place + 1 == len(story.acts) and reason is HoldReason.RELEASE_WINDOW:  # one that is still to come
            until = (self.now + timedelta(days=2)).replace(hour=20, minute=0, second=0)
        ticket.hold(Hold(reason, act.facts["text"], until), by=act.by, at=at)

    def _expire(self, ticket: Ticket, _act, at: datetime, *_) -> None:
        ticket.settle(at, checking=True)

    def _resume(self, ticket: Ticket, act: Act, at: datetime, *_) -> None:
        ticket.resume(by=act.by, at=at)

    def _close_as(self, ticket: Ticket, act: Act, at: datetime, story: Story, _place: int) -> None:
        code = act.facts["code"]
        earlier = self.earlier(story) if code is ResolutionCode.DUPLICATE else None
        if code is ResolutionCode.DUPLICATE and earlier is None:
            code = ResolutionCode.INVALID
        ticket.close_as(code, by=act.by, at=at, duplicate_of=earlier, comment=EARLY[code])


_VERBS = {
    "say": Stage._say, "watch": Stage._watch, "classify": Stage._classify, "unclassify": Stage._unclassify,
    "assign": Stage._assign, "start": Stage._start, "step_back": Stage._step_back, "correct": Stage._correct,
    "reprioritise": Stage._reprioritise, "check": Stage._check, "not_yet": Stage._not_yet, "close": Stage._close,
    "reopen": Stage._reopen, "hold": Stage._hold, "expire": Stage._expire, "resume": Stage._resume,
    "close_as": Stage._close_as,
}  # fmt: skip
