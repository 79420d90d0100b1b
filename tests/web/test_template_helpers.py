"""What templates may call: times in the viewer's zone, words for codes, addresses of static files."""

import gc
import weakref
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask, g

from tests.support.databases import dispose
from tests.support.signing import sign_in
from ticketing import create_app
from ticketing.rules import taxonomy
from ticketing.web import template_helpers as helpers
from ticketing.web.labels import LABELS

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)  # a Tuesday


@pytest.fixture
def site(tmp_path):
    """A bare site with two static files, so that nothing but the helpers is under test."""
    static = tmp_path / "static"
    (static / "css").mkdir(parents=True)
    (static / "css" / "a.css").write_text("@layer base {}")
    (static / "icon.svg").write_text("<svg/>")
    app = Flask(__name__, static_folder=str(static))
    helpers.register(app)
    return app


@pytest.fixture
def viewer(site, monkeypatch):
    """Read at noon by somebody in Berlin, one hour ahead."""
    person = SimpleNamespace(time_zone="Europe/Berlin")
    monkeypatch.setattr(helpers, "current_user", person)
    with site.test_request_context():
        g.moment = NOON
        yield person


def render(site, text, **values):
    return site.jinja_env.from_string(text).render(**values)


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("status", taxonomy.Status),
        ("priority", taxonomy.Priority),
        ("type", taxonomy.TicketType),
        ("role", taxonomy.Role),
        ("team", taxonomy.TEAM_OF_ROLE.values()),
        ("hold_reason", taxonomy.HoldReason),
        ("resolution_code", taxonomy.ResolutionCode),
        ("root_cause", taxonomy.RootCause),
        ("link_kind", taxonomy.LinkKind),
        ("link_kind_back", taxonomy.LinkKind),
        ("detail", taxonomy.DETAIL_FIELDS),
        ("environment", taxonomy.ENVIRONMENTS),
    ],
)
def test_every_code_has_words_in_the_order_of_the_rules(kind, codes):
    words = list(LABELS[kind])
    assert [code for code in words if code in set(codes)] == words
    assert set(words) == {str(code) for code in codes}


def test_statuses_and_priorities_stand_in_their_own_order():
    assert list(LABELS["status"]) == list(taxonomy.STATUSES)
    assert list(LABELS["priority"]) == list(taxonomy.PRIORITIES)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("solution_check", "Solution check"),
        (taxonomy.Status.NEW, "New"),
        ("from_elsewhere", "From elsewhere"),
        (None, ""),
    ],
)
def test_a_code_nobody_named_is_still_readable(code, words):
    assert helpers.label(code, "status") == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0m"), (59, "<1m"), (60, "1m"), (2520, "42m"), (3600, "1h 00m"), (18120, "5h 02m"), (421200, "117h 00m"),
     (-1080, "18m")],
)  # fmt: skip
def test_a_duration_never_counts_days(seconds, words):
    assert helpers.duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(5, "<1m"), (60, "1m"), (3599, "59m"), (7200, "2h"), (86399, "23h"), (300000, "3d")]
)
def test_an_age_is_told_in_its_largest_unit(seconds, words, viewer):
    assert helpers.age(seconds) == words
    assert helpers.age(NOON - timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=4), "4 min ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(days=5), "5 d ago"),
        (timedelta(days=40), "Thu 22 Jan"),
    ],
)
def test_ago(before, words, viewer):
    assert helpers.ago(NOON - before) == words


def test_times_are_told_on_the_viewers_wall(viewer):
    assert helpers.clock_time(NOON) == "13:00"
    assert helpers.day_time(NOON) == "13:00"
    assert helpers.day_time(NOON - timedelta(days=1)) == "Mon 2 Mar, 13:00"
    assert helpers.day(NOON - timedelta(days=365)) == "Mon 3 Mar 2025"
    assert helpers.full_time(NOON) == "Tue 3 Mar 2026, 13:00:00 CET"
    assert helpers.iso(NOON) == "2026-03-03T12:00:00Z"


def test_today_is_the_viewers_day_and_not_the_servers(viewer):
    g.moment = datetime(2026, 3, 3, 23, 30, tzinfo=UTC)  # 00:30 on Wednesday in Berlin
    assert helpers.day_time(g.moment - timedelta(hours=1)) == "Tue 3 Mar, 23:30"


@pytest.mark.parametrize("zone", [None, "", "Mars/Olympus", "../etc/passwd"])
def test_an_unknown_zone_reads_as_utc(zone, viewer):
    viewer.time_zone = zone
    assert helpers.clock_time(NOON) == "12:00"


@pytest.mark.parametrize(
    ("name", "letters"), [("Ann Lee", "AL"), ("Ann Maria de la Cruz", "AC"), ("Ann", "AN"), ("Ж", "Ж"), ("", "?")]
)
def test_initials(name, letters):
    assert helpers.initials(name) == letters


def test_a_person_always_has_the_same_colour_of_eight():
    assert {helpers.hue(number) for number in range(100)} == set(range(1, 9))


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 B"), (999, "999 B"), (12_345, "12 kB"), (999_600, "1.0 MB"), (3_400_000, "3.4 MB"), (25_000_000, "25 MB")],
)
def test_file_sizes(size, words):
    assert helpers.file_size(size) == words


def test_an_asset_carries_the_version_of_the_whole_folder(site):
    with site.test_request_context():
        css, icon = helpers.asset("css/a.css"), helpers.asset("icon.svg")
    assert css.split("/")[:3] == icon.split("/")[:3]
    with site.test_client().get(css) as answer:
        assert (answer.status_code, answer.text) == (200, "@layer base {}")


def test_an_asset_under_another_version_is_sent_on_to_the_uncached_address(site):
    answer = site.test_client().get("/assets/00000000/css/a.css")
    assert (answer.status_code, answer.location) == (302, "/static/css/a.css")


def test_an_asset_that_does_not_exist_is_noticed_while_rendering(site):
    with site.test_request_context(), pytest.raises(LookupError, match="nowhere.css"):
        helpers.asset("nowhere.css")


def test_an_asset_lies_under_the_mount_point(site):
    with site.test_request_context(environ_overrides={"SCRIPT_NAME": "/desk"}):
        assert helpers.asset("icon.svg").startswith("/desk/assets/")


def test_while_working_a_changed_file_gets_a_new_address(site, tmp_path):
    site.debug = True
    with site.test_request_context():
        before = helpers.asset("icon.svg")
        (tmp_path / "static" / "new.svg").write_text("<svg><g/></svg>")
        assert helpers.asset("icon.svg") != before


def test_a_ticket_address_follows_the_route_and_the_mount_point(site):
    site.add_url_rule("/tickets/<key>", "tickets.show", lambda key: key)
    with site.test_request_context(environ_overrides={"SCRIPT_NAME": "/desk"}):
        assert [helpers.ticket_url(key) for key in ("T-1", "T-42")] == ["/desk/tickets/T-1", "/desk/tickets/T-42"]


def test_sentences_in_templates_escape_what_is_put_into_them(site):
    text = render(site, '{% autoescape true %}{{ _("%(title)s moved", title=title) }}{% endautoescape %}', title="<b>")
    assert text == "&lt;b&gt; moved"


def test_what_is_remembered_goes_with_the_application(database_url, people, tmp_path):
    """Else every application that tests make would stay, with all that it has drawn."""

    def used():
        app = create_app({"TESTING": True, "SQLALCHEMY_DATABASE_URI": database_url, "DATA_DIR": str(tmp_path),
                          "SECRET_KEY": "only for tests, and long enough"})  # fmt: skip
        client = sign_in(app.test_client(), people.ann)
        assert [client.get(page).status_code for page in ("/board", "/queue", "/tickets/new")] == [200, 200, 200]
        dispose(app)
        return weakref.ref(app)

    gone = used()
    gc.collect()
    assert gone() is None
