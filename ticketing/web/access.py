"""The bouncer: who is asking, what their role may do, and which ticket they may have."""

import re
from collections.abc import Callable

from flask import Flask, abort, current_app, request
from flask_login import current_user
from sqlalchemy import bindparam, select

from ticketing.extensions import db, login_manager
from ticketing.models.comment import Watcher
from ticketing.models.link import merged_into, way_of
from ticketing.models.ticket import Ticket
from ticketing.models.user import User
from ticketing.rules import abilities
from ticketing.rules.abilities import Ability, Permission
from ticketing.rules.numbers import whole
from ticketing.rules.refusals import NotAllowed
from ticketing.rules.taxonomy import Status

_TO_READ = select(Ticket).where(Ticket.id == bindparam("number"))
_TO_WRITE = _TO_READ.with_for_update().execution_options(populate_existing=True)
# Where a form names a second ticket, or several.
OTHER_FIELDS = ("other", "duplicate_of", "recurrence_of", "key", "parent_key", "related_to")
OTHERS_MAX = 10  # that one field may name
CHILD_FIELDS = ("close_children", "to_children")  # with which a form asks for its ticket's children as well
MERGED_FIELD = "to_merged"  # and for what was merged into it
_ATTEMPTS = 4
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

    In a writing request the row is locked until the end of the transaction, and with it what else the act concerns:
    a second ticket that the form names, children, the ticket that a reopened duplicate was merged into.
    """
    ticket = visible_ticket(key, person(), with_relatives=True)
    if ticket is None:
        abort(404)
    who = person()
    watching = ticket.restricted and ticket.is_watched_by(who)
    if not abilities.may(may, ticket.relation_to(who), restricted=ticket.restricted, watching=watching):
        raise NotAllowed("workers_only" if may is Ability.HOLD else "not_yours")
    return ticket


def visible_ticket(key: str, who: User, *, with_relatives: bool = False, lock: bool = True) -> Ticket | None:
    """The ticket with this key if this person may know of it. Without `lock` it is only looked at, even where the
    request writes."""
    number = ticket_id(key)
    if number is None:
        return None
    writing = lock and request.method not in ("GET", "HEAD")
    if writing:
        _lock_in_order(number, with_relatives)
    ticket = db.session.scalar(_TO_WRITE if writing else _TO_READ, {"number": number})
    if ticket is None:
        return None
    relation = ticket.relation_to(who)
    watching = ticket.restricted and not abilities.sees(relation, True, False) and _watches(ticket, who)
    return ticket if abilities.sees(relation, ticket.restricted, watching) else None


def _lock_in_order(number: int, with_relatives: bool) -> None:
    """An act on several tickets locks them by number: two people who link them both ways must not wait for each other.

    Who its relatives are may change while it waits for the first of them; then it lets go and begins anew.
    """
    if db.engine.dialect.name == "sqlite":  # it has locked everything
        return
    locked, wanted = set(), _concerned(number, with_relatives)
    for _ in range(_ATTEMPTS):
        if len(wanted) == 1 or wanted <= locked:
            return
        if locked:
            db.session.rollback()
        db.session.execute(select(Ticket.id).where(Ticket.id.in_(wanted)).order_by(Ticket.id).with_for_update())
        locked = wanted
        wanted = _concerned(number, with_relatives) if with_relatives else locked


def _concerned(number: int, with_relatives: bool) -> set[int]:
    named = (text.strip().rstrip("/").rsplit("/", 1)[-1] for field in OTHER_FIELDS for text in _values_of(field))
    numbers = {number, *(found for text in named if (found := ticket_id(text)))}
    if not with_relatives:
        return numbers
    if _may_reopen() or request.form.get("remove"):
        numbers = numbers.union(*map(way_of, numbers))  # a follower may have to leave any of these
    if any(request.form.get(field) for field in CHILD_FIELDS):
        numbers.update(db.session.scalars(select(Ticket.id).where(Ticket.parent_id == number)))
    if request.form.get(MERGED_FIELD):
        numbers |= merged_into(number)
    return numbers


def _values_of(field: str) -> list[str]:
    return list(dict.fromkeys(text for text in request.form.getlist(field) if text.strip()))[:OTHERS_MAX]


def _may_reopen() -> bool:
    """Could this form's move be a reopening, as far as it tells where it was sent from?"""
    target = request.form.get("to") or request.form.get("move")
    return target == Status.DIAGNOSTICS and request.form.get("from") in (None, "", Status.CLOSED)


def _watches(ticket: Ticket, who: User) -> bool:
    return db.session.get(Watcher, (ticket.id, who.id)) is not None


def register(app: Flask) -> None:
    app.before_request(guard)
