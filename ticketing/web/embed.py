"""The way in from somebody else's page: their server has signed who it is, and the frame gets a session of its own."""

from datetime import datetime
from urllib.parse import urlsplit

from flask import redirect, render_template, request, session, url_for
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from ticketing.clock import now
from ticketing.extensions import csrf, db
from ticketing.jobs import hand_off, told_refusals
from ticketing.models.audit import AuditKind, record_audit
from ticketing.models.embed import EmbedKey
from ticketing.models.session import end_tabs_out_of
from ticketing.rules.hand_off import THEMES, Claims, HandOffRefused
from ticketing.rules.numbers import whole
from ticketing.rules.refusals import Invalid
from ticketing.web import access, sessions
from ticketing.web.embed_blueprint import blueprint
from ticketing.web.frame import ENTERED, let_frame

_ATTEMPTS = 3
_TOKEN_NAMES = ("token", "jwt", "id_token")
_ROUTES = {"board": "board.show", "queue": "queue.show", "mine": "tickets.mine", "report": "embed.report"}


@blueprint.get("/enter")
@access.public
def enter_by_fragment() -> Response | tuple[str, int]:
    """A page whose script posts the token that stands behind its address's #, where no server sees it.

    ?key= says whose pages may show it.
    """
    if shown := _in_address():
        return shown
    named = EmbedKey.id == (whole(request.args.get("key", ""), 1) or 0)
    let_frame(db.session.scalar(select(EmbedKey.origins).where(named, EmbedKey.revoked_at.is_(None))) or [])
    return render_template("embed/enter.html")


@blueprint.post("/enter")
@csrf.exempt  # it comes from another page, and is proved by its signature
@access.public
def enter() -> Response | tuple[str, int]:
    if shown := _in_address():
        return shown
    try:
        token = request.form.get("token", "")
    except RequestEntityTooLarge:
        return _refused("too_large", None)
    for _attempt in range(_ATTEMPTS):
        try:
            return _come_in(token, now())
        except HandOffRefused as refusal:
            return _refused(refusal.reason, token)
        except IntegrityError:  # two first hand-offs at once wanted the same handle
            db.session.rollback()
    return _refused("busy", token)


enter.reads_any_text = True  # whatever stands in its form, it answers the same and leaves an entry in the log


def _come_in(token: str, at: datetime) -> Response:
    if request.headers.get("Sec-Fetch-Dest") == "document":
        raise HandOffRefused("not_framed")  # a link on any page could make somebody another person
    found = hand_off.take(token, _sender(), at)
    secret = found.secret.id if found.secret else None
    row = sessions.enter(found.user, at, embed_key_id=found.key.id, embed_secret_id=secret)
    found.user.signed_in_at, found.user.logins = at, found.user.logins + 1
    record_audit(
        AuditKind.HAND_OFF, at, actor_id=found.user.id, embed_key_id=found.key.id, address=sessions.address(),
        way=found.way, role=str(found.user.role), session=row.id,
    )  # fmt: skip
    db.session.commit()
    _remember(found.claims, found.key)
    let_frame(found.key.origins)
    return redirect(_view(found.claims, found.key, found.user), 303)


def _in_address() -> tuple[str, int] | None:
    """A token in an address stands in logs: it is burnt, and nobody comes in by it."""
    shown = next((request.args[name] for name in _TOKEN_NAMES if name in request.args), None)
    if shown is None:
        return None
    with sessions.writing():
        hand_off.spoil(shown, now())
        return _refused("in_address", None)


def _sender() -> str | None:
    """The origin of the page that sent the form: another page's own, or what the fragment's page was framed by.

    Under some Referrer-Policies a page's form says "null", which tells nothing; in a frame that is good enough, since
    the answer is shown to the key's origins alone and its cookie is good under that page alone.
    """
    origin = request.headers.get("Origin")
    if origin == "null" and request.headers.get("Sec-Fetch-Dest") in ("iframe", "frame"):
        return request.form.get("host") or None
    if origin == request.host_url.rstrip("/"):
        return request.form.get("host") or None
    return origin


def _remember(claims: Claims, key: EmbedKey) -> None:
    """What the frame goes by from here on: its host, to which it speaks, and how it looks."""
    sender = _sender()
    session["host"] = sender if sender in key.origins else key.origins[0] if len(key.origins) == 1 else ""
    session["theme"] = claims.theme


def _view(claims: Claims, key: EmbedKey, user) -> str:
    view = claims.view or key.default_view
    entered = {ENTERED: key.id}  # where no cookie comes with it, frames may still be told why (web/__init__.py)
    if access.ticket_id(view) is not None:
        return url_for("tickets.show", key=view, **entered)
    if view in ("board", "queue") and not user.is_staff:
        view = "mine"
    return url_for(_ROUTES.get(view, "home"), **entered)


def _refused(reason: str, token: str | None) -> tuple[str, int]:
    """The same for every reason. It may be shown by the pages of the key that the token names."""
    db.session.rollback()
    before = sessions.leave(now())  # whoever was in this frame before is not to be seen by whoever came now
    if before is not None:
        end_tabs_out_of(before.id, now())
    key = hand_off.key_of(token) if token else None
    told_refusals.record_refusal(
        AuditKind.HAND_OFF_REFUSED, now(), reason=reason, address=sessions.address(),
        embed_key_id=key.id if key else None, origin=_plain_origin(),
    )  # fmt: skip
    db.session.commit()
    if key is not None and key.revoked_at is None:
        let_frame(key.origins)
    return render_template("embed/refused.html"), 403


def _plain_origin() -> str:
    given = request.headers.get("Origin", "")[:200]
    try:
        parts = urlsplit(given)
    except ValueError:
        return ""
    if given == "null":
        return given
    return f"{parts.scheme}://{parts.netloc}"[:200] if parts.netloc and parts.netloc.isprintable() else ""


@blueprint.post("/theme")
@access.signed_in
def set_theme() -> tuple[str, int]:
    """How the page round the frame looks now: the session keeps it, since a frame may have no storage of its own."""
    if request.form.get("theme") not in THEMES:
        raise Invalid({"theme": "unknown_value"})
    session["theme"] = request.form["theme"]
    return "", 204
