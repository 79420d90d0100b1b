"""Runs the migrations on the application's own engine."""

from alembic import context
from flask import current_app

from ticketing.extensions import db
from ticketing.models.search_index import is_index
from ticketing.models.types import Code, Instant, Ranked

settings = current_app.extensions["migrate"].configure_args


def render_item(kind: str, item, _context) -> str | bool:
    """Write our own column types as what they are stored as: a migration must outlive the models."""
    stored = {Instant: "sa.BigInteger()", Ranked: "sa.SmallInteger()"}
    if kind == "type" and isinstance(item, Code):
        return f"sa.String(length={item.impl.length})"
    return stored.get(type(item), False) if kind == "type" else False


def include_name(name: str | None, kind: str, _parents) -> bool:
    """The index of words is no model: its tables, SQLite's own among them, are not for alembic to compare."""
    return kind != "table" or not is_index(name)


def run() -> None:
    with db.engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            # SQLite rebuilds a table to alter it; with foreign keys on, dropping the old one deletes
            # its children. The pragma does nothing inside a transaction, so it goes to the driver.
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        context.configure(connection=connection, target_metadata=db.metadata, render_item=render_item,
                          include_name=include_name, **settings)  # fmt: skip
        with context.begin_transaction():
            context.run_migrations()
            if is_sqlite:
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                if broken:
                    raise RuntimeError(f"a migration broke a foreign key: {broken}")
        if is_sqlite:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")


if context.is_offline_mode():
    raise SystemExit("Migrations run on a database, not offline.")
run()
