"""People: who signs in, what they may do, and how they like the desk."""

import secrets
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from flask import current_app
from flask_login import UserMixin
from sqlalchemy import JSON, Boolean, ForeignKey, Integer, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ticketing.extensions import db
from ticketing.models.team import Team
from ticketing.models.types import Code, Instant
from ticketing.rules.taxonomy import Role

# OWASP's second choice: strong enough, and 19 MiB a sign-in fits a small host.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _hasher.hash("nobody signs in with this")


class User(UserMixin, db.Model):
    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    handle: Mapped[str] = mapped_column(String(64), unique=True)  # what @mentions call them
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[Role] = mapped_column(Code(Role))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    # An integration or a rule: it acts as staff without a team, and its acts are nobody's reaction.
    machine: Mapped[bool] = mapped_column(Boolean, default=False)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    session_token: Mapped[str] = mapped_column(String(32), default=lambda: secrets.token_hex(16))
    time_zone: Mapped[str] = mapped_column(String(64), default=lambda: current_app.config["TIME_ZONE"])
    # Columns folded on the board: {"collapsed": ["closed"]}
    preferences: Mapped[dict] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(Instant)
    signed_in_at: Mapped[datetime | None] = mapped_column(Instant)
    logins: Mapped[int] = mapped_column(Integer, default=0)

    team: Mapped[Team | None] = relationship(lazy="select")

    def get_id(self) -> str:
        """The session's token travels with the id, so that a changed token ends every session."""
        return f"{self.id}.{self.session_token}"

    @property
    def is_active(self) -> bool:
        return self.active

    @property
    def is_staff(self) -> bool:
        return self.role.is_staff

    @property
    def is_human_staff(self) -> bool:
        """Whose acts can be a reaction (sla.md R2)."""
        return self.role.is_staff and not self.machine

    @property
    def is_manager(self) -> bool:
        return self.role.is_manager

    @property
    def is_admin(self) -> bool:
        return self.role is Role.ADMINISTRATOR

    @property
    def collapsed(self) -> list[str]:
        return (self.preferences or {}).get("collapsed", ["closed"])

    def fold(self, status: str, folded: bool) -> None:
        kept = [s for s in self.collapsed if s != status]
        self.preferences = {**(self.preferences or {}), "collapsed": kept + [status] * folded}

    def set_password(self, password: str) -> None:
        self.password_hash = _hasher.hash(password)
        self.end_sessions()

    def check_password(self, password: str) -> bool:
        if not self.password_hash:
            return waste_a_check(password)
        try:
            _hasher.verify(self.password_hash, password)
        except (VerifyMismatchError, InvalidHashError):
            return False
        if _hasher.check_needs_rehash(self.password_hash):
            self.password_hash = _hasher.hash(password)
        return self.active

    def end_sessions(self) -> None:
        self.session_token = secrets.token_hex(16)

    def disable(self) -> None:
        self.active = False
        self.end_sessions()


def lock_person(number: int) -> None:
    """Before anything else of theirs is written: sessions, links and codes are always locked after their person."""
    db.session.execute(select(User.id).where(User.id == number).with_for_update(key_share=True))


def waste_a_check(password: str) -> bool:
    """Spend the time of a real check, so that an unknown address cannot be told from a wrong password."""
    try:
        _hasher.verify(_NOBODY, password)
    except VerifyMismatchError:
        pass
    return False
