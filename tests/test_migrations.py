"""The migrations on a filled database: up, down and up again, and nothing left to generate."""

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Integer, func, inspect, select, text

from tests.factories import at, person, ticket_in
from ticketing.extensions import db
from ticketing.models import Category, Setting, Team, Ticket
from ticketing.models.link import link
from ticketing.models.search_index import is_index, is_whole, missing_triggers, wrong_numbers
from ticketing.queries.filters import Filters
from ticketing.queries.search import looked_up
from ticketing.rules.recurrence import RULES, RULES_SETTING
from ticketing.rules.taxonomy import LinkKind, Status, TicketType

pytestmark = pytest.mark.both_databases


def rows():
    names = [name for name in inspect(db.engine).get_table_names() if name != "alembic_version"]
    with db.engine.connect() as connection:
        return {name: connection.scalar(text(f'SELECT count(*) FROM "{name}"')) for name in names}  # noqa: S608


def test_the_models_and_the_migrations_say_the_same(app):
    with app.app_context(), db.engine.connect() as connection:
        without_index = {
            "compare_type": True,
            "include_name": lambda name, kind, _: kind != "table" or not is_index(name),
        }
        context = MigrationContext.configure(connection, opts=without_index)
        assert compare_metadata(context, db.metadata) == []


def test_the_index_of_words_is_filled_for_what_was_there_before(app):
    with app.app_context():
        made = ticket_in(Status.DIAGNOSTICS, title="🙂Wallet leaks", details={"brand": "Northspin"})
        made.say("Seen in Łódź", internal=False, by=made.owner, at=at(9))
        made.say("Keep it quiet", internal=True, by=made.owner, at=at(10))
        number = made.id
        db.session.commit()
        db.session.remove()
        flask_migrate.downgrade(revision="0002")
        before = db.session.scalar(text("SELECT haystack FROM ticket"))
        assert before.strip() == "🙂wallet leaks northspin"
        seen = inspect(db.session.connection())
        left = set(seen.get_table_names()) | set(seen.get_view_names())
        assert not [name for name in left if "search" in name or name in ("ticket_text", "ticket_words")]
        db.session.remove()
        flask_migrate.upgrade()
        assert (wrong_numbers(1, 9), missing_triggers(), is_whole()) == ([], [], True)
        for word in ("wall", "north", "seen", "quiet"):
            found = looked_up(person("ann"), Filters(q=(word,)), at(20))
            assert found.numbers == [number], word


def test_what_was_there_before_is_signed_for_the_radar(app):
    with app.app_context():
        made = [
            ticket_in(Status.NEW, title=f"Wallet {'x' * n} leaks", type=TicketType.PAYMENT_ISSUE,
                      details={"provider": " Reelworks", "payment_system": "PayNetix"}) for n in (2, 3)
        ]  # fmt: skip
        ticket_in(Status.NEW, title="502")
        db.session.commit()
        signed = text("SELECT signature, provider, payment_system FROM ticket ORDER BY id")
        before = db.session.execute(signed).all()
        assert before[0] == (made[0].signature, "reelworks", "paynetix") and before[2] == (None, None, None)
        db.session.remove()
        flask_migrate.downgrade(revision="0004")
        assert "signature" not in {column["name"] for column in inspect(db.engine).get_columns("ticket")}
        flask_migrate.upgrade()
        assert db.session.execute(signed).all() == before
        assert db.session.get(Setting, RULES_SETTING).value == RULES


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
