"""Bad tokens of every kind: none lets in, all are answered alike, each is in the log with its reason, not itself."""

import base64
import json
import logging

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from sqlalchemy import select

from tests.support.embedding import HOME, PANEL, claims, get, hand_over, make_key, row_of, token
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.jobs import embed_keys
from ticketing.models import AuditEntry, BurntToken, EmbedIdentity, User, UserSession
from ticketing.models.audit import AuditKind

_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_OTHER_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_EC = ec.generate_private_key(ec.SECP256R1())
_ED = ed25519.Ed25519PrivateKey.generate()


def public_set(private, algorithm):
    kind = {"RS256": RSAAlgorithm, "ES256": ECAlgorithm, "EdDSA": OKPAlgorithm}[algorithm]
    return json.dumps({"keys": [json.loads(kind.to_jwk(private.public_key())) | {"kid": "k1", "use": "sig"}]})


def pem(private):
    return private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def part(value):
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unsigned(key, algorithm, signature=""):
    return f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(claims(key))}.{signature}"


def by_hmac_with(key, secret, algorithm="HS256"):
    """As somebody would sign who knows nothing but a public key; libraries refuse to, so by hand."""
    said = f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(claims(key))}"
    prepared = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    return f"{said}.{part(prepared.sign(said.encode(), secret))}"


def tampered(text):
    head, body, sign = text.split(".")
    said = json.loads(base64.urlsafe_b64decode(body + "==")) | {"role": "administrator"}
    return f"{head}.{part(said)}.{sign}"


@pytest.fixture
def keys(app, people):
    """`hs` with a secret, `rs`, `es` and `ed` with public keys, `gone` revoked, `second` another panel's."""
    made = {"hs": make_key(app), "second": make_key(app, name="Second", issuer="second", origins="https://two.example")}
    for name, algorithm, private in (("rs", "RS256", _RSA), ("es", "ES256", _EC), ("ed", "EdDSA", _ED)):
        made[name] = make_key(app, name=name, issuer=name, algorithm=algorithm, jwks=public_set(private, algorithm))
        made[name].private = private
    made["gone"] = make_key(app, name="Gone", issuer="gone")
    with app.app_context():
        embed_keys.revoke_key(row_of(made["gone"]), db.session.get(User, people.ada.id), now())
    return made


def at(seconds):
    return int(now().timestamp()) + seconds


BAD = {
    "nothing at all": (lambda k: "", "unknown_iss"),
    "no token": (lambda k: "hello", "unknown_iss"),
    "two dots": (lambda k: "..", "unknown_iss"),
    "a megabyte": (lambda k: "a" * 1_000_000, "unknown_iss"),
    "a huge claim": (lambda k: token(k["hs"], team="x" * 9000), "unknown_iss"),
    "no text": (lambda k: "\u00fc.\u00fc.\u00fc", "unknown_iss"),
    "nested deeply": (lambda k: f"{part({'alg': 'HS256'})}.{part(b'[' * 3000)}.x", "unknown_iss"),
    "a list for claims": (lambda k: f"{part({'alg': 'HS256'})}.{part([1])}.x", "unknown_iss"),
    "issuer unknown": (lambda k: token(k["hs"], iss="nobody"), "unknown_iss"),
    "issuer a number": (lambda k: f"{part({'alg': 'HS256'})}.{part({'iss': 7})}.x", "unknown_iss"),
    "issuer with NUL": (lambda k: token(k["hs"], iss="panel\0"), "unknown_iss"),
    "issuer another panel's": (lambda k: token(k["hs"], iss="second"), "origin"),
    "expired": (lambda k: token(k["hs"], iat=at(-400), exp=at(-200)), "expired"),
    "expired long ago": (lambda k: token(k["hs"], iat=100, exp=200), "expired"),
    "early": (lambda k: token(k["hs"], iat=at(100), exp=at(200)), "early"),
    "not before": (lambda k: token(k["hs"], nbf=at(100)), "early"),
    "valid for an hour": (lambda k: token(k["hs"], exp=at(3600)), "lifetime"),
    "valid for ever": (lambda k: token(k["hs"], exp=2**35), "lifetime"),
    "wrong audience": (lambda k: token(k["hs"], aud="elsewhere"), "aud"),
    "an audience that begins alike": (lambda k: token(k["hs"], aud="ticketing2"), "aud"),
    "another secret": (lambda k: token(k["hs"], secret="s" * 40), "signature"),
    "an empty secret": (lambda k: by_hmac_with(k["hs"], b""), "signature"),
    "the second panel's secret": (lambda k: token(k["hs"], secret=k["second"].secret), "signature"),
    "tampered": (lambda k: tampered(token(k["hs"])), "signature"),
    "signature cut off": (lambda k: token(k["hs"])[:-6], "unknown_iss"),  # 37 letters are no base64 at all
    "no signature": (lambda k: token(k["hs"]).rpartition(".")[0] + ".", "signature"),
    "none": (lambda k: unsigned(k["hs"], "none"), "alg"),
    "None": (lambda k: unsigned(k["hs"], "None"), "alg"),
    "NONE, signed with something": (lambda k: unsigned(k["rs"], "NONE", "abcd"), "alg"),
    "nOnE": (lambda k: unsigned(k["ed"], "nOnE"), "alg"),
    "hs256 in small letters": (lambda k: unsigned(k["hs"], "hs256", "abcd"), "alg"),
    "HS512": (lambda k: token(k["hs"], algorithm="HS512", secret=k["hs"].secret * 2), "alg"),
    "no algorithm": (lambda k: f"{part({'typ': 'JWT'})}.{part(claims(k['hs']))}.x", "unknown_iss"),
    "HMAC with the public RSA key": (lambda k: by_hmac_with(k["rs"], pem(_RSA)), "alg"),
    "the same, called RS256": (lambda k: by_hmac_with(k["rs"], pem(_RSA), "RS256"), "signature"),
    "HMAC with the public set": (
        lambda k: by_hmac_with(k["rs"], public_set(_RSA, "RS256").encode(), "RS256"), "signature"),
    "HMAC with the public EC key": (lambda k: by_hmac_with(k["es"], pem(_EC), "ES256"), "signature"),
    "RSA where a secret is agreed": (lambda k: token(k["hs"], secret=_RSA, algorithm="RS256"), "alg"),
    "another RSA key": (lambda k: token(k["rs"], secret=_OTHER_RSA), "signature"),
    "a kid of nobody": (lambda k: token(k["rs"], secret=_RSA, headers={"kid": "k2"}), "signature"),
    "a kid that is a path": (lambda k: token(k["hs"], headers={"kid": "../../dev/null"}), "signature"),
    "a kid that is SQL": (lambda k: token(k["hs"], headers={"kid": "' OR 1=1 --"}), "signature"),
    "the second panel's kid": (lambda k: token(k["hs"], headers={"kid": k["second"].kid}), "signature"),
    "its own key along": (lambda k: token(k["rs"], secret=_OTHER_RSA, headers={
        "jwk": json.loads(RSAAlgorithm.to_jwk(_OTHER_RSA.public_key()))}), "header"),
    "an address of keys": (lambda k: token(k["hs"], headers={"jku": "https://evil.example/keys"}), "header"),
    "a certificate's address": (lambda k: token(k["hs"], headers={"x5u": "https://evil.example/x"}), "header"),
    "something critical": (lambda k: token(k["hs"], headers={"crit": ["exp"]}), "unknown_iss"),
    "a role that is none": (lambda k: token(k["hs"], role="root"), "role"),
    "a list of roles": (lambda k: token(k["hs"], role=["reporter"]), "role"),
    "an e-mail that is none": (lambda k: token(k["hs"], email="pia"), "email"),
    "two e-mails": (lambda k: token(k["hs"], email="a@x.example,b@x.example"), "email"),
    "an e-mail with a line break": (lambda k: token(k["hs"], email="a@x.example\nBcc: b@x.example"), "email"),
    "a name of blanks": (lambda k: token(k["hs"], name="  "), "name"),
    "a team that is none": (lambda k: token(k["hs"], team="pirates"), "team"),
    "a view elsewhere": (lambda k: token(k["hs"], view="https://evil.example/"), "view"),
    "somebody's account here": (lambda k: token(k["hs"], email="ada@desk.example"), "email_taken"),
    "a revoked key": (lambda k: token(k["gone"]), "revoked"),
    **{f"without {name}": (lambda k, name=name: token(k["hs"], **{name: None}), f"no_{name}")
       for name in ("aud", "sub", "email", "name", "role", "iat", "exp", "jti")},
    "without iss": (lambda k: token(k["hs"], iss=None), "unknown_iss"),
}  # fmt: skip


def everything(app):
    with app.app_context():
        return [db.session.query(table).count() for table in (User, UserSession, BurntToken, EmbedIdentity)]


@pytest.mark.parametrize("case", BAD)
def test_a_bad_token_lets_nobody_in(app, keys, caplog, case):
    make, reason = BAD[case]
    text, before = make(keys), everything(app)
    client = app.test_client()
    with caplog.at_level(logging.DEBUG):
        answer = hand_over(client, text)
    assert (answer.status_code, "Location" in answer.headers) == (403, False)
    assert answer.get_data() == hand_over(app.test_client(), "x").get_data()  # byte for byte the same
    assert get(client, "/board").status_code == 401
    assert everything(app) == before
    with app.app_context():
        entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        entry = [one for one in entries if one.kind is AuditKind.HAND_OFF_REFUSED][0]
        assert (entry.facts["reason"], entry.address, entry.facts["origin"]) == (reason, "127.0.0.1", PANEL)
        if len(text) > 9:
            assert text not in caplog.text
            assert not any(text[-20:] in json.dumps(one.facts) for one in entries)


def test_there_are_as_many_cases_as_one_could_think_of():
    assert len(BAD) == 66


@pytest.mark.parametrize(("name", "headers"), [("rs", {}), ("rs", {"kid": "k1"}), ("es", {}), ("ed", {"kid": "k1"})])
def test_a_good_one_of_each_algorithm_lets_in(app, keys, name, headers):
    key = keys[name]
    client = app.test_client()
    answer = hand_over(client, token(key, secret=key.private, headers=headers))
    assert answer.location == f"/embed/board?entered={key.id}"
    assert get(client, "/board").status_code == 200


def test_a_token_lets_in_once(app, keys):
    text = token(keys["hs"])
    assert hand_over(app.test_client(), text).status_code == 303
    again = app.test_client()
    assert hand_over(again, text).status_code == 403
    assert get(again, "/board").status_code == 401
    with app.app_context():
        entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        assert [(one.kind, one.facts.get("reason")) for one in entries][-2:] == [
            (AuditKind.HAND_OFF, None), (AuditKind.HAND_OFF_REFUSED, "used"),
        ]  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_token_in_the_address_is_refused_and_burnt(app, keys, method):
    """It stands in logs now: whoever reads them is as late as whoever sent it."""
    text = token(keys["hs"])
    for name in ("token", "jwt"):
        answer = app.test_client().open(f"/embed/enter?{name}={text}", method=method, base_url=HOME)
        assert answer.status_code == 403
    assert hand_over(app.test_client(), text).status_code == 403
    assert hand_over(app.test_client(), token(keys["hs"])).status_code == 303


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://two.example", "http://panel.example"])
def test_another_page_cannot_hand_over(app, keys, origin):
    assert hand_over(app.test_client(), token(keys["hs"]), origin).status_code == 403


def test_both_secrets_are_good_until_one_retires(app, people, keys):
    key = keys["hs"]
    with app.app_context():
        ada = db.session.get(User, people.ada.id)
        fresh = embed_keys.rotate_secret(row_of(key), ada, now())
    for secret in (key.secret, fresh):
        assert hand_over(app.test_client(), token(key, secret=secret)).status_code == 303
    with app.app_context():
        row = row_of(key)
        assert all(one.used_at for one in row.secrets)
        embed_keys.retire_secret(row, row.secrets[0].id, db.session.get(User, people.ada.id), now())
    assert hand_over(app.test_client(), token(key)).status_code == 403
    assert hand_over(app.test_client(), token(key, secret=fresh)).status_code == 303


def test_many_refusals_are_counted_not_written_one_by_one(app, keys, monkeypatch):
    monkeypatch.setattr("ticketing.jobs.told_refusals.PER_ADDRESS", 5)
    for _ in range(8):
        hand_over(app.test_client(), "x")
    assert hand_over(app.test_client(), token(keys["hs"])).status_code == 303  # who is good is not kept waiting
    with app.app_context():
        entries = db.session.scalars(select(AuditEntry)).all()
        kinds = [one.kind for one in entries]
        assert kinds.count(AuditKind.HAND_OFF_REFUSED) == 5
        [counted] = [one for one in entries if one.kind is AuditKind.REFUSALS]
        assert (counted.facts["reason"], counted.facts["count"]) == ("hand_off_refused", 3)
