"""Keys of panels as administrators keep them. Each function here commits, with its entry in the log."""

import json
import secrets
from datetime import datetime

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from sqlalchemy import or_, select, update

from ticketing.extensions import db
from ticketing.jobs.hand_off import SECRET
from ticketing.jobs.sealing import seal
from ticketing.models.audit import AuditKind, record_audit
from ticketing.models.embed import BurntToken, EmbedIdentity, EmbedKey, EmbedSecret
from ticketing.models.session import UserSession, end_sessions_by
from ticketing.models.sign_in import OneTimeLink, hash_of
from ticketing.models.user import User
from ticketing.rules.hand_off import ALGORITHMS, VIEWS, origin_of
from ticketing.rules.hand_off import rank as rank_of
from ticketing.rules.refusals import Conflict, Invalid
from ticketing.rules.taxonomy import Role

ORIGINS_MAX = 20
JWKS_MAX = 20_000  # characters
KEYS_MAX = 10  # in one set
RSA_MIN_BITS = 2048
_TEXTS = {"name": 80, "issuer": 200, "audience": 200}
_PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
_SORTS = {"RS256": RSAPublicKey, "ES256": EllipticCurvePublicKey, "EdDSA": Ed25519PublicKey}


def make_key(given: dict, by: User | None, at: datetime, address: str = "") -> tuple[EmbedKey, str | None]:
    """A new key, and its first secret where it has secrets: told this once.

    One with the issuer of a revoked key is its successor: the same people come in by it.

    `given`: name, issuer, audience, algorithm, jwks, origins (as typed, one a line), role_ceiling, default_view,
    adopts.
    Raises Invalid by field: required, too_long, unknown_value, taken, not_an_origin, too_many, not_keys, private_keys,
    weak_keys, wrong_keys.
    """
    values = _checked(given, None)
    before = _make_room(values)
    key = EmbedKey(**values, made_at=at)
    db.session.add(key)
    db.session.flush()
    if before is not None:
        for kept in (EmbedIdentity, BurntToken):  # what let in once does not do so by the successor
            moved = update(kept).where(kept.embed_key_id == before.id).values(embed_key_id=key.id)
            db.session.execute(moved.execution_options(synchronize_session=False))
    secret = _add_secret(key, at) if key.algorithm == "HS256" else None
    _note("made", key, by, at, address, **({"successor_of": before.id} if before else {}))
    db.session.commit()
    return key, secret


def change_key(key: EmbedKey, given: dict, by: User, at: datetime, address: str = "") -> list[str]:
    """What was changed, by the names of the fields. Raises Invalid as make_key does, Conflict("revoked").

    Whoever stands above a highest role that was lowered is out, and comes in again with less, or not at all.
    The algorithm stays: what a panel signs with is another key.
    """
    _lock(key)
    _keep_open(key)
    values = _checked(given | {"algorithm": key.algorithm}, key)
    changed = [name for name, value in values.items() if getattr(key, name) != value]
    gone = "jwks" in changed and not _holds(values["jwks"], key.jwks)
    for name in changed:
        setattr(key, name, values[name])
    if gone:  # a public key that was taken away may have been stolen
        end_sessions_by(key.id, at)
    if "adopts" in changed and not key.adopts:
        adopted = select(EmbedIdentity.user_id).where(EmbedIdentity.embed_key_id == key.id, EmbedIdentity.adopted)
        end_sessions_by(key.id, at, UserSession.user_id.in_(adopted))
    if "role_ceiling" in changed:
        above = [role for role in Role if rank_of(role) > rank_of(key.role_ceiling)]
        end_sessions_by(key.id, at, UserSession.user_id.in_(select(User.id).where(User.role.in_(above))))
    if changed:
        _note("changed", key, by, at, address, fields=changed, **{f"new_{one}": values[one] for one in changed})
    db.session.commit()
    return changed


def rotate_secret(key: EmbedKey, by: User, at: datetime, address: str = "") -> str:
    """A second secret beside the one in use, told this once. Raises Conflict: revoked, no_secrets, two_already."""
    _lock(key)  # two at once would make three
    _keep_open(key)
    if key.algorithm != "HS256":
        raise Conflict("no_secrets")
    if len([one for one in key.secrets if one.retired_at is None]) >= 2:
        raise Conflict("two_already")
    secret = _add_secret(key, at)
    _note("secret_made", key, by, at, address)
    db.session.commit()
    return secret


def retire_secret(key: EmbedKey, number: int, by: User, at: datetime, address: str = "") -> None:
    """What it has signed lets in no longer, and whoever came in by it is out.

    Raises Conflict: unknown_secret, only_one (revoke the key, or make another: else its panel would stand outside).
    """
    _lock(key)  # two at once would leave none
    one = next((one for one in key.secrets if one.id == number and one.retired_at is None), None)
    if one is None:
        raise Conflict("unknown_secret")
    if len([other for other in key.secrets if other.retired_at is None]) == 1:
        raise Conflict("only_one")
    one.retired_at = at
    by_it = or_(UserSession.embed_secret_id == one.id, UserSession.embed_secret_id.is_(None))  # None: nobody knows
    ended = end_sessions_by(key.id, at, by_it)
    _note("secret_retired", key, by, at, address, kid=one.kid, sessions=ended)
    db.session.commit()


def revoke_key(key: EmbedKey, by: User, at: datetime, address: str = "") -> int:
    """For good: nobody comes in by it any more, and whoever did is out. Returns how many sessions that ended."""
    _lock(key)
    if key.revoked_at is not None:
        return 0
    key.revoked_at, key.wall_hash = at, None
    links = update(OneTimeLink).where(OneTimeLink.embed_key_id == key.id, OneTimeLink.used_at.is_(None))
    db.session.execute(links.values(used_at=at).execution_options(synchronize_session=False))
    ended = end_sessions_by(key.id, at)
    _note("revoked", key, by, at, address, sessions=ended)
    db.session.commit()
    return ended


def publish_wall(key: EmbedKey, by: User, at: datetime, address: str = "") -> str:
    """A new address of the wallboard: its secret, told this once. The one before shows nothing any more.

    Raises Conflict("revoked").
    """
    _lock(key)
    _keep_open(key)
    secret = secrets.token_urlsafe(32)
    key.wall_hash = hash_of(secret)
    _note("wall_published", key, by, at, address)
    db.session.commit()
    return secret


def take_wall_back(key: EmbedKey, by: User, at: datetime, address: str = "") -> bool:
    """Nothing is shown at its address any more. False where there was none."""
    if key.wall_hash is None:
        return False
    key.wall_hash = None
    _note("wall_taken_back", key, by, at, address)
    db.session.commit()
    return True


def _lock(key: EmbedKey) -> None:
    """As it is now, until the end of the transaction. Rows that name it may be added meanwhile."""
    db.session.refresh(key, with_for_update={"key_share": True})
    db.session.expire(key, ["secrets"])


def _keep_open(key: EmbedKey) -> None:
    if key.revoked_at is not None:
        raise Conflict("revoked")


def _add_secret(key: EmbedKey, at: datetime) -> str:
    secret = secrets.token_urlsafe(32)
    key.secrets.append(EmbedSecret(kid=secrets.token_hex(8), sealed=seal(secret, SECRET), made_at=at))
    db.session.flush()
    return secret


def _note(act: str, key: EmbedKey, by: User | None, at: datetime, address: str, **facts) -> None:
    who = {"actor_id": by and by.id, "embed_key_id": key.id, "address": address}
    record_audit(AuditKind.EMBED_KEY, at, **who, act=act, name=key.name, **facts)


def _checked(given: dict, key: EmbedKey | None) -> dict:
    errors: dict[str, str] = {}
    values = {name: _text(given.get(name), name, most, errors) for name, most in _TEXTS.items()}
    for name in ("name", "issuer"):
        if name not in errors and _is_taken(getattr(EmbedKey, name), values[name], key):
            errors[name] = "taken"
    values["algorithm"] = _one_of(given.get("algorithm"), ALGORITHMS, "algorithm", errors)
    ceiling = _one_of(given.get("role_ceiling"), set(Role), "role_ceiling", errors)
    values["role_ceiling"] = Role(ceiling) if ceiling else None
    values["default_view"] = _one_of(given.get("default_view") or "board", VIEWS, "default_view", errors)
    values["adopts"] = bool(given.get("adopts"))
    values["origins"] = _origins(given.get("origins") or "", errors)
    asymmetric = values["algorithm"] in _SORTS
    values["jwks"] = _jwks(given.get("jwks") or "", values["algorithm"], errors) if asymmetric else ""
    if errors:
        raise Invalid(errors)
    return values


def _text(value: str | None, name: str, most: int, errors: dict) -> str:
    text = " ".join((value or "").split())
    if not text or not text.isprintable():
        errors[name] = "required"
    elif len(text) > most:
        errors[name] = "too_long"
    return text


def _is_taken(column, value: str, key: EmbedKey | None) -> bool:
    """By another key; a new one may have what a revoked one had."""
    query = select(EmbedKey.id).where(column == value, EmbedKey.id != (key.id if key else 0))
    return db.session.scalar(query if key else query.where(EmbedKey.revoked_at.is_(None))) is not None


def _make_room(values: dict) -> EmbedKey | None:
    """Revoked keys let go of a name and an issuer that a new key wants. The one whose issuer that was, if any."""
    before = None
    named = or_(EmbedKey.name == values["name"], EmbedKey.issuer == values["issuer"])
    revoked = select(EmbedKey).where(named, EmbedKey.revoked_at.is_not(None)).with_for_update(key_share=True)
    for old in db.session.scalars(revoked):
        if old.issuer == values["issuer"]:
            before = old
        for name, most in (("name", _TEXTS["name"]), ("issuer", _TEXTS["issuer"])):
            if getattr(old, name) == values[name]:
                mark = f" (revoked {old.id})"
                setattr(old, name, values[name][: most - len(mark)] + mark)
    db.session.flush()
    return before


def _one_of(value: object, known, name: str, errors: dict) -> str | None:
    if value not in known:
        errors[name] = "unknown_value" if value else "required"
        return None
    return str(value)


def _origins(text: str, errors: dict) -> list[str]:
    typed = text.split()
    found = list(dict.fromkeys(map(origin_of, typed)))
    if not typed:
        errors["origins"] = "required"
    elif None in found:
        errors["origins"] = "not_an_origin"
    elif len(found) > ORIGINS_MAX:
        errors["origins"] = "too_many"
    return found


def _jwks(text: str, algorithm: str, errors: dict) -> str:
    """A JWK set of public keys of one algorithm."""
    try:
        given = json.loads(text[: JWKS_MAX + 1])
        listed = given.get("keys", [given])
        if not listed or len(listed) > KEYS_MAX or not all(isinstance(one, dict) for one in listed):
            raise ValueError("no keys, or too many")
        if any(_PRIVATE & one.keys() for one in listed):
            errors["jwks"] = "private_keys"
            return text
        keys = [jwt.PyJWK(one, algorithm) for one in listed]
        right = all(_is_for(algorithm, one) for one in listed)
    except (ValueError, TypeError, AttributeError, RecursionError, jwt.PyJWTError):
        errors["jwks"] = "not_keys" if text.strip() else "required"
        return text
    if not right or not all(isinstance(one.key, _SORTS[algorithm]) for one in keys):
        errors["jwks"] = "wrong_keys"
    elif any(_is_weak(one.key) for one in keys):
        errors["jwks"] = "weak_keys"
    return json.dumps({"keys": [one | {"alg": algorithm} for one in listed]})


def _is_for(algorithm: str, given: dict) -> bool:
    """What a key says of itself (RFC 7517, 4): nothing, or that it checks signatures of this algorithm."""
    may = given.get("use", "sig") == "sig" and given.get("alg", algorithm) == algorithm
    return may and "verify" in given.get("key_ops", ["verify"]) and isinstance(given.get("kid", ""), str)


def _holds(jwks: str, before: str) -> bool:
    """Are all keys of the set before still there?"""
    return all(one in json.loads(jwks)["keys"] for one in json.loads(before or '{"keys": []}')["keys"])


def _is_weak(key) -> bool:
    if isinstance(key, RSAPublicKey):
        return key.key_size < RSA_MIN_BITS
    return isinstance(key, EllipticCurvePublicKey) and not isinstance(key.curve, SECP256R1)
