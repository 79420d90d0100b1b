"""Writes compiled once for the driver, for what happens a thousand times a second.

SQLAlchemy's own way of running an INSERT costs several times what the database needs for it. Rows that nobody changes
later (events, levels, announcements) need none of it but the types.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, CursorResult, Table, bindparam, insert
from sqlalchemy.engine import Dialect

from ticketing.extensions import db
from ticketing.models.types import Code, Instant


@dataclass(frozen=True, slots=True)
class _Compiled:
    sql: str
    names: tuple[tuple[str, Callable | None], ...]  # with what turns a value into the driver's, in the SQL's order
    positional: bool
    fixed: dict  # what the statement itself says, such as an offset of none

    def parameters(self, values: dict):
        if self.fixed:
            values = self.fixed | values
        if self.positional:
            return tuple([values[name] if turn is None else turn(values[name]) for name, turn in self.names])
        return {name: values[name] if turn is None else turn(values[name]) for name, turn in self.names}


class Prepared:
    """A statement whose values are all named parameters; `run` takes one dict of them, or several."""

    def __init__(self, statement):
        self.statement = statement
        self._compiled: dict[tuple, _Compiled] = {}

    @classmethod
    def insert(cls, table: Table, *columns: str) -> "Prepared":
        values = {name: bindparam(name, type_=table.c[name].type) for name in columns}
        return cls(insert(table).values(values).inline())  # nobody asks for the number of such a row

    def run(self, values: dict | list[dict], connection: Connection | None = None) -> CursorResult:
        """In the transaction of `connection`, or of the session without flushing what a verb is in the middle of."""
        connection = connection or db.session.connection()
        compiled = self._for(connection.dialect)
        if isinstance(values, dict):
            return connection.exec_driver_sql(compiled.sql, compiled.parameters(values))
        return connection.exec_driver_sql(compiled.sql, [compiled.parameters(one) for one in values])

    def _for(self, dialect: Dialect) -> _Compiled:
        key = (dialect.name, dialect.driver)
        if key not in self._compiled:
            self._compiled[key] = _compile(self.statement, dialect)
        return self._compiled[key]


def _compile(statement, dialect: Dialect) -> _Compiled:
    compiled = statement.compile(dialect=dialect)
    turns = {name: _turn(bind.type, dialect) for name, bind in compiled.binds.items()}
    names = compiled.positiontup if compiled.positional else compiled.binds
    fixed = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
    return _Compiled(str(compiled), tuple((name, turns[name]) for name in names), compiled.positional, fixed)


def _turn(of_type, dialect: Dialect) -> Callable | None:
    """What makes the driver's value of a Python one: our own types say it directly."""
    if isinstance(of_type, Instant | Code):
        return of_type.stored
    return of_type.dialect_impl(dialect).bind_processor(dialect)
