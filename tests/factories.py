"""The small cast and quick ways to a ticket in a given state, always through the real verbs."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from sqlalchemy import select

from ticketing.extensions import db
from ticketing.models import Category, Team, Ticket, User
from ticketing.models.answers import Answers
from ticketing.rules.taxonomy import Priority, ResolutionCode, Role, RootCause, Status, TicketType

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
# A real argon2 hash takes its time; only tests that sign in through the form set a password.
CAST = {
    "mara": ("Mara Lindqvist", Role.SUPPORT_MANAGER, None),
    "ann": ("Ann Haddad", Role.SUPPORT_ENGINEER, "technical_support"),
    "bo": ("Bo Bondar", Role.DEVOPS_ENGINEER, "devops"),
    "rita": ("Rita Salmi", Role.REPORTER, None),
    "sam": ("Sam Stranger", Role.REPORTER, None),
    "ada": ("Ada Admin", Role.ADMINISTRATOR, None),
    "ben": ("Ben Weber", Role.BACKEND_DEVELOPER, "backend"),
    "ida": ("Ida Moretti", Role.INTEGRATION_ENGINEER, "integration"),
}


def at(minutes: float = 0) -> datetime:
    return NOW + timedelta(minutes=minutes)


def person(handle: str, **changes) -> User:
    """One of the cast, or a new person with this handle; needs an application context."""
    found = db.session.scalar(select(User).where(User.handle == handle))
    if found is not None:
        return found
    name, role, team_key = CAST.get(handle, (handle.title(), Role.SUPPORT_ENGINEER, "technical_support"))
    team = db.session.scalar(select(Team).where(Team.key == team_key)) if team_key else None
    values = {"name": name, "role": role, "team": team, "email": f"{handle}@desk.example", "created_at": NOW}
    user = User(handle=handle, **(values | changes))
    db.session.add(user)
    db.session.flush()
    return user


def people() -> SimpleNamespace:
    """The whole cast: mara manages, ann and bo are engineers of two teams, rita reports, sam is a stranger."""
    return SimpleNamespace(**{handle: person(handle) for handle in CAST})


def category(key: str) -> Category:
    return db.session.scalar(select(Category).where(Category.key == key))


def team(key: str) -> Team:
    return db.session.scalar(select(Team).where(Team.key == key))


def ticket(title: str = "Deposits time out", *, by: User | None = None, moment: datetime = NOW, **facts) -> Ticket:
    """A new ticket, filed by rita unless `by` says otherwise."""
    by = by or person("rita")
    facts.setdefault("team_id", team("technical_support").id)
    return Ticket.file(title, by=by, at=moment, **facts)


def ticket_in(status: Status, *, owner: User | None = None, category_key: str = "user_system",
              priority: Priority = Priority.NORMAL, type: TicketType = TicketType.INCIDENT,
              moment: datetime = NOW, **facts) -> Ticket:  # fmt: skip
    """A ticket walked to `status` by its owner (ann unless said), one minute a move, closed by mara."""
    owner = owner or person("ann")
    made = ticket(moment=moment, type=type, priority=priority, **facts)
    if status is Status.NEW:
        return made
    steps = [
        (Status.CLASSIFIED, person("mara"), Answers(category=category(category_key))),
        (Status.ASSIGNED, owner, Answers(owner=owner)),
        (Status.DIAGNOSTICS, owner, None),
        (Status.CORRECTION, owner, None),
        (Status.SOLUTION_CHECK, owner, Answers(solution="Restarted the worker")),
        (Status.CLOSED, person("mara"),
         Answers(resolution_code=ResolutionCode.FIXED, root_cause=RootCause.SOFTWARE)),
    ]  # fmt: skip
    for minute, (step, by, answers) in enumerate(steps, 1):
        made.move_to(step, by=by, at=moment + timedelta(minutes=minute), answers=answers)
        if step is status:
            break
    return made
