"""Troubles written out once each, so that a million tickets need no formatting."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random

from ticketing.jobs.demo import phrases
from ticketing.jobs.demo.cast import Cast
from ticketing.jobs.demo.ready_hours import ReadyHours
from ticketing.jobs.demo.scenarios import SCENARIOS, WEIGHTS
from ticketing.jobs.demo.world import invent
from ticketing.models.markup import render
from ticketing.models.signatures import sign
from ticketing.rules.clockwork import cause_of
from ticketing.rules.sla import ClockKind, Deal
from ticketing.rules.sla_terms import Terms
from ticketing.rules.taxonomy import PRIORITIES, HoldReason, Priority, TicketType

PLAYER = "8888888"  # stands in every text where a ticket's own player goes
SIGNED = ("signature", "provider", "payment_system")
_CASES = 2400
Deals = dict[ClockKind, Deal | None]


@dataclass(frozen=True, slots=True)
class Pledge:
    """What a ticket's clocks run under, and the same in seconds; where nothing is promised, what people would do."""

    deals: Deals
    reaction_s: int
    resolution_s: int
    hours: ReadyHours


@dataclass(frozen=True, slots=True)
class Case:
    type: str
    restricted: bool
    category_id: int
    team_id: int
    priority: int
    title: str
    description: str
    details: str
    signed: tuple[str | None, ...]  # what recurrences are counted by: signature, provider, payment system
    solution: str
    cause_code: str
    code: str
    reporter_id: int
    owners: tuple[int, ...]
    created: str  # the payloads of its events
    classified: str
    rerouted: str | None
    corrected: str
    checked: str
    checked_at_once: str
    closed: str
    hold_reason: str
    hold_text: str
    held: str
    resumed: str
    reopened: str
    reopened_by_staff: str
    relaxed: str | None  # a manager's change that gives it more time, and its priority and pledge from then on
    relaxed_to: int
    relaxed_pledge: Pledge | None
    reply: tuple[str, str]
    note: tuple[str, str]
    cause: str  # why its clocks change when it is classified
    filed: Pledge
    pledge: Pledge  # once it is classified


def draw_cases(rng: Random, cast: Cast, terms: Terms, start: datetime, end: datetime) -> list[Case]:
    """`start` to `end` are the years whose hours are worked out beforehand."""
    hours = {one.id: ReadyHours(one.hours, start, end) for one in terms.calendars.values()}

    def pledge(kind: TicketType, category: str | None, priority: Priority) -> Pledge:
        deals = {
            clock: deal and replace(deal, calendar=hours[deal.calendar_id])
            for clock, deal in terms.deals(kind, category, priority).items()
        }
        reaction, resolution = deals[ClockKind.REACTION], deals[ClockKind.RESOLUTION]
        some = reaction or resolution
        return Pledge(
            deals, reaction.target_s if reaction else 4 * 3600, resolution.target_s if resolution else 16 * 3600,
            some.calendar if some else next(iter(hours.values())),
        )  # fmt: skip

    return [_case(rng, cast, terms.id, pledge) for _ in range(_CASES)]


def _case(rng: Random, cast: Cast, terms: int, pledge: Callable[..., Pledge]) -> Case:
    scenario = rng.choices(SCENARIOS, WEIGHTS)[0]
    reporter = rng.choice(cast.reporters)
    words = invent(rng, cast.brands[reporter.id]) | {"player": PLAYER, "mate": rng.choice(cast.support).handle}
    category = cast.categories[scenario.category]
    desk = cast.team_ids["technical_support"]
    own = next(key for key, number in cast.team_ids.items() if number == category.team_id)
    priority = PRIORITIES[min(max(scenario.priority.rank - 1 + rng.choice((0, 0, 0, 1, 1, -1)), 1), 3)]
    priority = scenario.priority if scenario.priority is Priority.CRITICAL and rng.random() < 0.4 else priority
    details = {name: value.format(**words) for name, value in scenario.details.items()}
    title, solution, finding = (getattr(scenario, name).format(**words) for name in ("title", "solution", "finding"))
    hold_text = rng.choice(phrases.HOLDS[scenario.waits_for]).format(**words)
    changes = {"category": [None, category.id]}
    if priority is not Priority.NORMAL:
        changes["priority"] = [Priority.NORMAL, priority]
    done = {"from": "diagnostics", "to": "solution_check", "solution": solution}
    again = {"from": "closed", "to": "diagnostics", "why": rng.choice(phrases.AGAIN).format(**words),
             "resolution_code": scenario.code, "terms": terms}  # fmt: skip
    lower = Priority.NORMAL if priority is Priority.HIGH else None
    return Case(
        type=scenario.type.value, restricted=scenario.type is TicketType.SECURITY_ALERT,
        category_id=category.id, team_id=category.team_id, priority=priority.rank, title=title,
        description=scenario.description.format(**words), details=json.dumps(details),
        signed=tuple(sign(title, details)[name] for name in SIGNED),
        solution=solution, cause_code=scenario.cause.value, code=scenario.code.value, reporter_id=reporter.id,
        owners=tuple(person.id for person in cast.teams.get(own, cast.support)),
        created=json.dumps({"type": scenario.type, "priority": "normal", "category": None, "team": desk,
                            "terms": terms}),
        classified=json.dumps({"changes": changes, "terms": terms}),
        rerouted=json.dumps({"from": desk, "to": category.team_id}) if category.team_id != desk else None,
        corrected=json.dumps({"from": "diagnostics", "to": "correction", "finding": finding}),
        checked=json.dumps(done | {"from": "correction"}), checked_at_once=json.dumps(done),
        closed=json.dumps({"from": "solution_check", "to": "closed", "resolution_code": scenario.code,
                           "root_cause": scenario.cause}),
        hold_reason=scenario.waits_for.value, hold_text=hold_text,
        held=json.dumps({"reason": scenario.waits_for, "text": hold_text, "until": None}),
        resumed=json.dumps({"cause": "reporter" if scenario.waits_for is HoldReason.REPORTER else "resumed",
                            "reason": scenario.waits_for}),
        reopened=json.dumps(again | {"reaction": True}), reopened_by_staff=json.dumps(again | {"reaction": False}),
        relaxed=lower and json.dumps({"changes": {"priority": [priority, lower]}, "terms": terms}),
        relaxed_to=lower.rank if lower else 0,
        relaxed_pledge=lower and pledge(scenario.type, scenario.category, lower),
        reply=_rendered(scenario.reply.format(**words), cast), note=_rendered(scenario.note.format(**words), cast),
        cause=cause_of(changes), filed=pledge(scenario.type, None, Priority.NORMAL),
        pledge=pledge(scenario.type, scenario.category, priority),
    )  # fmt: skip


def _rendered(body: str, cast: Cast) -> tuple[str, str]:
    return body, render(body, {person.handle: person.name for person in cast.support})
