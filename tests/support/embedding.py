"""Panels for tests: keys, tokens signed by them, and the way in."""

import secrets
from types import SimpleNamespace

import jwt

from ticketing.clock import now
from ticketing.extensions import db
from ticketing.jobs import embed_keys
from ticketing.models import EmbedKey

PANEL = "https://panel.example"
HOME = "https://localhost"  # frames have cookies over https alone
GIVEN = {
    "name": "Back office", "issuer": "panel", "audience": "ticketing", "algorithm": "HS256", "origins": PANEL,
    "role_ceiling": "support_manager", "default_view": "board",
}  # fmt: skip


def make_key(app, **given):
    """A key as an administrator makes it: its id, issuer, audience, algorithm, kid and secret."""
    with app.app_context():
        row, secret = embed_keys.make_key(GIVEN | given, None, now())
        kid = row.secrets[0].kid if secret else None
        return SimpleNamespace(id=row.id, issuer=row.issuer, audience=row.audience, algorithm=row.algorithm,
                               secret=secret, kid=kid)  # fmt: skip


def claims(key, **changed):
    """What a good token says; None takes a claim away."""
    at = int(now().timestamp())
    said = {
        "iss": key.issuer, "aud": key.audience, "sub": "panel-7", "email": "pia@panel.example", "name": "Pia Panel",
        "role": "support_engineer", "iat": at, "exp": at + 120, "jti": secrets.token_hex(12),
    }  # fmt: skip
    return {name: value for name, value in (said | changed).items() if value is not None}


def token(key, *, headers=None, secret=None, algorithm=None, **changed):
    return jwt.encode(claims(key, **changed), secret or key.secret, algorithm or key.algorithm, headers=headers)


def hand_over(client, text, origin=PANEL):
    """Post it as the panel's page does, into a frame."""
    headers = {"Origin": origin} if origin else {}
    return client.post("/embed/enter", data={"token": text}, headers=headers, base_url=HOME)


def frame_of(app, key, **changed):
    """A client that came in by this key: `get(client, "/board")` then asks within the frame."""
    client = app.test_client()
    answer = hand_over(client, token(key, **changed))
    assert answer.status_code == 303, answer.text
    return client


def get(client, path, **more):
    return client.get(f"/embed{path}", base_url=HOME, **more)


def post(client, path, **more):
    return client.post(f"/embed{path}", base_url=HOME, **more)


def row_of(key):
    return db.session.get(EmbedKey, key.id)
