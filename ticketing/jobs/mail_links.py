"""Links by mail that let somebody set a password: after an invitation, or when the old one is forgotten.

The secret is sealed in the mail as long as that waits, and wiped when it was sent or given up; the link has its hash.
Addresses are made of TICKETING_BASE_URL alone, whatever a request says of its host.
"""

import secrets
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select, update

from ticketing.extensions import db
from ticketing.jobs import sign_in
from ticketing.jobs.outbox.announce import EMAIL
from ticketing.jobs.outbox.desk import mail_server
from ticketing.jobs.people import check_password
from ticketing.jobs.sealing import seal, unseal
from ticketing.models.audit import AuditKind, record_audit
from ticketing.models.outbox import Outbox
from ticketing.models.session import end_sessions_of
from ticketing.models.sign_in import LinkUse, OneTimeLink, hash_of
from ticketing.models.user import User, lock_person
from ticketing.queries.embed_keys import panel_of
from ticketing.rules.refusals import Conflict
from ticketing.rules.throttle import block_of

LASTS = {LinkUse.RESET: timedelta(hours=1), LinkUse.INVITATION: timedelta(days=7)}
_KEY = "link:"  # how the keys of these mails begin
_SEALED = "mail link"


def available() -> bool:
    """Can a mail with a link be sent from here at all?"""
    return mail_server() is not None and bool(current_app.config["BASE_URL"])


def ask_reset(email: str, address: str, at: datetime) -> int:
    """Send a link to whoever has this e-mail, if anybody; commits. Returns the seconds to wait where that is too often.

    Whether there is such an account does not show in what it returns, nor in how often it may be asked.
    """
    asker = {"asker": block_of(address)}
    if wait_s := sign_in.wait_s(asker, at):
        return wait_s
    sign_in.note_failure(asker, at)
    # Locked, so that requests at once are counted one after the other.
    user = db.session.scalar(select(User).where(User.email == email.strip().lower()).with_for_update(key_share=True))
    if sign_in.wait_s({"link": email}, at):
        user = None
    else:
        sign_in.note_failure({"link": email}, at)
    if user is not None and user.active and not user.machine and not _by_panel_alone(user):
        _send(user, LinkUse.RESET, None, address, at)
    db.session.commit()
    return 0


def invite(user: User, by: User, address: str, at: datetime) -> None:
    """Send a link with which this person sets their first password; commits. Raises Conflict("no_mail_server")."""
    if not available():
        raise Conflict("no_mail_server")
    _send(user, LinkUse.INVITATION, by, address, at)
    db.session.commit()


def _send(user: User, use: LinkUse, by: User | None, address: str, at: datetime) -> None:
    secret = OneTimeLink.make(use, user.id, at, at + LASTS[use])
    db.session.add(Outbox(
        dedupe_key=f"{_KEY}{use}:{secrets.token_hex(8)}", channel=EMAIL, recipient_id=user.id,
        payload={"link": str(use), "sealed": seal(secret, _SEALED)}, made_at=at, next_try_at=at,
    ))  # fmt: skip
    record_audit(AuditKind.LINK_SENT, at, actor_id=by and by.id, subject_id=user.id, address=address, link=str(use))


def secret_in(payload: dict, at: datetime) -> str | None:
    """Of the link that a waiting mail brings; None where that would let nobody in any more."""
    secret = unseal(payload.get("sealed", ""), _SEALED)
    return secret if secret and owner_of(secret, at) is not None else None


def _by_panel_alone(user: User) -> bool:
    """Has a panel alone ever signed them in? A password that they gave themselves would outlive the panel's word."""
    return user.password_hash is None and panel_of(user) is not None


def wiped(dedupe_key: str) -> dict:
    """What the outbox writes besides when this mail was sent or given up: nothing for mails without a link."""
    return {"payload": {"link": dedupe_key.split(":")[1]}} if dedupe_key.startswith(_KEY) else {}


def owner_of(secret: str, at: datetime) -> User | None:
    """Whose link this is, while it is good. Burns nothing."""
    query = select(User).join(OneTimeLink, OneTimeLink.user_id == User.id).where(*_good(secret, at), User.active)
    return db.session.scalar(query)


def set_password_by(secret: str, password: str, address: str, at: datetime) -> bool:
    """Set it and end every session; commits. False where the link is not good (any more): of two at once one gets it.

    Raises Invalid({"password": …}), and burns nothing then.
    """
    check_password(password)
    if (owner := owner_of(secret, at)) is None:
        return False
    lock_person(owner.id)
    burnt = update(OneTimeLink).where(*_good(secret, at)).values(used_at=at)
    if db.session.execute(burnt.execution_options(synchronize_session=False)).rowcount != 1:
        db.session.rollback()
        return False
    link = db.session.scalars(select(OneTimeLink).where(OneTimeLink.secret_hash == hash_of(secret))).one()
    user = db.session.get_one(User, link.user_id)
    if not user.active:
        db.session.rollback()
        return False
    user.set_password(password)
    OneTimeLink.burn_of(user.id, at)
    ended = end_sessions_of(user.id, at)
    sign_in.forget_failures("account", user.email)
    about = {"actor_id": user.id, "subject_id": user.id, "address": address}
    record_audit(AuditKind.LINK_USED, at, **about, link=str(link.use))
    record_audit(AuditKind.PASSWORD_CHANGED, at, **about, way=str(link.use), ended=ended)
    db.session.commit()
    return True


def _good(secret: str, at: datetime) -> tuple:
    return (OneTimeLink.secret_hash == hash_of(secret), OneTimeLink.use.in_(LASTS), OneTimeLink.used_at.is_(None),
            OneTimeLink.ends_at > at)  # fmt: skip
