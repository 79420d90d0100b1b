"""Many numbers as one value of a statement, so that the statement is the same for any of them."""

from sqlalchemy import ColumnElement, Integer, String, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


def found_among(column) -> ColumnElement[bool]:
    """The column's number is in :found, a JSON list."""
    return column.op("IN", is_comparison=True)(_Numbers(bindparam("found", type_=String())))


class _Numbers(FunctionElement):
    type = Integer()
    inherit_cache = True


@compiles(_Numbers)
def _for_sqlite(element, compiler, **kw) -> str:
    return f"(SELECT value FROM json_each({compiler.process(element.clauses, **kw)}))"  # noqa: S608


@compiles(_Numbers, "postgresql")
def _for_postgresql(element, compiler, **kw) -> str:
    given = compiler.process(element.clauses, **kw)
    return f"(SELECT CAST(value AS INTEGER) FROM json_array_elements_text(CAST({given} AS JSON)))"  # noqa: S608
