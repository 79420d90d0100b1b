"""A real browser before a real server. Every page a test opens is watched.

    def test_the_board_shows(live, page, people):
        live.sign_in(page, people.mara)
        page.goto("/board")

A second person: `other = new_context().new_page()`. A phone: mark the test with
`@pytest.mark.browser_context_args(has_touch=True, viewport={"width": 390, "height": 844})`.
"""

from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests import factories as make
from tests.support import chromium
from tests.support.live import served
from tests.support.pulse import beat
from tests.support.troubles import Troubles
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.rules.taxonomy import Status

expect.set_options(timeout=20_000)  # ms: nothing here is about speed, and a machine may stand still for some seconds
HERE = Path(__file__).parent
NO_BROWSER = "no Chromium here: install one, or name it in TICKETING_CHROMIUM"


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)
            if not chromium.executable() and not chromium.required():
                item.add_marker(pytest.mark.skip(reason=NO_BROWSER))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Where the browser is required, a test that skips itself has failed."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and chromium.required():
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} must run here, yet was skipped: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    path = chromium.executable()
    if path is None:
        pytest.fail(NO_BROWSER)
    return browser_type_launch_args | {"executable_path": path, "args": chromium.ARGUMENTS}


@pytest.fixture
def live(make_app):
    """The application as it runs in earnest, served from a thread.

    An error shows the page people would see, and its trace among the captured logs.
    """
    app = make_app(WTF_CSRF_ENABLED=True, PROPAGATE_EXCEPTIONS=False)
    beat(app, now() + timedelta(hours=1))  # no banner on managers' pages, however long the tests have been running
    with served(app) as server:
        yield server


@pytest.fixture
def app(live):
    """What a browser test prepares and inspects is the application being served."""
    return live.app


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    """English, UTC and no movement, so that a page looks the same each time."""
    return browser_context_args | {"locale": "en-GB", "timezone_id": "UTC", "reduced_motion": "reduce"}


@pytest.fixture
def troubles():
    """The complaints of all pages; any that is left fails the test at its end."""
    collected = Troubles()
    yield collected
    if collected.left():
        pytest.fail("the pages complained:\n" + "\n".join(collected.left()), pytrace=False)


@pytest.fixture
def new_context(live, troubles, new_context):
    """Opens one more browser profile: watched, and at home on the live server."""

    def open_context(**settings):
        context = new_context(base_url=live.url, **settings)
        troubles.watch(context)
        return context

    return open_context


@pytest.fixture
def axe():
    """`axe(page)` lists what the accessibility checker finds; empty is well."""

    def check(page):
        found = Axe().run(page).response["violations"]
        return [f"{one['id']}: {one['help']}: {node['html']}" for one in found for node in one["nodes"]]

    return check


@pytest.fixture
def open_as(live, new_context):
    """`open_as(people.ann, "/tickets/T-1")`: a page of a browser of their own."""

    def go(user, path, **settings):
        page = new_context(**settings).new_page()
        live.sign_in(page, user)
        page.goto(path)
        return page

    return go


@pytest.fixture
def key(app, people):
    """A ticket in Diagnostics that ann works on, moved there an hour ago, with a reply and a note."""
    with app.app_context():
        made = make.ticket_in(Status.DIAGNOSTICS, moment=now() - timedelta(hours=1), description="It **fails**")
        made.say("Looking", internal=False, by=make.person("ann"), at=now())
        made.say("```\nlog\n```", internal=True, by=make.person("ann"), at=now())
        db.session.commit()
        return made.key
