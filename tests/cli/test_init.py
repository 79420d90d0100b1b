"""flask init: a database and somebody who may let others in."""

import pytest
from sqlalchemy import select

from tests.support.databases import dispose
from ticketing.extensions import db
from ticketing.models import User
from ticketing.rules.taxonomy import Role

ASKED = "ada@desk.example\nAda Novak\nfrom the shed\nfrom the shed\n"


@pytest.mark.sqlite_only
def test_an_empty_file_becomes_a_desk_with_an_administrator(make_app, tmp_path):
    app = make_app(SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path / 'empty.db'}")
    result = app.test_cli_runner().invoke(args=["init"], input=ASKED)
    assert result.exit_code == 0, result.output
    assert "shed" not in result.output
    with app.app_context():
        ada = db.session.scalars(select(User)).one()
        assert (ada.email, ada.name, ada.role, ada.handle) == (
            "ada@desk.example",
            "Ada Novak",
            Role.ADMINISTRATOR,
            "ada",
        )
        assert ada.check_password("from the shed")
    dispose(app)


def test_the_environment_answers_and_a_second_run_changes_nothing(app, flask):
    given = {"TICKETING_ADMIN_EMAIL": "Ada@Desk.example", "TICKETING_ADMIN_PASSWORD": "from the shed"}
    assert "ada@desk.example is its administrator" in flask("init", env=given).output
    again = flask("init", env={"TICKETING_ADMIN_EMAIL": "eve@desk.example", "TICKETING_ADMIN_PASSWORD": "0123456789"})
    assert "Nothing else to do" in again.output
    with app.app_context():
        assert db.session.scalars(select(User.email)).all() == ["ada@desk.example"]


@pytest.mark.parametrize(("email", "password", "said"), [
    ("ada at desk", "from the shed", "--email: is not an e-mail address"),
    ("ada@desk.example", "short", "--password: must have at least 10 characters"),
])  # fmt: skip
def test_a_bad_answer_is_named_and_nobody_made(app, flask, email, password, said):
    result = flask("init", "--email", email, "--password", password, code=2)
    assert said in result.output
    with app.app_context():
        assert db.session.scalars(select(User)).all() == []
