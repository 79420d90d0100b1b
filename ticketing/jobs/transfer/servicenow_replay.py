"""One incident's updates in time order, as a record with a history that ends where the log ends."""

import re
from collections.abc import Callable
from datetime import datetime

from ticketing.jobs.transfer.checks import check_address
from ticketing.jobs.transfer.names import Names
from ticketing.jobs.transfer.servicenow import Incident, Update
from ticketing.jobs.transfer.trouble import RowRefused
from ticketing.models.event import EventKind
from ticketing.rules.instants import write_instant
from ticketing.rules.routing import DEFAULT_TEAM
from ticketing.rules.taxonomy import (
    HOLD_TEXT_MAX,
    PRIORITIES,
    STATUSES,
    TITLE_MAX,
    Priority,
    ResolutionCode,
    Role,
    RootCause,
    Status,
    TicketType,
)

_CODES = {
    "solved (permanently)": ResolutionCode.FIXED,
    "solved (work around)": ResolutionCode.WORKAROUND,
    "not solved (not reproducible)": ResolutionCode.NOT_REPRODUCIBLE,
    "not solved (too costly)": ResolutionCode.DECLINED,
}
_KEPT = ("contact_type", "location", "cmdb_ci", "impact", "urgency", "problem_id", "rfc", "vendor", "caused_by")


def replay(incident: Incident, names: Names, at: datetime, note: Callable) -> dict:
    """The record of record.py, whole. `note(what, line, ticket, field, value, became)` hears every mapping."""
    return _Replay(incident, names, at, note).run()


class _Replay:
    def __init__(self, incident: Incident, names: Names, at: datetime, note: Callable):
        self.incident, self.names, self.noticed, self.note = incident, names, write_instant(at), note
        self.events: list[dict] = []
        self.reassigned = self.reopened = 0
        self.state = ""
        self.group = ""

    def run(self) -> dict:
        first, last = self.incident.updates[0], self.incident.updates[-1]
        self._start(first)
        for update in self.incident.updates:
            self._follow(update)
        groups = sorted({update.get("assignment_group") for update in self.incident.updates} - {""})
        self._event(EventKind.IMPORTED, self.noticed, None, source=self.incident.source, groups=groups,
                    external_id=self.incident.number, rows=len(self.incident.updates),
                    digest=self.incident.digest)  # fmt: skip
        self.record |= {"updated_at": write_instant(last.at), "description": self._description(last)}
        return {**self.record, "events": self.events}

    def _start(self, first: Update) -> None:
        opened = min(first.opened_at or first.at, first.at)
        note, self.note = self.note, lambda *_: None  # the first update is told when it is followed
        created = write_instant(opened)
        self.record = {
            "type": TicketType.INCIDENT.value, "priority": self._priority(first), "status": Status.NEW.value,
            "title": self._title(first), "reporter": self._person(first, "caller_id", Role.REPORTER, "Unknown caller"),
            "team": self._team(first), "created_at": created, "status_since": created,
            "source": self.incident.source, "external_id": self.incident.number,
        }  # fmt: skip
        self.group = first.get("assignment_group")
        opener = self._person(first, "opened_by", Role.SUPPORT_ENGINEER) or self.record["reporter"]
        self._event(EventKind.CREATED, created, opener, type=self.record["type"], priority=self.record["priority"],
                    category=None, team=self.record["team"])  # fmt: skip
        self.note = note
        for column in ("caller_id", "opened_by"):
            self._person(first, column, Role.REPORTER)

    def _follow(self, update: Update) -> None:
        actor = self._person(update, "sys_updated_by", Role.SUPPORT_ENGINEER)
        self._note("mapped", update, "incident_state", update.state, self._named(update))
        self._describe(update, actor)
        self._own(update, actor)
        self._reopen(update, actor)
        self._move(update, actor)
        self._hold(update, actor)
        self.state = update.state

    def _describe(self, update: Update, actor: str | None) -> None:
        title, priority, team = self._title(update), self._priority(update), self._team(update)
        if title != self.record["title"]:
            self._event(EventKind.EDITED, update.at, actor, changes={"title": [self.record["title"], title]})
        if priority != self.record["priority"]:
            changes = {"priority": [self.record["priority"], priority]}
            self._event(EventKind.CLASSIFIED, update.at, actor, changes=changes)
        if team != self.record["team"]:
            self._event(EventKind.TEAM_CHANGED, update.at, actor, **{"from": self.record["team"], "to": team})
        self.record |= {"title": title, "priority": priority, "team": team}

    def _own(self, update: Update, actor: str | None) -> None:
        """Each rise of the counter is one REASSIGNED; where it rose by more than one, the stops between are unknown."""
        before, owner = self.record.get("owner"), self._person(update, "assigned_to", Role.SUPPORT_ENGINEER)
        group = update.get("assignment_group")
        rises = max(update.reassigned - self.reassigned, 0)
        for rise in range(rises):
            hop = {"from": before if rise == 0 else None, "to": owner if rise == rises - 1 else None}
            self._event(EventKind.REASSIGNED, update.at, actor, **hop, groups=[self.group, group])
        if not rises and owner != before:
            if owner is None:
                self._event(EventKind.UNASSIGNED, update.at, actor, **{"from": before})
            else:
                self._event(EventKind.ASSIGNED, update.at, actor, owner=owner, group=group)
        self.record["owner"] = owner
        self.reassigned, self.group = max(self.reassigned, update.reassigned), group

    def _reopen(self, update: Update, actor: str | None) -> None:
        target = update.status if update.status is not Status.CLOSED else Status.DIAGNOSTICS
        for count in range(self.reopened + 1, update.reopened + 1):
            self._end_hold(update, actor, "moved")
            facts = {"from": self.record["status"], "to": target.value, "why": f"reopen_count {count}"}
            self._enter(target, update)
            self._event(EventKind.REOPENED, update.at, actor, **facts)
        self.reopened = max(self.reopened, update.reopened)

    def _move(self, update: Update, actor: str | None) -> None:
        origin, target, state = self.record["status"], update.status, self.state
        if update.hold is None:
            self._end_hold(update, actor, "resumed" if target == origin else "moved")
        if target == origin:
            return
        facts = {"from": origin, "to": target.value}
        if STATUSES.index(target) < STATUSES.index(Status(origin)):
            facts["why"] = f"{state} → {update.state}"
        self._enter(target, update)
        if target is Status.CLOSED:
            self._close(update, actor, facts)
            return
        if target is Status.SOLUTION_CHECK:
            actor = self._person(update, "resolved_by", Role.SUPPORT_ENGINEER) or actor
            self.record["solver"] = actor
            self.record["solution"] = facts["solution"] = update.get("closed_code") or update.state
        self._event(EventKind.MOVED, update.at, actor, **facts)

    def _close(self, update: Update, actor: str | None, facts: dict) -> None:
        given = update.get("closed_code")
        code = _CODES.get(given.lower())
        self._note("mapped" if code else "defaulted", update, "closed_code", given, code or ResolutionCode.FIXED)
        code = (code or ResolutionCode.FIXED).value
        self.record |= {"closed_at": write_instant(update.at), "resolution_code": code,
                        "root_cause": RootCause.UNKNOWN.value}  # fmt: skip
        self._event(EventKind.CLOSED, update.at, actor, **facts, resolution_code=code,
                    root_cause=RootCause.UNKNOWN.value, closed_code=given)  # fmt: skip

    def _enter(self, target: Status, update: Update) -> None:
        if Status(self.record["status"]) in (Status.SOLUTION_CHECK, Status.CLOSED) and target is not Status.CLOSED:
            self.record["solution"] = ""
        self.record |= {"status": target.value, "status_since": write_instant(update.at), "closed_at": None,
                        "resolution_code": None, "root_cause": None}  # fmt: skip

    def _hold(self, update: Update, actor: str | None) -> None:
        if update.hold is None or update.state == self.state:
            return
        text = update.state[:HOLD_TEXT_MAX]
        self.record |= {"hold_reason": update.hold.value, "hold_text": text, "hold_until": None,
                        "held_since": self.record.get("held_since") or write_instant(update.at)}  # fmt: skip
        self._event(EventKind.HELD, update.at, actor, reason=update.hold.value, text=text, until=None)

    def _end_hold(self, update: Update, actor: str | None, cause: str) -> None:
        if self.record.get("hold_reason"):
            self._event(EventKind.RESUMED, update.at, actor, cause=cause, reason=self.record["hold_reason"])
            self.record |= {"hold_reason": None, "hold_text": "", "held_since": None}
            self.state = ""

    def _title(self, update: Update) -> str:
        place = " / ".join(filter(None, (update.get("category"), update.get("subcategory"))))
        symptom = update.get("u_symptom")
        title = f"{self.incident.number}: {place or 'Incident'}" + (f" ({symptom})" if symptom else "")
        return title[:TITLE_MAX]

    def _description(self, last: Update) -> str:
        facts = [("assignment_group", last.get("assignment_group")), *((name, last.get(name)) for name in _KEPT)]
        return "\n".join(f"- {name.replace('_', ' ')}: {value}" for name, value in facts if value)

    def _priority(self, update: Update) -> str:
        given = update.get("priority")
        known = given[:1] in ("1", "2", "3", "4")
        priority = PRIORITIES[int(given[0]) - 1] if known else Priority.NORMAL
        self._note("mapped" if known else "defaulted", update, "priority", given, priority)
        return priority.value

    def _team(self, update: Update) -> str:
        group = update.get("assignment_group")
        try:
            team = self.names.team_key(group)
        except RowRefused:
            self._note("defaulted", update, "assignment_group", group, DEFAULT_TEAM)
            return DEFAULT_TEAM
        self._note("mapped", update, "assignment_group", group, team)
        return team

    def _person(self, update: Update, column: str, role: Role, unknown: str = "") -> str | None:
        """The address of whoever stands there: somebody we know by address or name, or one made up for them."""
        name = update.get(column) or unknown
        if not name:
            return None
        email = self._known(name)
        if email is not None:
            self._note("mapped", update, column, name, email)
            return email
        stem = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "nobody"
        email = f"{stem}@imported.invalid"
        self.names.hints.setdefault(email, (role, name))
        self._note("defaulted", update, column, name, email)
        return email

    def _known(self, name: str) -> str | None:
        if "@" not in name:
            return self.names.by_name.get(name.lower())
        try:
            return check_address("person", name.lower())
        except RowRefused:
            return None

    def _named(self, update: Update) -> str:
        return update.status.value + (f" on hold ({update.hold.value})" if update.hold else "")

    def _note(self, what: str, update: Update, name: str, value: str, became: str) -> None:
        self.note(what, update.line, self.incident.number, name, value, became)

    def _event(self, kind: EventKind, at, actor: str | None, **payload) -> None:
        moment = at if isinstance(at, str) else write_instant(at)
        self.events.append(
            {"kind": kind.value, "actor": actor, "at": moment, "noticed_at": self.noticed, "payload": payload}
        )
