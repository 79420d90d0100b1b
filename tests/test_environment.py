"""The ground the other tests stand on."""

import re
from pathlib import Path

import pytest
from flask import has_app_context, has_request_context
from flask_login import current_user
from sqlalchemy import text

from ticketing.extensions import db
from ticketing.web import access

ROOT = Path(__file__).parent.parent


def test_no_context_is_held_round_a_test(app):
    """Under one, a second client would be served as the first one's user."""
    assert not has_request_context()
    assert not has_app_context()


def test_two_clients_are_two_people(app, client_for, people):
    app.add_url_rule("/who", "who", access.public(lambda: getattr(current_user, "handle", "nobody")))
    ann, bo, nobody = client_for(people.ann), client_for(people.bo), app.test_client()
    assert ann.get("/who").text == "ann"
    assert bo.get("/who").text == "bo"
    assert nobody.get("/who").text == "nobody"
    assert ann.get("/who").text == "ann"


@pytest.mark.both_databases
def test_the_database_is_the_one_asked_for_and_migrated(app, database_kind):
    with app.app_context():
        assert db.engine.dialect.name == database_kind
        assert db.session.scalar(text("SELECT count(*) FROM alembic_version")) == 1


@pytest.mark.postgresql_only
def test_postgresql_is_18(app):
    with app.app_context():
        assert db.session.scalar(text("SHOW server_version")).startswith("18.")


@pytest.mark.both_databases
def test_two_applications_share_the_test_s_database(app, csrf_app):
    with app.app_context():
        db.session.execute(text("CREATE TABLE scratch (n INTEGER)"))
        db.session.execute(text("INSERT INTO scratch VALUES (7)"))
        db.session.commit()
    with csrf_app.app_context():
        assert db.session.scalar(text("SELECT n FROM scratch")) == 7


@pytest.mark.parametrize(
    "name", ["requirements.txt", "tests/requirements.txt", "docs/deploy/requirements-postgres.txt"]
)
def test_every_package_is_pinned(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    packages = [line for line in lines if line and not line.startswith(("#", "-r "))]
    assert packages
    assert [line for line in packages if not re.fullmatch(r"[\w.-]+(\[[\w,]+\])?==[\w.]+", line)] == []
