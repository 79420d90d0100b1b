"""Time-based codes (RFC 6238) beside the password, and codes on paper for when the device is lost.

The secret is sealed in the database, the codes on paper are hashed there; both are shown once. A code lets in once:
the row is locked while one is looked at, so that of two at the same time one is heard.
"""

import secrets
from datetime import datetime, timedelta

import pyotp
from sqlalchemy import select

from ticketing.extensions import db
from ticketing.jobs import sign_in
from ticketing.jobs.people import shut_out
from ticketing.jobs.sealing import seal, unseal
from ticketing.models.audit import AuditKind, record_audit
from ticketing.models.outbox import Setting
from ticketing.models.session import end_tabs_of
from ticketing.models.sign_in import SecondFactor, hash_of
from ticketing.models.user import User, lock_person
from ticketing.rules.refusals import Conflict, Invalid
from ticketing.rules.taxonomy import Role

STEP_S = 30
STEPS_OFF = 1  # a clock may be so many steps wrong, either way
RECOVERY_CODES = 10
PATIENCE = timedelta(minutes=15)  # to set a device up
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # none that could be taken for another
_SEALED, _SETTING = "second factor", "second_factor"


def factor_of(user: User) -> SecondFactor | None:
    return db.session.get(SecondFactor, user.id)


def required_roles(*, hold: bool = False) -> set[Role]:
    """Whose sign-in by password takes a second step, whether they wish it or not. With `hold` the rule stays as it is
    until the end of the transaction: nobody slips in while it is saved."""
    row = db.session.get(Setting, _SETTING, with_for_update={"read": True} if hold else None)
    named = row.value.get("roles", ()) if row is not None and isinstance(row.value, dict) else ()
    return {role for role in Role if role in named}


def begin(user: User, at: datetime) -> str:
    """A new secret, sealed for this person, beside or in the place of the device they have. Whoever begins keeps it
    until it is confirmed: nothing is written, so that nobody ever confirms a secret that somebody else was shown."""
    return seal(f"{pyotp.random_base32()} {_generation(factor_of(user))} {int(at.timestamp())}", _use(user))


def secret_of(user: User, begun: str, at: datetime) -> str | None:
    """What `begin` sealed, base32; None for what it did not seal for this person, or too long ago."""
    opened = _opened(user, begun, at)
    return opened[0] if opened else None


def address_of(user: User, secret: str, desk: str) -> str:
    """What a device reads out of the picture: otpauth://…"""
    return pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=desk)


def confirm(user: User, begun: str, code: str, address: str, at: datetime) -> list[str]:
    """Set it up with the first code of the device, in the caller's transaction. Returns the codes for paper, once.

    The device that was there when it was begun is no good any more. Raises Conflict("set_up_already") where another one
    has come meanwhile, Conflict("not_begun") and Invalid({"code": "wrong_code"}).
    """
    row, opened = _locked(user), _opened(user, begun, at)
    if opened is None:
        raise Conflict("not_begun")
    secret, generation = opened
    if generation != _generation(row):
        raise Conflict("set_up_already")
    step = _step_of(secret, 0, code, at)
    if step is None:
        raise Invalid({"code": "wrong_code"})
    act = "set_up" if row is None else "changed"
    row = row or SecondFactor(user_id=user.id)
    row.sealed_secret, row.made_at, row.last_step = seal(secret, _SEALED), at, step
    codes = _new_codes(row)
    db.session.add(row)
    db.session.flush()
    _note(act, user, user, address, at)
    return codes


def check(user: User, code: str, at: datetime, counted_as: str) -> str | None:
    """Does this code let this person in? "second_factor", "recovery_code" or None; in the caller's transaction.

    `counted_as` is the name under which wrong codes are counted: their own, or of a browser that they have used before.
    Raises Conflict("too_many", wait_s=…) without looking at the code.
    """
    row = _locked(user)
    if row is None:
        return None
    if wait_s := sign_in.wait_s({"code": counted_as}, at):
        raise Conflict("too_many", wait_s=wait_s)
    secret = unseal(row.sealed_secret, _SEALED)
    step = _step_of(secret, row.last_step, code, at) if secret is not None else None
    if step is not None:
        row.last_step = step
        return "second_factor"
    mark = _mark(code)
    if mark in row.recovery:
        row.recovery = [one for one in row.recovery if one != mark]
        return "recovery_code"
    return None


def note_wrong(counted_as: str, at: datetime) -> None:
    """In the caller's transaction."""
    sign_in.note_failure({"code": counted_as}, at)


def note_right(counted_as: str) -> None:
    """In the caller's transaction: nothing to wait for any more."""
    sign_in.forget_failures("code", counted_as)


def renew_codes(user: User, address: str, at: datetime) -> list[str]:
    """New codes for paper instead of the old; in the caller's transaction. Raises Conflict("not_set_up")."""
    row = _locked(user)
    if row is None:
        raise Conflict("not_set_up")
    codes = _new_codes(row)
    _note("new_codes", user, user, address, at)
    return codes


def take_off(user: User, by: User | None, address: str, at: datetime) -> bool:
    """The password alone lets in again; commits. False where there is none.

    Whoever takes off somebody else's ends their sessions: the device may be in wrong hands. Raises Conflict("required")
    where people may not take off their own.
    """
    row = _locked(user)
    if row is None:
        db.session.rollback()
        return False
    own = by is not None and by.id == user.id
    if own and user.role in required_roles():
        db.session.rollback()
        raise Conflict("required")
    db.session.delete(row)
    note_right(user.email)
    if not own:
        shut_out(user, at)
    _note("taken_off", by, user, address, at)
    db.session.commit()
    return True


def require(roles: set[Role], at: datetime, by: User | None = None) -> int:
    """From now on these roles need one, in the caller's transaction. Who has none is signed out of their tabs, and
    sets one up as they come back; sessions that a panel opened stay. Returns how many sessions have ended.

    Raises Conflict("own_first") where whoever says so would be out themselves.
    """
    row = db.session.get(Setting, _SETTING, with_for_update=True) or Setting(key=_SETTING)
    added = roles - required_roles() if row.value else roles
    if by is not None and by.role in added and by.password_hash and factor_of(by) is None:
        raise Conflict("own_first")
    row.value = {"roles": sorted(roles)}
    db.session.add(row)
    without = select(User.id).where(User.role.in_(added), User.id.not_in(select(SecondFactor.user_id)))
    return end_tabs_of(without, at) if added else 0


def _locked(user: User) -> SecondFactor | None:
    """As it is once nobody else may change it. The person's row is the lock: there may be nothing else yet."""
    lock_person(user.id)
    return db.session.get(SecondFactor, user.id, populate_existing=True)


def _step_of(secret: str, after: int, code: str, at: datetime) -> int | None:
    """The half minute whose code this is: near enough, and later than `after`."""
    digits = "".join(code.split())
    if not (len(digits) == 6 and digits.isascii() and digits.isdigit()):
        return None
    totp, present = pyotp.TOTP(secret, interval=STEP_S), int(at.timestamp()) // STEP_S
    for step in range(present - STEPS_OFF, present + STEPS_OFF + 1):
        if step > after and secrets.compare_digest(totp.generate_otp(step), digits):
            return step
    return None


def _new_codes(row: SecondFactor) -> list[str]:
    codes = ["-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
             for _ in range(RECOVERY_CODES)]  # fmt: skip
    row.recovery = [_mark(code) for code in codes]
    return codes


def _opened(user: User, begun: str, at: datetime) -> tuple[str, str] | None:
    """(secret, generation of the device in whose place it comes)"""
    parts = (unseal(begun, _use(user)) or "").split()
    if len(parts) != 3 or at >= datetime.fromtimestamp(int(parts[2]), at.tzinfo) + PATIENCE:
        return None
    return parts[0], parts[1]


def _generation(row: SecondFactor | None) -> str:
    """Another for each device, so that of two that are set up at once one is it."""
    return hash_of(row.sealed_secret)[:16] if row is not None else "none"


def _use(user: User) -> str:
    return f"{_SEALED} of {user.id}"


def _mark(code: str) -> str:
    """Eighty random bits need no slow hash. However they are typed: capitals, blanks and dashes say nothing."""
    return hash_of("".join(letter for letter in code.lower() if letter.isalnum()))


def _note(act: str, by: User | None, user: User, address: str, at: datetime) -> None:
    who = {"actor_id": by and by.id, "subject_id": user.id, "address": address}
    record_audit(AuditKind.SECOND_FACTOR, at, **who, act=act)
