"""Plays a story on the real verbs, so that whatever the desk forbids cannot happen in the demo either."""

from datetime import datetime, timedelta

from ticketing.jobs.demo.cast import Cast
from ticketing.jobs.demo.phrases import EARLY
from ticketing.jobs.demo.story import Act, Story
from ticketing.models import Ticket
from ticketing.models.answers import Answers, Hold
from ticketing.rules.taxonomy import HoldReason, ResolutionCode, Status


def play(story: Story, cast: Cast, earlier: Ticket | None, now: datetime) -> Ticket:
    """File the ticket and perform every act. `earlier` is what a duplicate is a duplicate of."""
    scenario = story.scenario
    ticket = Ticket.file(
        story.text("title"), by=story.reporter, at=story.created, team_id=cast.team_ids["technical_support"],
        type=scenario.type, priority=story.priority if story.urgent else None, description=story.text("description"),
        details={name: text.format(**story.words) for name, text in scenario.details.items()},
    )  # fmt: skip
    for act, moment in zip(story.acts, story.moments, strict=True):
        _VERBS[act.verb](ticket, act, moment, story, cast, earlier, now)
    return ticket


def _say(ticket, act: Act, at, *_) -> None:
    ticket.say(act.facts["body"], internal=act.facts["internal"], by=act.by, at=at)


def _watch(ticket, act, at, *_) -> None:
    ticket.watch(act.facts["person"], by=act.by, at=at)


def _classify(ticket, act, at, story, cast, *_) -> None:
    answers = Answers(category=cast.categories[story.scenario.category], priority=story.priority)
    ticket.move_to(Status.CLASSIFIED, by=act.by, at=at, answers=answers)


def _unclassify(ticket, act, at, *_) -> None:
    ticket.move_to(Status.NEW, by=act.by, at=at, answers=Answers(why=act.facts["why"]))


def _assign(ticket, act, at, *_) -> None:
    ticket.assign(act.facts["owner"], by=act.by, at=at)


def _start(ticket, act, at, *_) -> None:
    ticket.move_to(Status.DIAGNOSTICS, by=act.by, at=at)


def _step_back(ticket, act, at, *_) -> None:
    ticket.move_to(Status.ASSIGNED, by=act.by, at=at, answers=Answers(why=act.facts["why"]))


def _correct(ticket, act, at, *_) -> None:
    ticket.move_to(Status.CORRECTION, by=act.by, at=at, answers=Answers(finding=act.facts["finding"]))


def _check(ticket, act, at, *_) -> None:
    ticket.move_to(Status.SOLUTION_CHECK, by=act.by, at=at, answers=Answers(solution=act.facts["solution"]))


def _not_yet(ticket, act, at, *_) -> None:
    ticket.move_to(Status.CORRECTION, by=act.by, at=at, answers=Answers(why=act.facts["why"]))


def _close(ticket, act, at, *_) -> None:
    answers = Answers(resolution_code=act.facts["code"], root_cause=act.facts["cause"])
    ticket.move_to(Status.CLOSED, by=act.by, at=at, answers=answers)


def _reopen(ticket, act, at, *_) -> None:
    ticket.move_to(Status.DIAGNOSTICS, by=act.by, at=at, answers=Answers(why=act.facts["why"]))


def _hold(ticket, act, at, story, _cast, _earlier, now) -> None:
    reason = act.facts["reason"]
    # A window that is still to come has an end; one that is over was ended by hand.
    still = act is story.acts[-1] and reason is HoldReason.RELEASE_WINDOW
    until = (now + timedelta(days=2)).replace(hour=20, minute=0, second=0) if still else None
    ticket.hold(Hold(reason, act.facts["text"], until), by=act.by, at=at)


def _resume(ticket, act, at, *_) -> None:
    ticket.resume(by=act.by, at=at)


def _close_as(ticket, act, at, _story, _cast, earlier, _now) -> None:
    code = act.facts["code"]
    if code is ResolutionCode.DUPLICATE and earlier is None:
        code = ResolutionCode.INVALID
    other = earlier if code is ResolutionCode.DUPLICATE else None
    ticket.close_as(code, by=act.by, at=at, duplicate_of=other, comment=EARLY[code])


_VERBS = {
    "say": _say, "watch": _watch, "classify": _classify, "unclassify": _unclassify, "assign": _assign,
    "start": _start, "step_back": _step_back, "correct": _correct, "check": _check, "not_yet": _not_yet,
    "close": _close, "reopen": _reopen, "hold": _hold, "resume": _resume, "close_as": _close_as,
}  # fmt: skip
