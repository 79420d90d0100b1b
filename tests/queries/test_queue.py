"""The queue's order, pages and counts, on both databases."""

import pytest

from tests import factories
from tests.support import terms
from ticketing.extensions import db
from ticketing.models import User
from ticketing.models.answers import Hold
from ticketing.queries import facets, queue
from ticketing.queries.counts import open_counts
from ticketing.queries.csv_export import export
from ticketing.queries.filters import Filters
from ticketing.queries.people import assignable
from ticketing.rules.taxonomy import HoldReason, Priority, Status, TicketType


@pytest.fixture
def desk(app, people):
    """T-1 low and due last, T-2 critical and due first, T-3 without a clock, T-4 on hold, T-5 closed.

    T-2 is at risk from minute 14 on and breached after minute 17.
    """
    with app.app_context():
        terms.set_target("high", None, None)
        factories.ticket("Low", priority=Priority.LOW, moment=factories.at(1))
        factories.ticket("Urgent", priority=Priority.CRITICAL, moment=factories.at(2))
        factories.ticket("No clock", priority=Priority.HIGH, moment=factories.at(3))
        held = factories.ticket_in(Status.DIAGNOSTICS, title="Held", owner=factories.person("bo"))
        held.hold(Hold(HoldReason.PROVIDER), by=factories.person("mara"), at=factories.at(10))
        factories.ticket_in(Status.CLOSED, title="Done")
        db.session.commit()
    return app


def listed(app, sort="due", number=1, who="mara", at=15, **filters):
    with app.app_context():
        viewer = db.session.scalar(db.select(User).where(User.handle == who))
        page = queue.load_page(viewer, Filters(**filters), sort, number, factories.at(at))
        return [row.id for row in page.rows]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("due", [2, 1, 3, 4]),
        ("key", [1, 2, 3, 4]),
        ("priority", [2, 3, 4, 1]),
        ("status", [2, 1, 3, 4]),
        ("owner", [4, 2, 1, 3]),
        ("created", [4, 1, 2, 3]),
        ("updated", [1, 2, 3, 4]),
    ],
)
def test_each_sort_and_its_reverse(desk, sort, expected):
    assert listed(desk, sort) == expected
    if sort != "owner":  # tickets that nobody owns stay last
        assert listed(desk, f"-{sort}") == expected[::-1]


def test_the_merged_walks_agree_with_a_plain_sort(app, people):
    with app.app_context():
        for number in range(75):
            status = list(Status)[number % 6]
            factories.ticket_in(status, title=f"N {number}", priority=list(Priority)[number % 4],
                                moment=factories.at(number * 7 % 50))  # fmt: skip
        db.session.commit()
    for sort in ("due", "created", "updated", "priority", "key", "status"):
        pages = [listed(app, sort, number) for number in (1, 2, 3)]
        assert [len(page) for page in pages] == [30, 30, 15], sort
        assert len(set(sum(pages, []))) == 75, sort
        backwards = sum((listed(app, f"-{sort}", number) for number in (1, 2, 3)), [])
        assert backwards == sum(pages, [])[::-1], sort


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"status": ("closed",)}, [5]),
        ({"status": ("new", "closed")}, [2, 1, 3, 5]),
        ({"hold": ("yes",)}, [4]),
        ({"hold": ("provider",)}, [4]),
        ({"hold": ("vendor",)}, []),
        ({"hold": ("no",)}, [2, 1, 3]),
        ({"due": ("at_risk",)}, [2]),
        ({"owner": ("bo",)}, [4]),
        ({"owner": ("bo", "none")}, [2, 1, 3, 4]),
        ({"view": ("unassigned",)}, [2, 1, 3]),
        ({"priority": ("critical", "low")}, [2, 1]),
        ({"q": ("t-3",)}, [3]),
        ({"category": ("none",)}, [2, 1, 3]),
    ],
)
def test_filters_narrow_the_list(desk, filters, expected):
    assert listed(desk, **filters) == expected


def test_totals_are_exact_and_capped_beyond(desk, monkeypatch):
    with desk.app_context():
        mara = factories.person("mara")
        page = queue.load_page(mara, Filters(), "due", 1, factories.at(60))
        assert (page.total, page.first, page.last, page.more) == (4, 1, 4, False)
        monkeypatch.setattr(queue, "PAGE", 2)
        monkeypatch.setattr(queue, "COUNTED_TO", 3)
        assert queue.load_page(mara, Filters(), "due", 1, factories.at(60), open_total=4).total == 4
        assert queue.load_page(mara, Filters(), "key", 1, factories.at(60)).total is None
        beyond = queue.load_page(mara, Filters(), "due", 9, factories.at(60), open_total=4)
        assert (beyond.rows, beyond.total) == ([], 4)


def test_tallies_count_what_is_listed(desk):
    with desk.app_context():
        ann, bo = factories.person("ann"), factories.person("bo")
        assert facets.tallies(ann, Filters(), factories.at(15)) == {"breached": 0, "at_risk": 1, "held": 1, "mine": 0}
        assert facets.tallies(bo, Filters(), factories.at(18))["breached"] == 1
        only_low = facets.tallies(bo, Filters(priority=("low",), due=("breached",)), factories.at(18))
        assert only_low == {"breached": 0, "at_risk": 0, "held": 0, "mine": 1}


def test_view_counts_follow_what_the_viewer_may_see(desk):
    with desk.app_context():
        bo, ann, mara = (factories.person(handle) for handle in ("bo", "ann", "mara"))
        factories.ticket("Alert", type=TicketType.SECURITY_ALERT, by=ann, team_id=factories.team("devops").id)
        db.session.commit()

        def counts(viewer):
            return facets.view_counts(viewer, open_counts(viewer, factories.at(60)), {"mine": 0})

        everything = {"": 5, "mine": 0, "unassigned": 4, "at_risk": None, "restricted": 1}
        assert counts(mara) == everything
        assert counts(bo) == everything | {"my_team": 2}
        assert counts(ann) == everything | {"my_team": 3}  # she reported the alert of another team
        ben = factories.person("ben")
        assert counts(ben) == {"": 4, "mine": 0, "unassigned": 3, "at_risk": None, "my_team": 0, "restricted": 0}


def test_facets_name_what_the_filters_hold(desk):
    with desk.app_context():
        found = facets.facets(factories.person("ann"), Filters(owner=("bo", "me")), factories.at(0))
    assert found.people == {"bo": "Bo Bondar"}
    assert list(found.teams) == ["technical_support", "devops", "backend", "integration"]
    assert found.categories["user_system"] == "User System"


def test_people_to_assign_begin_with_me_and_my_team(desk):
    with desk.app_context():
        rows = assignable(factories.person("bo"), factories.at(60))
    assert [(row.handle, row.open) for row in rows][0] == ("bo", 1)
    assert not {"rita", "sam"} & {row.handle for row in rows}


def test_the_file_follows_the_filters_of_the_page(desk):
    with desk.app_context():
        mara = factories.person("mara")
        text = "".join(export(mara, Filters(hold=("provider",)), factories.at(60)))
        some = "".join(export(mara, Filters(status=("new", "closed")), factories.at(60), numbers=[1, 5, 4]))
    assert [line.split(",")[0] for line in text.split("\r\n")] == ["\ufeffkey", "T-4", ""]
    assert [line.split(",")[0] for line in some.split("\r\n")] == ["\ufeffkey", "T-1", "T-5", ""]
