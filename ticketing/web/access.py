"""The bouncer: who is asking, what their role may do, and which ticket they may have."""

import re
from collections.abc import Callable

from flask import Flask, abort, current_app, request
from flask_login import current_user
from sqlalchemy import bindparam, select

from ticketing.extensions import db, login_manager
from ticketing.models.comment import Watcher
from ticketing.models.ticket import Ticket
from ticketing.models.user import User
from ticketing.rules import abilities
from ticketing.rules.abilities import Ability, Permission
from ticketing.rules.numbers import whole
from ticketing.rules.refusals import NotAllowed

_TO_READ = select(Ticket).where(Ticket.id == bindparam("number"))
_TO_WRITE = _TO_READ.with_for_update().execution_options(populate_existing=True)
OTHER_FIELDS = ("other", "duplicate_of", "recurrence_of", "key")  # where a form names a second ticket
_KEY = re.compile(r"(?:[Tt]-?)?([0-9]{1,10})")  # people write T-142, t142 and 142


def public(view: Callable) -> Callable:
    """Open to strangers."""
    view.access = "public"
    return view


def signed_in(view: Callable) -> Callable:
    """Open to everybody with an account; what they get of a ticket is the loader's work."""
    view.access = "signed_in"
    return view


def needs(permission: Permission) -> Callable:
    """Open to the roles that have this permission."""

    def mark(view: Callable) -> Callable:
        view.access = permission
        return view

    return mark


def guard():
    """Before each request: what nobody opened is closed."""
    if request.endpoint is None:
        _ = current_user.is_authenticated  # no such address: the 404 (or 405) answers, and knows to whom
        return None
    if request.endpoint in ("static", "assets"):
        return None
    access = getattr(current_app.view_functions[request.endpoint], "access", None)
    if access == "public":
        return None
    if not current_user.is_authenticated:
        return login_manager.unauthorized()
    if access == "signed_in":
        return None
    if not isinstance(access, Permission) or not abilities.permitted(access, current_user.role):
        abort(403)
    return None


def person() -> User:
    """Whoever is signed in, as the row itself (not Flask-Login's stand-in)."""
    return current_user._get_current_object()


def ticket_id(key: str) -> int | None:
    found = _KEY.fullmatch(key.strip())
    return whole(found[1], 1) if found else None


def ticket_or_404(key: str, may: Ability = Ability.SEE) -> Ticket:
    """The only way a route gets a ticket. What may not be seen is not found; what may not be done is 403.

    In a writing request the row is locked until the end of the transaction.
    """
    ticket = visible_ticket(key, person())
    if ticket is None:
        abort(404)
    who = person()
    watching = ticket.restricted and ticket.is_watched_by(who)
    if not abilities.may(may, ticket.relation_to(who), restricted=ticket.restricted, watching=watching):
        raise NotAllowed("workers_only" if may is Ability.HOLD else "not_yours")
    return ticket


def visible_ticket(key: str, who: User) -> Ticket | None:
    """The ticket with this key if this person may know of it."""
    number = ticket_id(key)
    if number is None:
        return None
    writing = request.method not in ("GET", "HEAD")
    if writing:
        _lock_in_order(number)
    ticket = db.session.scalar(_TO_WRITE if writing else _TO_READ, {"number": number})
    if ticket is None:
        return None
    relation = ticket.relation_to(who)
    watching = ticket.restricted and not abilities.sees(relation, True, False) and _watches(ticket, who)
    return ticket if abilities.sees(relation, ticket.restricted, watching) else None


def _lock_in_order(number: int) -> None:
    """An act on two tickets locks both by number: two people who link them both ways must not wait for each other."""
    named = (request.form.get(field, "").rstrip("/").rsplit("/", 1)[-1] for field in OTHER_FIELDS)
    numbers = {number, *(found for text in named if (found := ticket_id(text)))}
    if len(numbers) > 1 and db.engine.dialect.name != "sqlite":  # SQLite has locked everything
        db.session.execute(select(Ticket.id).where(Ticket.id.in_(numbers)).order_by(Ticket.id).with_for_update())


def _watches(ticket: Ticket, who: User) -> bool:
    return db.session.get(Watcher, (ticket.id, who.id)) is not None


@login_manager.user_loader
def load_user(session_id: str) -> User | None:
    number, _, token = session_id.partition(".")
    if whole(number) is None:
        return None
    user = db.session.get(User, whole(number))
    return user if user is not None and user.active and user.session_token == token else None


def register(app: Flask) -> None:
    app.before_request(guard)
