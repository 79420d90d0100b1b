"""The index of words: what is wrong with it is found and mended, and loads of any kind are indexed."""

import pytest
from sqlalchemy import text

from tests.factories import at, person, ticket, ticket_in
from ticketing.extensions import db
from ticketing.jobs import search as job
from ticketing.models import Ticket, search_index
from ticketing.models.dialects import dialect_name
from ticketing.queries.filters import Filters
from ticketing.queries.search import looked_up
from ticketing.rules.taxonomy import Status


@pytest.fixture
def desk(app, people):
    """Four tickets with a comment each, in a context."""
    with app.app_context():
        for number in range(1, 5):
            made = ticket(f"Wallet {number}", moment=at(number))
            made.say(f"said{number}", internal=number % 2 == 0, by=person("ann"), at=at(number))
        db.session.commit()
        yield app


def found(word):
    return looked_up(person("mara"), Filters(q=(word,)), at(60)).numbers


def spoil():
    """Somebody who went round the triggers: T-2 has no words, T-3 has another's."""
    if dialect_name() == "sqlite":
        db.session.execute(text("DELETE FROM ticket_search WHERE rowid = 2"))
        db.session.execute(text("UPDATE ticket_search SET title = 'other' WHERE rowid = 3"))
    else:
        db.session.execute(text("DELETE FROM ticket_search WHERE ticket_id = 2"))
        db.session.execute(text("UPDATE ticket_search SET words = 'other' WHERE ticket_id = 3"))
    db.session.commit()


def test_a_right_index_has_nothing_to_say(desk):
    findings = job.check(deep=True)
    assert not findings
    assert findings.looked_at == 4


@pytest.mark.parametrize("scratch", [False, True])
def test_what_is_wrong_is_named_and_written_anew(desk, scratch):
    spoil()
    findings = job.check()
    assert (findings.wrong, findings.named) == (2, [2, 3])
    assert found("wallet") == [4, 1]
    assert job.rebuild(scratch) == 4
    assert not job.check(deep=True)
    assert found("wallet") == [4, 3, 2, 1]
    assert found("said2") == [2]
    assert found("other") == []


def test_portions_cover_every_ticket(desk, monkeypatch):
    monkeypatch.setattr(job, "PORTION", 3)
    spoil()
    sizes = []
    assert job.check(tell=sizes.append).named == [2, 3]
    assert job.rebuild(tell=sizes.append) == 4
    assert sizes == [3, 1, 3, 1]
    assert not job.check()


def test_a_missing_trigger_is_named_and_made_again(desk):
    there = triggers()
    for table, name in (("comment", "comment_made"), ("ticket", "ticket_filed")):
        on = "" if dialect_name() == "sqlite" else f" ON {table}"
        db.session.execute(text(f"DROP TRIGGER ticket_search_{name}{on}"))
    db.session.commit()
    ticket("Wallet unseen")
    db.session.commit()
    findings = job.check()
    assert findings.triggers == ["ticket_search_comment_made", "ticket_search_ticket_filed"]
    assert findings.named == [5]
    job.rebuild()
    assert not job.check()
    assert triggers() == there  # word for word what the migration made
    ticket("Wallet seen")
    db.session.commit()
    assert found("wallet") == [6, 5, 4, 3, 2, 1]


def triggers():
    query = {
        "sqlite": "SELECT sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name",
        "postgresql": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgname",
    }
    return list(db.session.scalars(text(query[dialect_name()])))


@pytest.mark.sqlite_only
def test_words_of_a_ticket_that_is_gone_go_too(desk):
    db.session.execute(text("INSERT INTO ticket_search (rowid, title, state) VALUES (9, 'ghost', 'open')"))
    db.session.commit()
    assert job.check().named == [9]
    job.rebuild()
    assert not job.check(deep=True)


@pytest.mark.sqlite_only
def test_an_index_that_nobody_can_read_is_found_and_begun_anew(desk):
    db.session.execute(text("UPDATE ticket_search_data SET block = zeroblob(20) WHERE id > 10"))
    db.session.commit()
    db.session.remove()
    assert not job.check(deep=True).whole
    job.rebuild(scratch=True)
    assert not job.check(deep=True)
    assert found("said4") == [4]


def test_a_rebuild_in_an_empty_desk_does_nothing(app):
    with app.app_context():
        assert job.rebuild() == 0
        assert not job.check(deep=True)


def test_a_load_of_rows_is_indexed_at_its_end(desk):
    first = search_index.highest_number() + 1
    for most in (False, True):
        with search_index.many_rows(first, most=most):
            made = ticket_in(Status.ASSIGNED, title=f"Loaded {most}")
            db.session.flush()
            assert found(f"loaded {most}") == []
        assert found(f"loaded {most}") == [made.id]
        first = made.id + 1
        db.session.commit()
    assert not job.check()
    db.session.get(Ticket, 1).say("late word", internal=False, by=person("ann"), at=at(9))
    db.session.commit()
    assert found("late") == [1]
