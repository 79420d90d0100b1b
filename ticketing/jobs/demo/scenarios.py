"""Troubles a gaming platform has, each with how it was understood and mended. {names} come from world.invent."""

from dataclasses import dataclass

from ticketing.jobs.demo import scenarios_desk, scenarios_money
from ticketing.rules.taxonomy import HoldReason, Priority, ResolutionCode, RootCause, TicketType


@dataclass(frozen=True, slots=True)
class Scenario:
    name: str
    type: TicketType
    category: str
    priority: Priority
    title: str
    description: str
    details: dict[str, str]
    reply: str  # the first word to the reporter
    note: str  # what colleagues tell each other
    finding: str
    solution: str
    cause: RootCause
    code: ResolutionCode = ResolutionCode.FIXED
    waits_for: HoldReason = HoldReason.REPORTER
    weight: int = 3


def _read(table: tuple[dict, ...]) -> tuple[Scenario, ...]:
    return tuple(
        Scenario(**row | {
            "type": TicketType(row["type"]), "priority": Priority(row["priority"]), "cause": RootCause(row["cause"]),
            "code": ResolutionCode(row.get("code", "fixed")), "waits_for": HoldReason(row.get("waits_for", "reporter")),
        })
        for row in table
    )  # fmt: skip


SCENARIOS = _read((*scenarios_money.TABLE, *scenarios_desk.TABLE))
WEIGHTS = tuple(scenario.weight for scenario in SCENARIOS)
SECURITY = tuple(scenario for scenario in SCENARIOS if scenario.type is TicketType.SECURITY_ALERT)
