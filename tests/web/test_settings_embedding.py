"""Settings → Embedding: made, changed, changed over, revoked; what is wrong is told at its field."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from sqlalchemy import select

from tests.support.embedding import GIVEN, frame_of, get, hand_over, make_key, token
from ticketing.extensions import db
from ticketing.models import AuditEntry, EmbedKey
from ticketing.models.audit import AuditKind

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
WEAK = rsa.generate_private_key(public_exponent=65537, key_size=1024)


@pytest.fixture
def ada(people, client_for):
    return client_for(people.ada)


def jwk(private, kind=RSAAlgorithm, public=True, **said):
    return json.dumps(kind.to_jwk(private.public_key() if public else private, as_dict=True) | said)


def form(**changed):
    return GIVEN | changed


def acts(app):
    with app.app_context():
        entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(one.facts["act"], one.actor_id) for one in entries if one.kind is AuditKind.EMBED_KEY]


def test_a_new_key_shows_its_secret_once(app, people, ada):
    page = ada.post("/settings/embedding/new", data=form(origins="https://Panel.example/\nhttp://localhost:3000"))
    assert page.status_code == 200
    secret = page.text.partition('id="secret">')[2].partition("<")[0]
    with app.app_context():
        key = db.session.scalars(select(EmbedKey)).one()
        assert key.origins == ["https://panel.example", "http://localhost:3000"]
        assert secret not in key.secrets[0].sealed
        db.session.expunge(key)
    key.secret = secret
    assert hand_over(app.test_client(), token(key)).status_code == 303
    assert secret not in ada.get(f"/settings/embedding/{key.id}").text
    assert acts(app) == [("made", people.ada.id)]
    listed = ada.get("/settings/embedding").text
    assert "Back office" in listed and "https://panel.example" in listed and "Never" not in listed


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": ""}, "This is needed"), ({"issuer": " "}, "This is needed"), ({"name": "x" * 81}, "long"),
        ({"origins": ""}, "This is needed"), ({"origins": "http://panel.example"}, "Write origins such as"),
        ({"origins": "https://panel.example/admin"}, "Write origins such as"),
        ({"origins": "*"}, "Write origins such as"),
        ({"origins": "\n".join(f"https://p{n}.example" for n in range(21))}, "too many"),
        ({"algorithm": "RS256", "jwks": ""}, "This is needed"),
        ({"algorithm": "RS256", "jwks": "{"}, "no set of public keys"),
        ({"algorithm": "RS256", "jwks": "[1]"}, "no set of public keys"),
        ({"algorithm": "RS256", "jwks": '{"keys": []}'}, "no set of public keys"),
        ({"algorithm": "RS256", "jwks": jwk(RSA, public=False)}, "private keys"),
        ({"algorithm": "RS256", "jwks": jwk(WEAK)}, "too weak"),
        ({"algorithm": "ES256", "jwks": jwk(RSA)}, "no set of public keys"),
        ({"algorithm": "ES256", "jwks": jwk(ec.generate_private_key(ec.SECP384R1()), ECAlgorithm)}, "too weak"),
        ({"algorithm": "RS256", "jwks": jwk(RSA, use="enc")}, "not for signatures"),
        ({"algorithm": "RS256", "jwks": jwk(RSA, key_ops=["encrypt"])}, "not for signatures"),
        ({"algorithm": "RS256", "jwks": jwk(RSA, alg="HS256")}, "not for signatures"),
        ({"algorithm": "RS256", "jwks": jwk(RSA, kid=7)}, "not for signatures"),
        ({"algorithm": "RS256", "jwks": jwk(RSA, key_ops=7)}, "no set of public keys"),
        ({"algorithm": "none"}, "Not a valid choice"), ({"role_ceiling": "root"}, "Not a valid choice"),
        ({"default_view": "settings"}, "Not a valid choice"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_and_nothing_is_made(app, ada, changed, said):
    answer = ada.post("/settings/embedding/new", data=form(**changed))
    assert (answer.status_code, said in answer.text) == (422, True)
    with app.app_context():
        assert db.session.scalars(select(EmbedKey)).all() == []


def test_names_and_issuers_are_taken_once(app, ada):
    make_key(app)
    answer = ada.post("/settings/embedding/new", data=form())
    assert answer.status_code == 422
    assert answer.text.count("This is taken already.") == 4  # in the summary and at the fields


def test_public_keys_are_pasted(app, ada):
    assert ada.post("/settings/embedding/new", data=form(algorithm="RS256", jwks=jwk(RSA))).status_code == 303
    with app.app_context():
        key = db.session.scalars(select(EmbedKey)).one()
        assert [one["alg"] for one in json.loads(key.jwks)["keys"]] == ["RS256"] and key.secrets == []
        db.session.expunge(key)
    assert hand_over(app.test_client(), token(key, secret=RSA)).status_code == 303


def test_a_key_is_changed_but_for_its_algorithm(app, people, ada):
    key = make_key(app)
    sent = form(
        name="New name", algorithm="RS256", role_ceiling="reporter", adopts="y", id=99, wall_hash="x", revoked_at=1
    )
    assert ada.post(f"/settings/embedding/{key.id}", data=sent).status_code == 303
    with app.app_context():
        row = db.session.get(EmbedKey, key.id)
        assert (row.name, row.algorithm, row.role_ceiling, row.adopts) == ("New name", "HS256", "reporter", True)
        assert (row.wall_hash, row.revoked_at) == (None, None)
    assert acts(app)[-1] == ("changed", people.ada.id)


def test_a_secret_is_changed_over(app, people, ada):
    key = make_key(app)
    page = ada.post(f"/settings/embedding/{key.id}/secrets")
    fresh = page.text.partition('id="secret">')[2].partition("<")[0]
    assert hand_over(app.test_client(), token(key, secret=fresh)).status_code == 303
    assert "Two are in use" in ada.post(f"/settings/embedding/{key.id}/secrets", follow_redirects=True).text
    with app.app_context():
        old = db.session.get(EmbedKey, key.id).secrets[0].id
    path = f"/settings/embedding/{key.id}/secrets/{old}/retiring"
    assert (ada.post(path).status_code, ada.post(path).status_code) == (303, 404)
    assert hand_over(app.test_client(), token(key)).status_code == 403
    assert [act for act, _by in acts(app)] == ["made", "secret_made", "secret_retired"]


def test_revoking_asks_and_ends_what_is_open(app, ada):
    key = make_key(app)
    client = frame_of(app, key)
    assert "1 session ends at once" in ada.get(f"/settings/embedding/{key.id}/revocation").text
    assert ada.post(f"/settings/embedding/{key.id}/revocation").status_code == 303
    assert get(client, "/board").status_code == 401
    assert ada.post(f"/settings/embedding/{key.id}", data=form(name="Again")).status_code == 409
    assert ada.post(f"/settings/embedding/{key.id}/secrets").status_code == 303  # with a toast that says no
    assert [act for act, _by in acts(app)] == ["made", "revoked"]
