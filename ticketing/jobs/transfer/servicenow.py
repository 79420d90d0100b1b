"""Reads a ServiceNow audit log: one row is one update of one incident."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TextIO

from ticketing.jobs.transfer.checks import check_text
from ticketing.jobs.transfer.read import read_csv
from ticketing.jobs.transfer.trouble import RowRefused, Unreadable
from ticketing.rules.taxonomy import HoldReason, Status

_NEEDED = ("number", "incident_state", "sys_updated_at")
# Each state of theirs as a status of ours, on hold where theirs waits for somebody.
_STATES: dict[str, tuple[Status, HoldReason | None]] = {
    "new": (Status.NEW, None),
    "active": (Status.DIAGNOSTICS, None),
    "in progress": (Status.DIAGNOSTICS, None),
    "awaiting user info": (Status.DIAGNOSTICS, HoldReason.REPORTER),
    "awaiting vendor": (Status.DIAGNOSTICS, HoldReason.VENDOR),
    "awaiting problem": (Status.DIAGNOSTICS, HoldReason.OTHER),
    "awaiting evidence": (Status.DIAGNOSTICS, HoldReason.OTHER),
    "resolved": (Status.SOLUTION_CHECK, None),
    "closed": (Status.CLOSED, None),
}
_DATES = ("%d-%m-%Y %H:%M", "%d-%m-%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M")
_EMPTY = ("", "?")


@dataclass(frozen=True, slots=True)
class Update:
    line: int
    at: datetime
    order: int
    state: str
    status: Status
    hold: HoldReason | None
    reassigned: int
    reopened: int
    opened_at: datetime | None
    cells: dict[str, str] = field(repr=False)

    def get(self, name: str) -> str:
        """A cell with single blanks, empty where the log has none."""
        return self.cells.get(name, "")


@dataclass(slots=True)
class Incident:
    number: str
    updates: list[Update] = field(default_factory=list)
    source: str = "servicenow"

    @property
    def digest(self) -> str:
        """Tells these rows from any others, in whatever order they stand."""
        rows = sorted(repr(sorted(update.cells.items())) for update in self.updates)
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:24]


def read_incidents(text: TextIO) -> Iterator[tuple[int, Incident | RowRefused]]:
    """Each incident with its updates in time order, on the line where it first appears.

    An incident with a bad row is left out whole, and each bad row told: half a history would stay half.
    """
    header, rows = read_csv(text)
    lacking = [name for name in _NEEDED if name not in header]
    if lacking:
        raise Unreadable("columns_missing", 1, columns=lacking)
    incidents: dict[str, Incident] = {}
    spoilt: set[str] = set()
    for line, cells in rows:
        number = ""
        try:
            if isinstance(cells, RowRefused):
                raise cells
            values = {name: _clean(name, text) for name, text in zip(header, cells, strict=True)}
            number = values["number"]
            update = _update(line, values)
        except RowRefused as problem:
            problem.ticket = number
            spoilt.add(number)
            yield line, problem
        else:
            incidents.setdefault(number, Incident(number)).updates.append(update)
    for number, incident in incidents.items():
        line = incident.updates[0].line
        if number in spoilt:
            yield line, RowRefused("incident", "left_out_for_its_bad_rows", len(incident.updates), ticket=number)
            continue
        incident.updates.sort(key=lambda update: (update.at, update.order, update.line))
        yield line, incident


def _clean(name: str, text: str) -> str:
    text = " ".join(check_text(name, text, 4000).split())
    return "" if text in _EMPTY else text


def _update(line: int, values: dict[str, str]) -> Update:
    if not values["number"] or len(values["number"]) > 80:
        raise RowRefused("number", "required")
    at = _instant("sys_updated_at", values["sys_updated_at"])
    if at is None:
        raise RowRefused("sys_updated_at", "required")
    status, hold = _state(values["incident_state"])
    return Update(
        line=line, at=at, order=_count(values, "sys_mod_count"), state=values["incident_state"],
        status=status, hold=hold,
        reassigned=_count(values, "reassignment_count"), reopened=_count(values, "reopen_count"),
        opened_at=_instant("opened_at", values.get("opened_at", "")), cells=values,
    )  # fmt: skip


def _state(text: str) -> tuple[Status, HoldReason | None]:
    known = _STATES.get(text.lower())
    if known is None and text.lower().startswith("awaiting "):
        return Status.DIAGNOSTICS, HoldReason.OTHER
    if known is None:
        raise RowRefused("incident_state", "unknown_value", text)
    return known


def _count(values: dict[str, str], name: str) -> int:
    text = values.get(name, "") or "0"
    if not text.isdecimal() or len(text) > 4:
        raise RowRefused(name, "not_a_number", text)
    return int(text)


def _instant(name: str, text: str) -> datetime | None:
    if not text:
        return None
    for form in _DATES:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise RowRefused(name, "not_an_instant", text)
