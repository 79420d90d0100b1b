"""What one saving of the terms changed: codes and facts, in the order of the page; their sentences are web's work."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ticketing.rules.sla_terms import WARN_PCT
from ticketing.rules.taxonomy import PRIORITIES
from ticketing.rules.working_hours import WEEKDAYS


@dataclass(frozen=True, slots=True)
class Change:
    """`code` says what kind; `facts` hold names, minutes, per cents, intervals and dates as the document has them."""

    code: str
    facts: dict = field(default_factory=dict)


def changes_between(before: Mapping, after: Mapping) -> list[Change]:
    """How one document differs from an earlier one; empty when it is the same."""
    return [*_policies(before, after), *_calendars(before["calendars"], after["calendars"])]


def _policies(before: Mapping, after: Mapping) -> Iterator[Change]:
    old = {policy["key"]: policy for policy in before["policies"]}
    new = {policy["key"]: policy for policy in after["policies"]}
    for key, policy in old.items():
        if key not in new:
            yield Change("policy_removed", {"policy": policy["name"]})
    stays = _in_order([key for key in old if key in new], [key for key in new if key in old])
    for place, (key, policy) in enumerate(new.items(), 1):
        if key not in old:
            yield Change("policy_added", {"policy": policy["name"], "place": place})
            continue
        if key not in stays:
            yield Change("policy_moved", {"policy": policy["name"], "place": place})
        yield from _policy(old[key], policy, before["calendars"], after["calendars"])


def _policy(old: Mapping, new: Mapping, before: Mapping, after: Mapping) -> Iterator[Change]:
    name = {"policy": new["name"]}
    if old["name"] != new["name"]:
        yield Change("policy_renamed", name | {"from": old["name"]})
    if any(set(old[part]) != set(new[part]) for part in ("types", "categories")):
        yield Change("condition_changed", name | {"types": new["types"], "categories": new["categories"]})
    if old["calendar"] != new["calendar"]:
        yield Change("policy_calendar", name | _calendar_names(old["calendar"], new["calendar"], before, after))
    for priority in PRIORITIES:
        one, other = old["targets"][priority], new["targets"][priority]
        row = name | {"priority": str(priority)}
        for target in ("reaction_min", "resolution_min"):
            if one.get(target) != other.get(target):
                clock = target.removesuffix("_min")
                yield Change("target_changed", row | {"clock": clock, "from": one.get(target), "to": other.get(target)})
        shares = [found.get("at_risk_percent", WARN_PCT) for found in (one, other)]
        if shares[0] != shares[1]:
            yield Change("warn_changed", row | {"from": shares[0], "to": shares[1]})
        if one.get("calendar") != other.get("calendar"):
            names = _calendar_names(one.get("calendar"), other.get("calendar"), before, after)
            yield Change("row_calendar", row | names)


def _calendars(before: Mapping, after: Mapping) -> Iterator[Change]:
    for key, body in before.items():
        if key not in after:
            yield Change("calendar_removed", {"calendar": body["name"]})
    for key, body in after.items():
        if key not in before:
            yield Change("calendar_added", {"calendar": body["name"]})
        else:
            yield from _calendar(before[key], body)


def _calendar(old: Mapping, new: Mapping) -> Iterator[Change]:
    name = {"calendar": new["name"]}
    if old["name"] != new["name"]:
        yield Change("calendar_renamed", name | {"from": old["name"]})
    if old["time_zone"] != new["time_zone"]:
        yield Change("zone_changed", name | {"from": old["time_zone"], "to": new["time_zone"]})
    for day in WEEKDAYS:
        one, other = (list(map(list, body["weekly"].get(day, ()))) for body in (old, new))
        if one != other:
            yield Change("hours_changed", name | {"day": day, "from": one, "to": other})
    was, now = old.get("exceptions", {}), new.get("exceptions", {})
    for code, days in (
        ("exceptions_added", {day: found for day, found in now.items() if day not in was}),
        ("exceptions_removed", {day: found for day, found in was.items() if day not in now}),
        ("exceptions_changed", {day: found for day, found in now.items() if day in was and was[day] != found}),
    ):
        if days:
            yield Change(code, name | {"days": dict(sorted(days.items()))})


def _calendar_names(old: str | None, new: str | None, before: Mapping, after: Mapping) -> dict:
    return {"from": old and before[old]["name"], "to": new and after[new]["name"]}


def _in_order(old: list, new: list) -> set:
    """The longest run of keys that kept their order: what is not in it was moved."""
    place = {key: number for number, key in enumerate(old)}
    best: dict = {}  # the longest run that ends with a key
    for key in new:
        runs = [run for end, run in best.items() if place[end] < place[key]]
        best[key] = [*max(runs, key=len, default=[]), key]
    return set(max(best.values(), key=len, default=[]))
