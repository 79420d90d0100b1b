"""Edits of a ticket's own facts: classification, text, details, pins."""

from datetime import datetime

from sqlalchemy import func, select

from ticketing.extensions import db
from ticketing.models.answers import Answers
from ticketing.models.event import EventKind
from ticketing.models.team import BoardColumn, Category
from ticketing.models.user import User
from ticketing.rules import workflow
from ticketing.rules.abilities import Ability, may
from ticketing.rules.refusals import Conflict, Invalid, NotAllowed
from ticketing.rules.taxonomy import (
    PINS_PER_COLUMN,
    TEXT_MAX,
    TITLE_MAX,
    Priority,
    Status,
    TicketType,
    clean_details,
)
from ticketing.rules.texts import one_line


def clean_title(title: str) -> str:
    """A title on one line, or Invalid."""
    title = one_line(title)
    if not title:
        raise Invalid({"title": "required"})
    if len(title) > TITLE_MAX:
        raise Invalid({"title": "too_long"})
    return title


def clean_facts(title: str, description: str, type: TicketType, details: dict) -> tuple[str, dict]:
    """The title and details of a new ticket as they are kept, or Invalid."""
    title = clean_title(title)
    if len(description) > TEXT_MAX:
        raise Invalid({"description": "too_long"})
    details, errors = clean_details(type, details)
    if errors:
        raise Invalid(errors)
    return title, details


class Edits:
    def edit(self, *, by: User, at: datetime, version: int | None = None, title: str | None = None,
             description: str | None = None, type: TicketType | None = None, category: Category | None = None,
             priority: Priority | None = None, details: dict | None = None, why: str = "") -> bool:  # fmt: skip
        """Change what is given; None leaves a field alone. Returns False when nothing differs.

        `details` replaces all of the type's fields; `why` is needed where the change gives a breached clock more
        time, which only a manager may (sla.md R8). Raises Invalid by field, Stale, NotAllowed.
        """
        self.expect(version)
        self.settle(at)
        if not by.is_staff:
            raise NotAllowed("staff_only")
        texts = self._changed_texts(title, description)
        if details is not None:
            details, errors = clean_details(type or self.type, details)
            if errors:
                raise Invalid(errors)
        if len(why) > TEXT_MAX:
            raise Invalid({"why": "too_long"})
        answers = Answers(type=type, category=category, priority=priority, why=why)
        self._check_relaxed(answers, by)
        before = self.version
        if texts:
            self.touch(at)
            self.record(EventKind.EDITED, by, at, changes={f: [getattr(self, f), new] for f, new in texts.items()})
            for field, new in texts.items():
                setattr(self, field, new)
        changed = self._classify_by(answers, by, at, details)
        if changed and self.version == before:
            self.touch(at)
        return bool(texts or changed)

    def _changed_texts(self, title: str | None, description: str | None) -> dict[str, str]:
        texts = {}
        if title is not None and (title := clean_title(title)) != self.title:
            texts["title"] = title
        if description is not None and description != self.description:
            if len(description) > TEXT_MAX:
                raise Invalid({"description": "too_long"})
            texts["description"] = description
        return texts

    def _classify_by(self, answers: Answers, by: User, at: datetime, details: dict | None = None) -> bool:
        """Apply type, category, priority and details; the version is the caller's work."""
        changes = {}
        if answers.type is not None and answers.type is not self.type:
            changes["type"] = [self.type, answers.type]
            self.type = answers.type
            self.restricted = answers.type is TicketType.SECURITY_ALERT
        if answers.category is not None and answers.category.id != self.category_id:
            changes["category"] = [self.category_id, answers.category.id]
            self.category, self.category_id = answers.category, answers.category.id
        if answers.priority is not None and answers.priority is not self.priority:
            changes["priority"] = [self.priority, answers.priority]
            self.priority = answers.priority
        if details is not None and details != self.details:
            changes["details"] = [self.details, details]
            self.details = details
        if not changes:
            return False
        terms = self._reclassify_clocks(changes, by, at, answers.why)
        self.record(EventKind.CLASSIFIED, by, at, changes=changes, **({"terms": terms.id} if terms else {}))
        self._route(by, at, "category" in changes)
        return True

    def _route(self, by: User, at: datetime, category_changed: bool) -> None:
        """A ticket that nobody owns follows its category to that category's team."""
        unowned = self.owner_id is None and self.status in (Status.NEW, Status.CLASSIFIED)
        if category_changed and unowned and self.category.team_id != self.team_id:
            self.record(EventKind.TEAM_CHANGED, by, at, **{"from": self.team_id, "to": self.category.team_id})
            self.team_id = self.category.team_id

    def pin(self, pinned: bool, *, by: User, at: datetime, version: int | None = None) -> bool:
        """Pin to the top of its column, or unpin. Raises Conflict (closed, pins_full)."""
        self.expect(version)
        self.settle(at)
        if not may(Ability.PIN, self.relation_to(by)):
            raise NotAllowed("manager_only")
        if pinned and self.status is Status.CLOSED:
            raise Conflict("closed")
        if pinned == (self.pinned_at is not None):
            return False
        if pinned and self._pins_beside() >= PINS_PER_COLUMN:
            raise Conflict("pins_full")
        self.touch(at)
        self.pinned_at = at if pinned else None
        self.relane()
        self.record(EventKind.PINNED if pinned else EventKind.UNPINNED, by, at)
        return True

    def _pins_beside(self) -> int:
        """How many pinned tickets its column has; the column is locked, so that two cannot both be the third."""
        db.session.execute(select(BoardColumn.status).where(BoardColumn.status == self.status).with_for_update())
        own = type(self)
        return db.session.scalar(select(func.count()).where(own.status == self.status, own.pinned_at.is_not(None)))

    def may_close_early(self, person: User) -> bool:
        return workflow.may_close_as(self.facts, self.relation_to(person))
