"""Saved views: the present filters under a name, one person's own."""

import pytest
from sqlalchemy import func, select

from ticketing.extensions import db
from ticketing.models import SavedView
from ticketing.models.view import VIEWS_PER_PERSON

FRAGMENT = {"HX-Request": "true"}


def save(client, name="Payments", query="category=payment_processing&priority=high", **fields):
    return client.post("/views", data={"name": name, "query": query, "next": "/queue", **fields})


def count(app):
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(SavedView))


def test_a_saved_view_is_a_tab_that_knows_itself(people, client_for):
    client = client_for(people.ann)
    answer = save(client)
    assert answer.status_code == 303
    assert answer.location == "/queue?priority=high&category=payment_processing"
    page = client.get(answer.location).text
    assert page.count('aria-current="page">Payments') == 1
    assert "View Payments saved" in page
    assert "Payments" not in client_for(people.bo).get("/queue").text


@pytest.mark.parametrize(
    ("name", "query", "said"),
    [
        ("", "view=mine", "This is needed."),
        (" \n ", "view=mine", "This is needed."),
        ("x" * 41, "view=mine", "This is too long."),
        ("Empty", "", "Nothing is filtered yet."),
        ("Foreign", "colour=red", "Nothing is filtered yet."),
        ("pAYMENTS", "view=mine", "This is taken already."),
    ],
)
@pytest.mark.parametrize("headers", [{}, FRAGMENT], ids=["page", "fragment"])
def test_a_view_that_cannot_be_is_refused_at_its_field(app, people, client_for, name, query, said, headers):
    client = client_for(people.ann)
    save(client)
    answer = client.post("/views", data={"name": name, "query": query}, headers=headers)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert count(app) == 1


def test_filters_that_are_none_are_422(app, people, client_for):
    assert save(client_for(people.ann), query="status=limbo").status_code == 422
    assert count(app) == 0


def test_views_are_limited_in_number(app, people, client_for):
    client = client_for(people.ann)
    for number in range(VIEWS_PER_PERSON):
        assert save(client, f"View {number}").status_code == 303
    assert "Remove one first" in save(client, "One more").text
    assert count(app) == VIEWS_PER_PERSON


def test_a_view_is_removed_by_its_owner_alone(app, people, client_for):
    save(client_for(people.ann))
    assert client_for(people.bo).post("/views/1/delete").status_code == 404
    assert client_for(people.mara).post("/views/1/delete").status_code == 404
    assert count(app) == 1
    answer = client_for(people.ann).post("/views/1/delete", data={"next": "/board"})
    assert answer.location == "/board"
    assert count(app) == 0


def test_saving_by_htmx_goes_to_the_view(people, client_for):
    answer = client_for(people.ann).post("/views", data={"name": "Mine", "query": "view=mine"}, headers=FRAGMENT)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/queue?view=mine")
