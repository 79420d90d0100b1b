"""Refusals in the administrators' log: one by one as long as they are few, then counted.

Whoever knocks a thousand times a minute must not fill the disk, nor hide what else has happened: tries at an account
that is there, or by a panel's key, are counted apart from all others.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from ticketing.extensions import db
from ticketing.models.audit import AuditEntry, AuditKind, record_audit

PER_ADDRESS = 150
PER_KIND = 500
PER_SUBJECT = 50  # an account or a panel's key
WITHIN = timedelta(hours=6)
ADDRESSES = 10  # that a count names


def record_refusal(
    kind: AuditKind, at: datetime, *, reason: str, address: str, actor_id: int | None = None,
    subject_id: int | None = None, embed_key_id: int | None = None, **facts,
) -> None:  # fmt: skip
    """Add an entry to the present transaction, or one to the count of those that are not written one by one."""
    recent = select(func.count()).where(AuditEntry.kind == kind, AuditEntry.at > at - WITHIN)
    told_of = (AuditEntry.subject_id == subject_id,) if subject_id else ()
    told_of += (AuditEntry.embed_key_id == embed_key_id,) if embed_key_id else ()
    few = told_of and db.session.scalar(recent.where(*told_of)) < PER_SUBJECT
    if few or (
        db.session.scalar(recent.where(AuditEntry.address == address[:45])) < PER_ADDRESS
        and db.session.scalar(recent) < PER_KIND
    ):
        record_audit(
            kind, at, reason=reason, address=address, actor_id=actor_id, subject_id=subject_id,
            embed_key_id=embed_key_id, **facts,
        )  # fmt: skip
        return
    counted = select(AuditEntry).where(AuditEntry.kind == AuditKind.REFUSALS, AuditEntry.at > at - WITHIN)
    for entry in db.session.scalars(counted.order_by(AuditEntry.id.desc()).with_for_update()):
        if entry.facts["reason"] == kind:
            seen = [*entry.facts.get("addresses", ()), address[:45]]
            entry.facts = entry.facts | {"count": entry.facts["count"] + 1, "last": reason,
                                         "addresses": list(dict.fromkeys(seen))[:ADDRESSES]}  # fmt: skip
            return
    record_audit(AuditKind.REFUSALS, at, reason=str(kind), count=1, last=reason, addresses=[address[:45]])
