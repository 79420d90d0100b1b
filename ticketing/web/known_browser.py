"""Browsers in which somebody has signed in before: their tries at that account are counted apart from strangers'.

Else ten wrong passwords from anywhere would keep anybody out. The cookie opens nothing; whoever steals it gets ten
tries more. It names accounts by a hash of their e-mail, each with a random number of this browser's own.
"""

import json
import secrets

from flask import current_app, request, url_for
from itsdangerous import BadData, URLSafeSerializer

from ticketing.models.sign_in import hash_of

COOKIE = "ticketing_known"
LASTS_S = 90 * 24 * 3600
ACCOUNTS = 5  # a browser that more people share is a stranger to the first of them


def bucket(email: str) -> str:
    """By which name tries at this account are counted here."""
    number = _read().get(_mark(email))
    return f"{email} {number}" if number else email


def names(email: str, block: str) -> dict[str, str]:
    """What is counted of a try. Where this browser is known, strangers behind the same address do not count."""
    mine = bucket(email)
    return {"account": mine} if mine != email else {"account": email, "address": block}


def remember(response, email: str):
    known = {mark: number for mark, number in _read().items() if mark != _mark(email)}
    kept = dict([*known.items(), (_mark(email), _read().get(_mark(email)) or secrets.token_hex(8))][-ACCOUNTS:])
    response.set_cookie(
        COOKIE, _serializer().dumps(kept), max_age=LASTS_S, httponly=True, samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"], path=url_for("accounts.sign_in"),
    )  # fmt: skip
    return response


def _read() -> dict[str, str]:
    try:
        found = _serializer().loads(request.cookies.get(COOKIE, ""))
    except (BadData, json.JSONDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def _mark(email: str) -> str:
    return hash_of(email.strip().lower())[:16]


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="known browser")
