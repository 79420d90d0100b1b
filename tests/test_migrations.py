"""The migrations on a filled database: up, down and up again, and nothing left to generate."""

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Integer, func, inspect, select, text

from tests.factories import at, ticket_in
from ticketing.extensions import db
from ticketing.models import Category, Team, Ticket
from ticketing.models.link import link
from ticketing.rules.taxonomy import LinkKind, Status

pytestmark = pytest.mark.both_databases


def rows():
    names = [name for name in inspect(db.engine).get_table_names() if name != "alembic_version"]
    with db.engine.connect() as connection:
        return {name: connection.scalar(text(f'SELECT count(*) FROM "{name}"')) for name in names}  # noqa: S608


def test_the_models_and_the_migrations_say_the_same(app):
    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_up_down_and_up_again_on_a_filled_database(app):
    with app.app_context():
        first, second = ticket_in(Status.CLOSED), ticket_in(Status.DIAGNOSTICS)
        second.say("We look at it", internal=False, by=second.owner, at=at(9))
        link(first, second, LinkKind.PARENT, by=second.owner, at=at(9))
        db.session.commit()
        assert rows()["event"] > 10
        db.session.remove()
        flask_migrate.downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
        flask_migrate.upgrade()
        assert db.session.scalar(select(func.count()).select_from(Team)) == 4
        assert db.session.scalar(select(func.count()).select_from(Category)) == 6


def test_a_rebuilt_table_keeps_its_rows_and_its_children(app):
    """SQLite alters a table by making it anew; the migrations' own connection must not take the children along."""
    with app.app_context():
        made = ticket_in(Status.DIAGNOSTICS)
        db.session.commit()
        number, before = made.id, rows()
        db.session.remove()
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection)
            if db.engine.dialect.name == "sqlite":
                connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
            with context.begin_transaction(), Operations(context).batch_alter_table("ticket") as batch:
                batch.add_column(Column("spare", Integer))
            connection.commit()
        assert rows() == before
        assert db.session.get(Ticket, number).title == "Deposits time out"
