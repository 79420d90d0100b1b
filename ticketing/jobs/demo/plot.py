"""Decides which tickets there are and how far each has come, so that the whole looks like a desk at work."""

from datetime import datetime, timedelta
from random import Random

from ticketing.jobs.demo.cast import Cast
from ticketing.jobs.demo.hours import spread, waking, working
from ticketing.jobs.demo.scenarios import SCENARIOS, WEIGHTS, Scenario
from ticketing.jobs.demo.story import Story, Teller
from ticketing.jobs.demo.world import invent
from ticketing.rules.taxonomy import HOLDABLE, PRIORITIES, Priority, ResolutionCode, Status, TicketType

DAYS = 60
# Of a hundred open tickets, how many stand where, and how old they are in hours.
_OPEN = {
    Status.NEW: (16, 0.2, 14), Status.CLASSIFIED: (14, 0.7, 40), Status.ASSIGNED: (18, 2, 70),
    Status.DIAGNOSTICS: (24, 4, 130), Status.CORRECTION: (16, 12, 180), Status.SOLUTION_CHECK: (12, 30, 220),
}  # fmt: skip
# The usual hours from filing to closing.
_HOURS = {Priority.CRITICAL: 7, Priority.HIGH: 22, Priority.NORMAL: 50, Priority.LOW: 100}
_EARLY = (
    (ResolutionCode.DUPLICATE, 0.05), (ResolutionCode.INVALID, 0.03), (ResolutionCode.AUTO_RESOLVED, 0.02),
)  # fmt: skip


def plot(seed: int, cast: Cast, count: int, now: datetime) -> list[Story]:
    """`count` stories in the order in which they were filed."""
    open_count = min(round(count * 0.4), 60 + round(count * 0.07))
    goals = _goals(open_count) + [Status.CLOSED] * (count - open_count)
    stories = [_story(Random(f"{seed}/{place}"), cast, goal, now, place) for place, goal in enumerate(goals)]
    return sorted(stories, key=lambda story: story.created)


def _goals(count: int) -> list[Status]:
    """The open statuses in their shares, dealt round so that any count is spread."""
    goals: list[Status] = []
    for status, (share, *_) in _OPEN.items():
        goals += [status] * round(count * share / 100)
    goals += [Status.DIAGNOSTICS] * max(count - len(goals), 0)
    return goals[:count]


def _story(rng: Random, cast: Cast, goal: Status, now: datetime, place: int) -> Story:
    scenario = rng.choices(SCENARIOS, WEIGHTS)[0]
    reporter = rng.choice(cast.reporters)
    words = invent(rng, cast.brands[reporter.id])
    story = Story(
        scenario=scenario, words=words, priority=_priority(rng, scenario, goal, place), reporter=reporter,
        owner=_owner(rng, cast, scenario), created=now, goal=goal,
        held=goal in HOLDABLE and rng.random() < 0.27,
    )  # fmt: skip
    early = _early(rng) if goal is Status.CLOSED else None
    Teller(rng, cast, story).tell(early)
    _date(Random(rng.random()), story, early, now)
    return story


def _priority(rng: Random, scenario: Scenario, goal: Status, place: int) -> Priority:
    if goal in (Status.ASSIGNED, Status.DIAGNOSTICS, Status.CORRECTION) and place % 11 == 0:
        return Priority.CRITICAL  # a board without one would be a holiday
    shift = rng.choices((0, -1, 1), (70, 10, 20))[0]
    lowest = 0 if scenario.priority is Priority.CRITICAL else 1
    return PRIORITIES[min(max(scenario.priority.rank - 1 + shift, lowest), len(PRIORITIES) - 1)]


def _owner(rng: Random, cast: Cast, scenario: Scenario):
    category = cast.categories[scenario.category]
    own = next(key for key, number in cast.team_ids.items() if number == category.team_id)
    easy = scenario.type is not TicketType.SECURITY_ALERT and scenario.priority is not Priority.CRITICAL
    team = cast.support if easy and rng.random() < 0.28 else cast.teams.get(own, cast.support)
    return rng.choice(team)


def _early(rng: Random) -> ResolutionCode | None:
    drawn = rng.random()
    for code, share in _EARLY:
        if drawn < share:
            return code
        drawn -= share
    return None


def _date(rng: Random, story: Story, early: ResolutionCode | None, now: datetime) -> None:
    """When it was filed and when each act was; drawn apart, so that `now` changes moments and nothing else."""
    if story.goal is Status.CLOSED:
        end = now - timedelta(hours=rng.uniform(0.5, (DAYS - 2) * 24))
        end = end if story.urgent else min(working(rng, end), now - timedelta(minutes=rng.uniform(10, 300)))
        hours = 4 if early else _HOURS[story.priority] * rng.lognormvariate(0, 0.7)
        created = end - timedelta(hours=min(hours, 20 * 24))
    else:
        _, youngest, oldest = _OPEN[story.goal]
        oldest = oldest / 4 if story.urgent else oldest * 2.5 if story.held else oldest
        age = timedelta(hours=youngest + (oldest - youngest) * rng.random() ** 1.6)
        created = now - age
        end = created + age * rng.uniform(0.45, 0.93)
        end = end if story.urgent else min(working(rng, end), now - timedelta(minutes=rng.uniform(2, 40)))
    least = timedelta(minutes=2) * (len(story.acts) + 1)
    created = min(created if story.urgent else waking(rng, created), end - least)
    story.created = created.replace(microsecond=0)
    if story.acts:
        story.moments = spread(rng, story.created, end, [act.weight for act in story.acts], story.urgent)
