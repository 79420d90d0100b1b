"""Settings: people, teams, categories, and the columns' limits."""

import re

import pytest
from sqlalchemy import select

from tests.support.sql import statements
from ticketing.extensions import db
from ticketing.models import BoardColumn, Category, Team, User
from ticketing.rules.taxonomy import Role, Status


@pytest.fixture
def ada(people, client_for):
    return client_for(people.ada)


def person_form(**changes):
    values = {"name": "Nia New", "email": "nia@desk.example", "role": "support_engineer", "team": "", "active": "y"}
    return values | changes


def find(app, **by):
    with app.app_context():
        [(name, value)] = by.items()
        user = db.session.scalar(select(User).where(getattr(User, name) == value))
        if user is not None:
            assert user.team is None or user.team.key
            db.session.expunge_all()
        return user


def test_people_are_listed_and_found(app, people, ada):
    page = ada.get("/settings/people").text
    assert "Ann Haddad" in page
    assert "Rita Salmi" in page
    found = ada.get("/settings/people?q=BOND&team=devops&role=devops_engineer").text
    assert "Bo Bondar" in found
    assert "Ann Haddad" not in found
    assert "Nobody matches" in ada.get("/settings/people?q=%25").text


def test_disabled_people_show_when_asked_for(app, people, ada):
    with app.app_context():
        db.session.get(User, people.sam.id).disable()
        db.session.commit()
    assert "Sam Stranger" not in ada.get("/settings/people").text
    assert "Sam Stranger" in ada.get("/settings/people?show=everybody").text


def test_a_new_person_gets_a_password_that_is_shown_once(app, people, ada):
    answer = ada.post("/settings/people/new", data=person_form(email=" Nia@Desk.example"))
    assert answer.status_code == 200
    password = re.search(r'id="secret">([^<]+)<', answer.text)[1]
    assert answer.headers["Cache-Control"] == "no-store"
    entered = app.test_client().post("/sign-in", data={"email": "nia@desk.example", "password": password})
    assert entered.status_code == 303
    assert password not in ada.get("/settings/people").text
    with app.app_context():
        made = db.session.scalar(select(User).where(User.handle == "nia"))
        assert (made.role, made.team.key) == (Role.SUPPORT_ENGINEER, "technical_support")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"email": "no address"}, "email"),
        ({"email": "ANN@desk.example"}, "email"),
        ({"role": "king"}, "role"),
        ({"team": "nowhere"}, "team"),
    ],
)
@pytest.mark.parametrize("path", ["/settings/people/new", "/settings/people/3"])
def test_what_is_wrong_with_a_person_is_said_at_its_field(app, people, ada, path, change, field):
    answer = ada.post(path, data=person_form(**change))
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert 'id="form-errors"' in answer.text
    assert find(app, email="nia@desk.example") is None
    assert find(app, name="Bo Bondar") is not None


def test_a_person_is_changed(app, people, ada):
    form = person_form(name="Bo B. Bondar", email="bo@desk.example", role="backend_developer", team="backend")
    assert ada.post(f"/settings/people/{people.bo.id}", data=form).status_code == 303
    assert "Bo B. Bondar saved" in ada.get("/settings/people").text
    with app.app_context():
        bo = db.session.get(User, people.bo.id)
        assert (bo.name, bo.role, bo.team.key, bo.active) == ("Bo B. Bondar", Role.BACKEND_DEVELOPER, "backend", True)


def test_a_reporter_is_in_no_team(app, people, ada):
    form = person_form(email="bo@desk.example", role="reporter", team="backend")
    ada.post(f"/settings/people/{people.bo.id}", data=form)
    with app.app_context():
        assert db.session.get(User, people.bo.id).team_id is None


def test_an_account_is_closed_and_opened_again(app, people, ada, client_for):
    bo = client_for(people.bo)
    form = person_form(email="bo@desk.example", role="devops_engineer")
    del form["active"]
    ada.post(f"/settings/people/{people.bo.id}", data=form)
    assert bo.get("/queue").status_code == 302
    ada.post(f"/settings/people/{people.bo.id}", data=form | {"active": "y"})
    assert find(app, handle="bo").active


@pytest.mark.parametrize(("change", "field"), [({"role": "reporter"}, "role"), ({"active": ""}, "active")])
def test_the_last_administrator_stays(app, people, ada, change, field):
    form = person_form(email="ada@desk.example", role="administrator") | change
    if not form["active"]:
        del form["active"]
    answer = ada.post(f"/settings/people/{people.ada.id}", data=form)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert "last active administrator" in answer.text
    kept = find(app, handle="ada")
    assert kept.active
    assert kept.is_admin


def test_a_reset_password_is_shown_once_and_ends_the_sessions(app, people, ada, client_for):
    ann = client_for(people.ann)
    answer = ada.post(f"/settings/people/{people.ann.id}/password")
    password = re.search(r'id="secret">([^<]+)<', answer.text)[1]
    assert ann.get("/queue").status_code == 302
    entered = app.test_client().post("/sign-in", data={"email": people.ann.email, "password": password})
    assert entered.status_code == 303


def test_teams_are_added_and_renamed(app, ada):
    assert ada.post("/settings/teams", data={"name": "Risk & Fraud"}).status_code == 303
    with app.app_context():
        team = db.session.scalar(select(Team).where(Team.name == "Risk & Fraud"))
        number, key = team.id, team.key
    assert key == "risk_fraud"
    assert ada.post(f"/settings/teams/{number}", data={"name": "Risk"}).status_code == 303
    page = ada.get("/settings/teams").text
    assert "Team saved" in page
    with app.app_context():
        assert db.session.get(Team, number).key == "risk_fraud"


@pytest.mark.parametrize("name", ["", "devops", "x" * 81])
@pytest.mark.parametrize("path", ["/settings/teams", "/settings/teams/1", "/settings/categories/new"])
def test_a_name_that_will_not_do_is_refused_at_its_field(app, ada, path, name):
    name = "payment processing" if name == "devops" and "categories" in path else name
    answer = ada.post(path, data={"name": name, "team": "devops", "priority": "high"})
    assert answer.status_code == 422
    assert 'id="name-error"' in answer.text


def test_categories_are_added_and_changed(app, ada):
    form = {"name": "Bonus engine", "team": "backend", "priority": "high", "active": "y"}
    assert ada.post("/settings/categories/new", data=form).status_code == 303
    with app.app_context():
        made = db.session.scalar(select(Category).where(Category.key == "bonus_engine"))
        number = made.id
        assert (made.team.key, made.priority, made.active) == ("backend", "high", True)
    ada.post(f"/settings/categories/{number}", data={"name": "Bonuses", "team": "devops", "priority": "low"})
    with app.app_context():
        changed = db.session.get(Category, number)
        assert (changed.name, changed.team.key, changed.priority, changed.active) == ("Bonuses", "devops", "low", False)
    assert "Bonuses" not in ada.get("/queue").text


@pytest.mark.parametrize("path", ["people", "teams", "categories"])
def test_what_does_not_exist_is_404(ada, path):
    assert ada.get(f"/settings/{path}/9999").status_code == 404


def test_a_manager_sets_the_limits_and_sees_no_more(app, people, client_for):
    mara = client_for(people.mara)
    page = mara.get("/settings/board").text
    assert "/settings/people" not in page
    assert mara.post("/settings/board", data={"new": "20", "diagnostics": "5", "correction": ""}).status_code == 303
    assert "Limits saved" in mara.get("/settings/board").text
    with app.app_context():
        limits = {column.status: column.wip_limit for column in db.session.scalars(select(BoardColumn))}
    assert (limits[Status.NEW], limits[Status.DIAGNOSTICS], limits[Status.CORRECTION]) == (20, 5, None)


@pytest.mark.parametrize("limit", ["0", "-3", "1000", "many", "1.5", "٣"])
def test_a_limit_that_is_none_is_refused_at_its_field(app, people, client_for, limit):
    answer = client_for(people.mara).post("/settings/board", data={"new": "7", "diagnostics": limit})
    assert answer.status_code == 422
    assert 'id="diagnostics-error"' in answer.text
    with app.app_context():
        assert not [column for column in db.session.scalars(select(BoardColumn)) if column.wip_limit]


@pytest.mark.parametrize(
    ("path", "cost"),
    [
        ("/settings/people", 5), ("/settings/people/2", 7), ("/settings/people/new", 3), ("/settings/teams", 3),
        ("/settings/teams/1", 3), ("/settings/categories", 3), ("/settings/categories/1", 5),
        ("/settings/categories/new", 3), ("/settings/board", 3), ("/profile", 4),
        ("/settings/sign-in", 4), ("/settings/embedding", 3), ("/settings/embedding/new", 2), ("/settings/audit", 3),
    ],
)  # fmt: skip
def test_each_page_costs_a_fixed_number_of_statements(app, ada, path, cost):
    with statements(app) as seen:
        assert ada.get(path).status_code == 200
    assert len(seen) == cost
