"""Which tickets there are and how far each has come, so that the whole looks like a desk at work."""

from datetime import datetime, timedelta
from random import Random

from ticketing.jobs.demo.cast import Cast
from ticketing.jobs.demo.encores import Encore, encores
from ticketing.jobs.demo.hours import waking
from ticketing.jobs.demo.pace import Fate, Pace
from ticketing.jobs.demo.scenarios import SCENARIOS, WEIGHTS, Scenario
from ticketing.jobs.demo.story import Story, Teller
from ticketing.jobs.demo.world import invent
from ticketing.rules.sla_terms import Terms
from ticketing.rules.taxonomy import HOLDABLE, PRIORITIES, Priority, ResolutionCode, Status, TicketType

DAYS = 60
# Of a hundred open tickets, how many stand where.
_OPEN = {
    Status.NEW: 16, Status.CLASSIFIED: 14, Status.ASSIGNED: 18, Status.DIAGNOSTICS: 24, Status.CORRECTION: 16,
    Status.SOLUTION_CHECK: 12,
}  # fmt: skip
_EARLY = (
    (ResolutionCode.DUPLICATE, 0.05), (ResolutionCode.INVALID, 0.03), (ResolutionCode.AUTO_RESOLVED, 0.02),
)  # fmt: skip
_UNTOUCHED = (Status.NEW, Status.CLASSIFIED)
# What has been used up of a running clock's target by now, at least, where a ticket stands.
_USED = {Status.ASSIGNED: 0.04, Status.DIAGNOSTICS: 0.1, Status.CORRECTION: 0.3}
_LATE_REACTIONS, _LATE_RESOLUTIONS = 0.09, 0.1
_STEPS = (0.6180339887, 0.7548776662, 0.5698402910)  # each spreads whole numbers evenly, and apart from the others


def plot(seed: int, cast: Cast, count: int, terms: Terms, now: datetime) -> list[Story]:
    """`count` stories in the order in which they were filed."""
    open_count = min(round(count * 0.4), 60 + round(count * 0.07))
    goals = _goals(open_count) + [Status.CLOSED] * (count - open_count)
    stories = [
        _story(Random(f"{seed}/{place}"), cast, goal, terms, now, place, encore)
        for place, (goal, encore) in enumerate(zip(goals, encores(goals), strict=True))
    ]
    return sorted(stories, key=lambda story: story.created)


def _goals(count: int) -> list[Status]:
    """The open statuses in their shares, dealt round so that any count is spread."""
    goals: list[Status] = []
    for status, share in _OPEN.items():
        goals += [status] * round(count * share / 100)
    goals += [Status.DIAGNOSTICS] * max(count - len(goals), 0)
    return goals[:count]


def _story(rng: Random, cast: Cast, goal: Status, terms: Terms, now: datetime, place: int,
           encore: Encore | None) -> Story:  # fmt: skip
    scenario = rng.choices(SCENARIOS, WEIGHTS)[0]
    reporter = rng.choice(cast.reporters)
    words = invent(rng, cast.brands[reporter.id])
    if encore is not None:
        scenario, words = encore.scenario, words | encore.words
    priority, later = _priorities(rng, scenario, goal, place)
    owner = _owner(rng, cast, scenario)
    own = place % 29 == 17 and goal not in _UNTOUCHED
    story = Story(
        scenario=scenario, words=words, priority=priority, later=later, reporter=owner if own else reporter,
        owner=owner, created=now, goal=goal, held=goal in HOLDABLE and rng.random() < 0.27, own=own,
        returned=goal is Status.DIAGNOSTICS and place % 7 == 3,
    )  # fmt: skip
    story.held = story.held and not story.returned
    early = _early(rng) if goal is Status.CLOSED and later is None and encore is None else None
    Teller(rng, cast, story).tell(early)
    _date(Random(rng.random()), story, terms, place, now, encore and encore.ago)
    return story


def _priorities(rng: Random, scenario: Scenario, goal: Status, place: int) -> tuple[Priority, Priority | None]:
    """What it is classified as, and what somebody makes of it later, if anybody does."""
    shift = rng.choices((0, -1, 1), (70, 10, 20))[0]
    lowest = 0 if scenario.priority is Priority.CRITICAL else 1
    drawn = PRIORITIES[min(max(scenario.priority.rank - 1 + shift, lowest), len(PRIORITIES) - 1)]
    if goal in (Status.ASSIGNED, Status.DIAGNOSTICS, Status.CORRECTION) and place % 11 == 0:
        return Priority.CRITICAL, None  # a board without one would be a holiday
    if goal in _UNTOUCHED or goal is Status.ASSIGNED:
        return drawn, None
    if place % 37 == 5:
        return Priority.HIGH, Priority.NORMAL
    if place % 26 == 9:
        return Priority.NORMAL, Priority.HIGH
    return drawn, None


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


def _date(rng: Random, story: Story, terms: Terms, place: int, now: datetime, ago: timedelta | None) -> None:
    """When it was filed and when each act was; drawn apart, so that `now` changes moments and nothing else."""
    pace = Pace(story, _fate(rng, story, place), terms, rng)
    if story.goal is Status.CLOSED:
        _date_closed(rng, story, pace, now, ago)
    elif ago is not None:
        story.created = (now - ago).replace(microsecond=0)
        story.moments, _ = pace.walk(story.created)
    else:
        _date_open(rng, story, pace, now)


def _fate(rng: Random, story: Story, place: int) -> Fate:
    """Most are in time; how many are not does not hang on luck."""
    reaction, resolution, present = ((place * step) % 1 for step in _STEPS)
    late = 1.06 + min(0.5 * rng.expovariate(1), 2)
    reacts = late if reaction < _LATE_REACTIONS else rng.triangular(0.05, 0.92, 0.3)
    late = 1.05 + min(0.3 * rng.expovariate(1), 1)
    resolves = late if resolution < _LATE_RESOLUTIONS else rng.triangular(0.1, 0.97, 0.5)
    if story.goal in _UNTOUCHED:
        reacts = _used_by_now(rng, present, 0.05)
    elif story.goal in _USED and not story.held:
        resolves = _used_by_now(rng, present, _USED[story.goal])
    if story.relaxed:
        resolves = rng.uniform(0.66, 0.73)
    return Fate(reacts, resolves)


def _used_by_now(rng: Random, drawn: float, least: float) -> float:
    """Of a running clock: most have time, some are at risk, a few are over."""
    if drawn < 0.09:
        return rng.uniform(1.03, 1.5)
    return rng.uniform(0.78, 0.97) if drawn < 0.24 else least + (0.72 - least) * rng.random()


def _date_closed(rng: Random, story: Story, pace: Pace, now: datetime, ago: timedelta | None) -> None:
    """Filed some time in the last two months, and over by now."""
    back, share = rng.random(), rng.random()
    created = waking(now - (ago or timedelta(days=DAYS * back)), share).replace(microsecond=0)
    moments, _ = pace.walk(created)
    while moments[-1] > now - timedelta(minutes=10):
        created -= timedelta(hours=7)
        moments, _ = pace.walk(created)
    story.created, story.moments = created, moments


def _date_open(rng: Random, story: Story, pace: Pace, now: datetime) -> None:
    """Filed so long ago that by now as much of its time is used up as its fate says."""
    fresh, age = rng.random(), timedelta(minutes=3 + 170 * rng.random())
    hopeful = pace.fate.reacts < 0.75 and not story.acts and not story.urgent
    if story.goal is Status.NEW and hopeful and fresh < 0.5:
        story.created = (now - age).replace(microsecond=0)
        return
    for by_night in (False, True):
        created, end = _begin(pace, now, by_night)
        if not pace.counts_on(end, now):
            break
    story.created, (story.moments, _) = created, pace.walk(created, by_night)


def _begin(pace: Pace, now: datetime, by_night: bool) -> tuple[datetime, datetime]:
    """The latest filing whose story has come to its end by `now`, and that end."""
    least, most = 0, DAYS * 86_400
    while most - least > 1:
        middle = (least + most) // 2
        if pace.walk(now - timedelta(seconds=middle), by_night)[1] <= now:
            most = middle
        else:
            least = middle
    created = (now - timedelta(seconds=most)).replace(microsecond=0)
    return created, pace.walk(created, by_night)[1]
