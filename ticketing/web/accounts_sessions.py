"""Where a person is signed in, each place with an end of its own."""

import re
from datetime import datetime, timedelta

from flask import abort, current_app, redirect, url_for

from ticketing.clock import now
from ticketing.extensions import db
from ticketing.jobs.people import shut_out
from ticketing.models.audit import AuditKind, record_audit
from ticketing.models.session import SessionKind, UserSession, end_session
from ticketing.models.user import User, lock_person
from ticketing.queries.sessions import live_sessions
from ticketing.web import access, sessions
from ticketing.web.accounts_blueprint import blueprint
from ticketing.web.respond import Toast, keep
from ticketing.web.template_helpers import gettext as _

# What browsers call themselves holds the names of those whom they imitate: the first that fits is it.
_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Version", "Safari"))
_SYSTEMS = (("Android", "Android"), ("iPhone|iPad", "iOS"), ("Windows", "Windows"), ("Mac OS X", "macOS"),
            ("CrOS", "ChromeOS"), ("Linux", "Linux"))  # fmt: skip


@blueprint.post("/profile/sessions/<id:number>/end")
@access.signed_in
def end_own_session(number: int):
    """Somebody else's is not found."""
    user, at = access.person(), now()
    lock_person(user.id)
    row = db.session.get(UserSession, number)
    if row is None or row.user_id != user.id:
        abort(404)
    if number == sessions.here().number:
        abort(409)  # signing out is for that
    if end_session(number, at):
        _note(user, at, 1, "one")
    db.session.commit()
    keep(Toast(_("Signed out there")))
    return redirect(url_for("accounts.profile", _anchor="sessions"), 303)


@blueprint.post("/profile/sessions/end")
@access.signed_in
def end_own_sessions():
    """Everywhere, here as well: whoever thinks that somebody has their password wants no exception."""
    user, at = access.person(), now()
    _note(user, at, shut_out(user, at), "own")
    sessions.leave(at)
    db.session.commit()
    keep(Toast(_("You are signed out everywhere")))
    return redirect(url_for("accounts.sign_in"), 303)


def shown(user: User, at: datetime) -> list[dict]:
    idle = timedelta(minutes=current_app.config["IDLE_MINUTES"])
    return [
        {"id": row.id, "name": browser(row.agent), "panel": row.panel, "framed": row.kind is SessionKind.FRAME,
         "address": row.address, "made_at": row.made_at, "seen_at": row.seen_at,
         "here": row.id == sessions.here().number}
        for row in live_sessions(user.id, at, idle)
    ]  # fmt: skip


def browser(agent: str) -> str:
    """Such as "Firefox on Linux": a help for memory, nothing that could be relied upon."""
    name, system = (
        next((said for mark, said in known if re.search(mark, agent)), None) for known in (_BROWSERS, _SYSTEMS)
    )
    if name and system:
        return _("%(browser)s on %(system)s", browser=name, system=system)
    return name or system or _("Unknown browser")


def _note(user: User, at: datetime, count: int, reason: str) -> None:
    record_audit(AuditKind.SESSIONS_ENDED, at, actor_id=user.id, subject_id=user.id, address=sessions.address(),
                 count=count, reason=reason)  # fmt: skip
