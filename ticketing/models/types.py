"""Column types that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, SmallInteger, String
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator):
    """An aware UTC datetime, stored as whole seconds since 1970. A naive datetime is a ValueError."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return self.stored(value)

    @staticmethod
    def stored(value: datetime | None) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return int(value.timestamp())

    def process_result_value(self, value, dialect):
        return None if value is None else datetime.fromtimestamp(value, UTC)


class Code(TypeDecorator):
    """A member of a StrEnum, stored as its short string."""

    impl = String
    cache_ok = True

    def __init__(self, enum: type[StrEnum], length: int = 24):
        super().__init__(length)
        self.enum = enum
        self._members = {member.value: member for member in enum}

    def process_bind_param(self, value, dialect):
        return self.stored(value)

    def stored(self, value: str | None) -> str | None:
        return None if value is None else self.enum(value).value

    def process_result_value(self, value, dialect):
        return None if value is None else self._members[value]


class Ranked(TypeDecorator):
    """A member of an ordered StrEnum, stored as its place from 1, so that it sorts by index."""

    impl = SmallInteger
    cache_ok = True

    def __init__(self, enum: type[StrEnum]):
        super().__init__()
        self.enum = enum
        self._members = list(enum)
        self._ranks = {member: place for place, member in enumerate(self._members, 1)}

    def process_bind_param(self, value, dialect):
        return None if value is None else self._ranks[self.enum(value)]

    def process_result_value(self, value, dialect):
        return None if value is None else self._members[value - 1]
