"""Errors end the transaction in one place and answer in the form that was asked for."""

import logging
import secrets

from flask import Flask, g, render_template, request
from flask_login import AnonymousUserMixin, current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, SecurityError
from werkzeug.wrappers import Response

from ticketing.extensions import db, login_manager
from ticketing.rules.refusals import Conflict, IllegalMove, Invalid, NotAllowed, Refusal, Stale
from ticketing.web.frame import in_frame
from ticketing.web.respond import wants_fragment

log = logging.getLogger(__name__)

STATUS_OF = {IllegalMove: 409, Stale: 409, Conflict: 409, NotAllowed: 403, Invalid: 422}


def register(app: Flask) -> None:
    app.register_error_handler(HTTPException, on_http)
    app.register_error_handler(SecurityError, on_foreign_host)
    app.register_error_handler(CSRFError, on_csrf)
    app.register_error_handler(Refusal, on_refusal)
    app.register_error_handler(StaleDataError, on_stale_row)
    app.register_error_handler(IntegrityError, on_taken)
    app.register_error_handler(OperationalError, on_database)
    app.register_error_handler(Exception, on_bug)


def on_http(error: HTTPException) -> Response:
    db.session.rollback()
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response()
    headers = {"Allow": ", ".join(sorted(error.valid_methods))} if getattr(error, "valid_methods", None) else {}
    return answer(error.code or 500, headers=headers, connection_close=isinstance(error, RequestEntityTooLarge))


def on_foreign_host(_error: SecurityError) -> Response:
    """Asked under a host name that is not the desk's: no page can be made, for no address on it would be right."""
    return Response("Bad Request", 400, content_type="text/plain; charset=utf-8")


def on_csrf(_error: CSRFError) -> Response:
    """A token that no longer fits: mostly a session that ended while a form was being filled in.

    In a frame where another tab of the panel has handed over somebody else: who is signed in is not whose page it is.
    """
    db.session.rollback()
    if in_frame() or (not current_user.is_authenticated and request.endpoint != "accounts.sign_in"):
        return login_manager.unauthorized()
    return answer(400, code="form_expired")


def on_refusal(refusal: Refusal) -> Response:
    db.session.rollback()
    return answer(STATUS_OF.get(type(refusal), 409), code=refusal.code, facts=refusal.facts)


def on_stale_row(_error: StaleDataError) -> Response:
    db.session.rollback()
    return answer(409, code="stale")


def on_taken(error: IntegrityError) -> Response:
    """Two saved the same name at the same instant; who looked first was told at the field."""
    db.session.rollback()
    log.warning("taken: %s", error.orig)
    return answer(409, code="taken")


def on_database(error: OperationalError) -> Response:
    db.session.rollback()
    log.error("database: %s", error.orig)
    return answer(503)


def on_bug(_error: Exception) -> Response:
    db.session.rollback()
    number = secrets.token_hex(4)
    log.exception("error e-%s", number)
    return answer(500, number=number)


def answer(status: int, *, code: str | None = None, facts: dict | None = None, number: str | None = None,
           headers: dict | None = None, connection_close: bool = False) -> Response:  # fmt: skip
    """One error as a page, or as a toast for htmx. `code` names a refusal; `number` finds a bug in the log."""
    if not hasattr(g, "_login_user"):
        g._login_user = AnonymousUserMixin()  # a page about a broken database must not ask it who is looking
    template = "errors/toast.htmx.html" if wants_fragment() else "errors/error.html"
    body = render_template(template, status=status, code=code, facts=facts or {}, number=number)
    response = Response(body, status=status, content_type="text/html; charset=utf-8", headers=headers or {})
    if connection_close:
        response.headers["Connection"] = "close"
    return response
