"""The terms as a file that people edit and carry from desk to desk: JSON in a fixed order, without numbers of ours."""

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from ticketing.rules.sla_calendars import clean_calendar
from ticketing.rules.sla_terms import check_terms
from ticketing.rules.taxonomy import PRIORITIES
from ticketing.rules.texts import printable

TEXT_MAX = 2_000_000
LINE_MAX = 96
_DOCUMENT = ("policies", "calendars")
_POLICY = ("key", "name", "types", "categories", "calendar", "targets")
_TARGET = ("reaction_min", "resolution_min", "at_risk_percent", "calendar")
_CALENDAR = ("name", "time_zone", "weekly", "exceptions")
_EXCEPTION = ("name", "open")


class Unreadable(ValueError):
    """A text that is no document at all. `code` is too_large or not_json; `line` where the JSON breaks off."""

    def __init__(self, code: str, line: int | None = None):
        super().__init__(code)
        self.code, self.line = code, line


def portable(document: Mapping) -> dict:
    """The document in a fixed order of keys, and without the numbers of saved versions."""
    policies = [
        _picked(policy, _POLICY)
        | {"targets": {str(name): _picked(policy["targets"][name], _TARGET) for name in PRIORITIES}}
        for policy in document["policies"]
    ]
    calendars = {key: clean_calendar(body) for key, body in document["calendars"].items()}
    return {"policies": policies, "calendars": calendars}


def write_document(document: Mapping) -> str:
    """As JSON text that people can edit: what fits on a line stands on one."""
    return _written(portable(document), "") + "\n"


def _written(value: object, indent: str) -> str:
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or len(indent) + len(line) <= LINE_MAX:
        return line
    deeper = indent + "  "
    if isinstance(value, dict):
        parts = [f"{json.dumps(key, ensure_ascii=False)}: {_written(one, deeper)}" for key, one in value.items()]
    else:
        parts = [_written(one, deeper) for one in value]
    opens, closes = "{}" if isinstance(value, dict) else "[]"
    return f"{opens}\n{deeper}" + f",\n{deeper}".join(parts) + f"\n{indent}{closes}"


def read_document(text: str) -> object:
    """What the text holds, not yet checked. Raises Unreadable."""
    if len(text) > TEXT_MAX:
        raise Unreadable("too_large")
    try:
        return json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as problem:
        raise Unreadable("not_json", problem.lineno) from None
    except (RecursionError, ValueError):  # nested without end, or a number of thousands of digits
        raise Unreadable("not_json") from None


def check_document(document: object, categories: Collection[str], now: datetime) -> dict[str, str]:
    """What is wrong with a document that a person wrote: as `check_terms`, and names that nothing is called by.

    A target whose name is misspelled would otherwise be no target at all.
    """
    errors = check_terms(document, categories, now) or dict.fromkeys(_unknown(document), "no_such_name")
    return {
        printable(path.rstrip(".")): code for path, code in errors.items()
    }  # a whole policy has no field of its own


def named(document: object, path: str) -> str | None:
    """The name of the policy or calendar that a path leads through, since people do not count from nought."""
    part, _, rest = path.partition(".")
    key = rest.partition(".")[0]
    bodies = document.get(part) if isinstance(document, Mapping) else None
    if isinstance(bodies, list):
        body = bodies[int(key)] if key.isdigit() and int(key) < len(bodies) else None
    else:
        body = bodies.get(key) if isinstance(bodies, Mapping) else None
    name = body.get("name") if isinstance(body, Mapping) else None
    return printable(name) if isinstance(name, str) and name else None


def _unknown(document: Mapping) -> Iterator[str]:
    yield from _others(document, _DOCUMENT)
    for number, policy in enumerate(document["policies"]):
        place = f"policies.{number}."
        yield from _others(policy, _POLICY, place)
        for priority, row in policy["targets"].items():
            yield from _others(row, _TARGET, f"{place}targets.{priority}.")
    for key, body in document["calendars"].items():
        yield from _others(body, (*_CALENDAR, "version"), f"calendars.{key}.")
        for day, found in body.get("exceptions", {}).items():
            yield from _others(found, _EXCEPTION, f"calendars.{key}.exceptions.{day}.")


def _others(body: Mapping, known: Collection[str], place: str = "") -> Iterator[str]:
    return (f"{place}{name}" for name in body if name not in known)


def _picked(body: Mapping, names: Collection[str]) -> dict:
    return {name: body[name] for name in names if name in body}
