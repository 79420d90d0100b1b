"""Takes a token that another page's server has signed: proves it, burns it, and knows whom it means.

Everything is written in the caller's transaction, together with the session that follows.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt
from sqlalchemy import select

from ticketing.extensions import db
from ticketing.jobs.people import clean_email, clean_name, free_handle, leaves_an_administrator
from ticketing.jobs.sealing import unseal
from ticketing.models.dialects import insert_unless_there
from ticketing.models.embed import BurntToken, EmbedIdentity, EmbedKey, EmbedSecret
from ticketing.models.session import end_sessions_of
from ticketing.models.sign_in import OneTimeLink
from ticketing.models.team import Team
from ticketing.models.user import User, lock_person
from ticketing.rules.hand_off import LEEWAY_S, TOKEN_MAX, Claims, HandOffRefused, read_claims, within
from ticketing.rules.hand_off import rank as rank_of
from ticketing.rules.refusals import Invalid
from ticketing.rules.taxonomy import TEAM_OF_ROLE, Role

SECRET = "embed secret"
_HEADERS = {"alg", "typ", "kid"}  # whoever sends others wants them to be heeded
_UNPROVED = {"verify_signature": False, "verify_exp": False, "verify_aud": False, "verify_iss": False,
             "verify_nbf": False, "verify_iat": False, "verify_sub": False, "verify_jti": False}  # fmt: skip
_PROVED = _UNPROVED | {"verify_signature": True}


@dataclass(slots=True)
class HandOff:
    """`way` is created, updated or adopted; `secret` signed it, None where a public key proves it."""

    key: EmbedKey
    secret: EmbedSecret | None
    user: User
    claims: Claims
    way: str


def take(token: str, origin: str | None, at: datetime) -> HandOff:
    """Whoever a good token means. `origin` is the page that sent it, None where the browser did not tell.

    Raises HandOffRefused; the caller rolls back then.
    """
    key = key_of(token, lock=True)
    if key is None:
        raise HandOffRefused("unknown_iss")
    if key.revoked_at is not None:
        raise HandOffRefused("revoked")
    if origin is not None and origin not in key.origins:
        raise HandOffRefused("origin")
    payload, secret = _prove(token, key, at)
    claims = read_claims(payload, issuer=key.issuer, audience=key.audience, now_s=int(at.timestamp()))
    _burn(key, claims)
    user, way = _person(key, claims, at)
    key.used_at = at
    db.session.flush()
    return HandOff(key, secret, user, claims, way)


def spoil(token: str, at: datetime) -> None:
    """Burn a token that was shown where others may have read it. Commits; a bad one needs no burning."""
    try:
        key = key_of(token, lock=True)
        if key is not None:
            payload, _secret = _prove(token, key, at)
            _burn(key, read_claims(payload, issuer=key.issuer, audience=key.audience, now_s=int(at.timestamp())))
    except HandOffRefused:
        db.session.rollback()
    db.session.commit()


def key_of(token: str, *, lock: bool = False) -> EmbedKey | None:
    """The key whose issuer a token names, whoever has really written it; None for what is no token.

    Locked, so that two hand-offs of one panel make one account, and none outruns the key's revoking.
    """
    if not token or len(token) > TOKEN_MAX or not token.isascii():
        return None
    try:
        issuer = jwt.decode(token, options=_UNPROVED).get("iss")
    except (jwt.PyJWTError, ValueError, RecursionError):
        return None
    if not isinstance(issuer, str) or len(issuer) > 200 or not issuer.isprintable():
        return None
    query = select(EmbedKey).where(EmbedKey.issuer == issuer)
    return db.session.scalar(query.with_for_update(key_share=True) if lock else query)


def _prove(token: str, key: EmbedKey, at: datetime) -> tuple[dict, EmbedSecret | None]:
    """What it says, once its signature is one of this key's, and which secret made that."""
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise HandOffRefused("unreadable") from None
    if header.get("alg") != key.algorithm:
        raise HandOffRefused("alg")
    if header.keys() - _HEADERS:
        raise HandOffRefused("header")
    for proof, secret in _proofs(key, header.get("kid")):
        try:
            payload = jwt.decode(token, proof, algorithms=[key.algorithm], options=_PROVED)
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            continue
        if secret is not None:
            secret.used_at = at
        return payload, secret
    raise HandOffRefused("signature")


def _proofs(key: EmbedKey, kid: object) -> Iterator[tuple[object, EmbedSecret | None]]:
    """What the signature may be proved with: what `kid` names, or all that are in use where it names none."""
    if kid is not None and not isinstance(kid, str):
        raise HandOffRefused("kid")
    if key.algorithm == "HS256":
        for one in key.secrets:
            if one.retired_at is None and kid in (None, one.kid) and (text := unseal(one.sealed, SECRET)):
                yield text, one
        return
    try:
        known = jwt.PyJWKSet.from_json(key.jwks).keys
    except (jwt.PyJWTError, ValueError):
        raise HandOffRefused("jwks") from None
    for one in known:
        if kid is None or one.key_id == kid:
            yield one.key, None


def _burn(key: EmbedKey, claims: Claims) -> None:
    """The primary key decides among workers: a second one waits for the first and then finds it there."""
    ends_at = datetime.fromtimestamp(claims.expires_s, UTC) + timedelta(seconds=2 * LEEWAY_S)
    mark = hashlib.sha256(claims.jti.encode()).hexdigest()
    row = insert_unless_there(BurntToken.__table__).values(embed_key_id=key.id, jti_hash=mark, ends_at=ends_at)
    if db.session.execute(row.returning(BurntToken.__table__.c.jti_hash)).first() is None:
        raise HandOffRefused("used")


def _person(key: EmbedKey, claims: Claims, at: datetime) -> tuple[User, str]:
    try:
        email, name = clean_email(claims.email), clean_name(claims.name)
    except Invalid as refusal:
        raise HandOffRefused(next(iter(refusal.errors))) from None
    known = db.session.get(EmbedIdentity, (key.id, claims.sub))
    if known is not None:
        known.used_at = at
        user = db.session.get_one(User, known.user_id)
        _check(user, key)
        if known.adopted:
            if not key.adopts:
                raise HandOffRefused("email_taken")
            _check_rank(user, key)
        else:
            _follow(user, key, claims, email, name, at)
        return user, "updated"
    user = db.session.scalar(select(User).where(User.email == email))
    way = "created" if user is None else "adopted"
    if user is None:
        user = User(email=email, handle=free_handle(email), name=name, role=within(claims.role, key.role_ceiling),
                    created_at=at)  # fmt: skip
        user.team = _team(claims, user)
        db.session.add(user)
        db.session.flush()
    elif not key.adopts:
        raise HandOffRefused("email_taken")
    else:
        _check(user, key)
        _check_rank(user, key)
    db.session.add(EmbedIdentity(embed_key_id=key.id, sub=claims.sub, user_id=user.id, adopted=way == "adopted",
                                 made_at=at, used_at=at))  # fmt: skip
    return user, way


def _check(user: User, key: EmbedKey) -> None:
    if not user.active or user.machine:
        raise HandOffRefused("disabled")


def _check_rank(user: User, key: EmbedKey) -> None:
    """An account of the desk's own has a role of its own, which may have risen since it was adopted."""
    if rank_of(user.role) > rank_of(key.role_ceiling):
        raise HandOffRefused("above_ceiling")


def _follow(user: User, key: EmbedKey, claims: Claims, email: str, name: str, at: datetime) -> None:
    """What the panel says of its own people now. Another role ends what the old one has open."""
    role = within(claims.role, key.role_ceiling)
    if user.is_admin and role is not Role.ADMINISTRATOR and not leaves_an_administrator(user):
        raise HandOffRefused("last_administrator")
    if (user.role, user.email) != (role, email):
        lock_person(user.id)
        OneTimeLink.burn_of(user.id, at)
    if user.email != email:
        if db.session.scalar(select(User.id).where(User.email == email)) is not None:
            raise HandOffRefused("email_taken")
        user.email = email
    if user.role is not role:
        user.role = role
        user.end_sessions()
        end_sessions_of(user.id, at)
    user.name, user.team = name, _team(claims, user)


def _team(claims: Claims, user: User) -> Team | None:
    wanted = (claims.team or TEAM_OF_ROLE.get(user.role)) if user.role.is_staff else None
    if wanted is None:
        return None
    team = db.session.scalar(select(Team).where(Team.key == wanted))
    if team is None:
        raise HandOffRefused("team")
    return team
