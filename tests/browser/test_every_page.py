"""Every page on a believable desk, light and dark, wide and narrow: nothing in the console, nothing for the
accessibility checker, no sideways scroll. With TICKETING_PICTURES=folder a picture of each is kept (`make pictures`).
"""

import os
from pathlib import Path

import pytest
from sqlalchemy import select

from ticketing.clock import now
from ticketing.extensions import db
from ticketing.jobs.demo.run import make_demo
from ticketing.jobs.reports.refresh import refresh
from ticketing.models import Comment, Ticket, User
from ticketing.rules.taxonomy import HOLDABLE, Role, Status

PICTURES = os.environ.get("TICKETING_PICTURES")
FOR_STAFF = {
    "board": "/board", "board-filtered": "/board?priority=critical&priority=high&q=deposit", "queue": "/queue",
    "queue-found": "/queue?q=deposit&status=any", "board-found": "/board?q=deposit",
    "queue-empty": "/queue?q=nothing-is-called-so", "queue-closed": "/queue?status=closed&sort=-updated",
    "ticket": "/tickets/{busy}", "ticket-history": "/tickets/{busy}?activity=history", "ticket-new": "/tickets/{new}",
    "ticket-closed": "/tickets/{closed}", "ticket-held": "/tickets/{held}", "ticket-actions": "/tickets/{busy}/actions",
    "ticket-edit": "/tickets/{busy}/edit", "ticket-hold": "/tickets/{busy}/hold",
    "ticket-link": "/tickets/{busy}/links",
    "ticket-similar": "/tickets/{busy}/similar", "new-similar": "/tickets/new?title=Payouts+stay+pending+at+Trustera",
    "ticket-close-as": "/tickets/{busy}/closing", "assign": "/board/people?ticket={busy}", "new": "/tickets/new",
    "new-recurrence": "/tickets/new?recurrence_of={closed}",
    "notifications": "/notifications", "notifications-none": "/notifications?page=99",
    "reports": "/reports?preset=12w", "reports-one-owner": "/reports?preset=1y&person=none",
    "reports-behind": "/reports/tickets?figure=resolution&preset=12w", "glossary": "/reports/glossary",
    "reports-behind-none": "/reports/tickets?figure=closed&first=2020-01-01&last=2020-01-31",
    "now": "/reports/now", "providers": "/reports/providers?preset=12w",
    "provider": "/reports/providers/{party}?preset=12w",
    "providers-none": "/reports/providers?first=2020-01-01&last=2020-01-31",
    "recurring": "/reports/recurring", "trouble": "/reports/recurring/{flare}",
    "trouble-back": "/reports/recurring/{back}",
    "new-payment": "/tickets/new?type=payment_issue&title=Deposits+time+out", "mine": "/my", "profile": "/profile",
    "second-step": "/profile/second-factor",
}  # fmt: skip
FOR_ADMINISTRATORS = {
    "people": "/settings/people", "person": "/settings/people/1", "person-new": "/settings/people/new",
    "teams": "/settings/teams", "team": "/settings/teams/1", "categories": "/settings/categories",
    "category": "/settings/categories/1", "category-new": "/settings/categories/new", "columns": "/settings/board",
    "policies": "/settings/policies?try_created=2026-04-30T16:30&try_zone=Europe/Berlin#try",
    "policy-last": "/settings/policies/everything_else", "policy-new": "/settings/policies/new",
    "policy-removal": "/settings/policies/security/removal", "recalculation": "/settings/policies/recalculation",
    "calendars": "/settings/calendars", "calendar": "/settings/calendars/office",
    "calendar-new": "/settings/calendars/new", "calendar-in-use": "/settings/calendars/office/removal",
    "versions": "/settings/versions", "version": "/settings/versions/1",
    "sign-in-rules": "/settings/sign-in", "embedding": "/settings/embedding",
    "embedding-new": "/settings/embedding/new", "audit": "/settings/audit",
    "messages": "/settings/messages", "what-if": "/settings/what-if",
    "what-if-document": "/settings/what-if?with=document",
}  # fmt: skip
FOR_REPORTERS = {
    "reporter-mine": "/my",
    "reporter-found": "/my?q=p",
    "reporter-new": "/tickets/new",
    "reporter-ticket": "/tickets/{reported}",
}
MISSING = {"missing": "/tickets/T-999999", "unknown-value": "/queue?status=lost"}
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def desk(live):
    """A demo desk, who looks at it, and tickets worth looking at."""
    with live.app.app_context():
        make_demo(120, 7, now())
        db.session.commit()
        refresh(now(), "UTC")

        def person(role):
            return db.session.scalars(select(User).where(User.role == role, User.active).order_by(User.id)).first()

        def key(*conditions):
            found = select(Ticket).where(*conditions).order_by(Ticket.comment_count.desc())
            return db.session.scalars(found).first().key

        def trouble(*conditions):
            found = db.session.scalars(select(Ticket).where(*conditions).order_by(Ticket.id.desc())).first()
            return f"{found.signature}-{found.category_id or 0}"

        reporter = person(Role.REPORTER)
        said = select(Comment.ticket_id).where(Comment.internal)
        places = {
            "busy": key(Ticket.status.in_(HOLDABLE), Ticket.id.in_(said)),
            "new": key(Ticket.status == Status.NEW),
            "closed": key(Ticket.status == Status.CLOSED),
            "held": key(Ticket.hold_reason.is_not(None)),
            "reported": key(Ticket.reporter_id == reporter.id),
            "party": "provider/reelworks",
            "flare": trouble(Ticket.provider == "reelworks", Ticket.status == Status.NEW),
            "back": trouble(Ticket.provider == "tin lantern", Ticket.status == Status.CLOSED),
        }
        people = {role: person(role) for role in (Role.SUPPORT_MANAGER, Role.ADMINISTRATOR, Role.REPORTER)}
        db.session.expunge_all()
        return people, places


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_every_page_is_well(live, desk, new_context, axe, troubles, scheme, width):
    people, places = desk
    troubles.allow("status of 404")
    found = []
    visits = [
        (None, {"sign-in": "/sign-in"}), (Role.SUPPORT_MANAGER, FOR_STAFF | MISSING),
        (Role.ADMINISTRATOR, FOR_ADMINISTRATORS), (Role.REPORTER, FOR_REPORTERS),
    ]  # fmt: skip
    for role, pages in visits:
        page = new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
        if role is not None:
            live.sign_in(page, people[role])
        for name, path in pages.items():
            page.goto(path.format(**places))
            found += [f"{name}: {complaint}" for complaint in axe(page)]
            if page.evaluate(SIDEWAYS) > 0:
                found.append(f"{name}: scrolls sideways")
            if PICTURES:
                page.screenshot(path=Path(PICTURES) / f"{name}-{scheme}-{width}.png", full_page=name != "board")
        page.context.close()
    assert found == []
