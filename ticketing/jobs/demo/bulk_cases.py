"""Troubles written out once each, so that a million tickets need no formatting."""

import json
from dataclasses import dataclass
from random import Random

from ticketing.jobs.demo import phrases
from ticketing.jobs.demo.cast import Cast
from ticketing.jobs.demo.scenarios import SCENARIOS, WEIGHTS
from ticketing.jobs.demo.world import invent
from ticketing.models.markup import render
from ticketing.rules.taxonomy import PRIORITIES, HoldReason, Priority, TicketType

PLAYER = "8888888"  # stands in every text where a ticket's own player goes
_CASES = 2400


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
    haystack: str
    solution: str
    cause: str
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
    reply: tuple[str, str]
    note: tuple[str, str]


def draw_cases(rng: Random, cast: Cast) -> list[Case]:
    return [_case(rng, cast) for _ in range(_CASES)]


def _case(rng: Random, cast: Cast) -> Case:
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
    return Case(
        type=scenario.type.value, restricted=scenario.type is TicketType.SECURITY_ALERT,
        category_id=category.id, team_id=category.team_id, priority=priority.rank, title=title,
        description=scenario.description.format(**words), details=json.dumps(details),
        haystack=" ".join([title, *details.values()]).lower(),
        solution=solution, cause=scenario.cause.value, code=scenario.code.value, reporter_id=reporter.id,
        owners=tuple(person.id for person in cast.teams.get(own, cast.support)),
        created=json.dumps({"type": scenario.type, "priority": "normal", "category": None, "team": desk}),
        classified=json.dumps({"changes": changes}),
        rerouted=json.dumps({"from": desk, "to": category.team_id}) if category.team_id != desk else None,
        corrected=json.dumps({"from": "diagnostics", "to": "correction", "finding": finding}),
        checked=json.dumps(done | {"from": "correction"}), checked_at_once=json.dumps(done),
        closed=json.dumps({"from": "solution_check", "to": "closed", "resolution_code": scenario.code,
                           "root_cause": scenario.cause}),
        hold_reason=scenario.waits_for.value, hold_text=hold_text,
        held=json.dumps({"reason": scenario.waits_for, "text": hold_text, "until": None}),
        resumed=json.dumps({"cause": "reporter" if scenario.waits_for is HoldReason.REPORTER else "resumed",
                            "reason": scenario.waits_for}),
        reply=_rendered(scenario.reply.format(**words), cast), note=_rendered(scenario.note.format(**words), cast),
    )  # fmt: skip


def _rendered(body: str, cast: Cast) -> tuple[str, str]:
    return body, render(body, {person.handle: person.name for person in cast.support})
