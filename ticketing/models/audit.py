"""What administrators can look up later: who signed in, who was refused, who changed what of the desk's settings."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.extensions import db
from ticketing.models.types import Code, Instant


class AuditKind(StrEnum):
    """The closed vocabulary. Facts of each kind stand in _FACTS; no password, token or secret is ever one."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    SESSIONS_ENDED = "sessions_ended"
    PASSWORD_CHANGED = "password_changed"
    LINK_SENT = "link_sent"
    LINK_USED = "link_used"
    SECOND_FACTOR = "second_factor"
    HAND_OFF = "hand_off"
    HAND_OFF_REFUSED = "hand_off_refused"
    TAB_OPENED = "tab_opened"
    EMBED_KEY = "embed_key"
    PERSON = "person"
    SETTING = "setting"
    EXPORTED = "exported"
    REFUSALS = "refusals"  # how many of a kind were not written one by one


# What each kind must say; it may say more.
_FACTS = {
    AuditKind.SIGNED_IN: {"way"},  # password, second_factor, recovery_code, link
    AuditKind.SIGN_IN_FAILED: {"reason"},
    AuditKind.SIGNED_OUT: set(),
    AuditKind.SESSIONS_ENDED: {"count", "reason"},
    AuditKind.PASSWORD_CHANGED: {"way"},
    AuditKind.LINK_SENT: {"link"},
    AuditKind.LINK_USED: {"link"},
    AuditKind.SECOND_FACTOR: {"act"},
    AuditKind.HAND_OFF: {"way"},  # created, updated, adopted
    AuditKind.HAND_OFF_REFUSED: {"reason"},
    AuditKind.TAB_OPENED: set(),
    AuditKind.EMBED_KEY: {"act"},
    AuditKind.PERSON: {"act"},
    AuditKind.SETTING: {"setting", "act"},
    AuditKind.EXPORTED: {"what"},
    AuditKind.REFUSALS: {"reason", "count"},
}


class AuditEntry(db.Model):
    """`actor_id` did it, None where nobody was known; `subject_id` is the account it was done to."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_at", "at", "id"),
        Index("ix_audit_entry_kind", "kind", "at"),
        Index("ix_audit_entry_actor", "actor_id", "at"),
        Index("ix_audit_entry_subject", "subject_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    kind: Mapped[AuditKind] = mapped_column(Code(AuditKind))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    embed_key_id: Mapped[int | None] = mapped_column(ForeignKey("embed_key.id"))
    address: Mapped[str] = mapped_column(String(45), default="")
    facts: Mapped[dict] = mapped_column(JSON, default=dict)


def record_audit(
    kind: AuditKind, at: datetime, *, actor_id: int | None = None, subject_id: int | None = None,
    embed_key_id: int | None = None, address: str = "", **facts,
) -> AuditEntry:  # fmt: skip
    """Add an entry to the present transaction. Raises ValueError where a fact of this kind is missing."""
    missing = _FACTS[AuditKind(kind)] - facts.keys()
    if missing:
        raise ValueError(f"{kind} needs {', '.join(sorted(missing))}")
    entry = AuditEntry(
        kind=kind, at=at, actor_id=actor_id, subject_id=subject_id, embed_key_id=embed_key_id, address=address[:45],
        facts=facts,
    )  # fmt: skip
    db.session.add(entry)
    return entry
