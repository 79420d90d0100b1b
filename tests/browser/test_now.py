"""The manager's view of now in a browser: one click, somebody faster, and a page that looks again without getting in
the way.
"""

import re

import pytest
from playwright.sync_api import expect

from tests import factories as make
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.models import Ticket
from ticketing.models.answers import Answers
from ticketing.rules.taxonomy import Priority, Status

QUICKLY = "document.getElementById('now').dataset.every = 1"
LONG = "Deposits by card time out at the 3-D Secure step for every brand of the group since the certificate was renewed"


@pytest.fixture
def waiting(app, people):
    """T-1 and T-2 critical and without an owner since ten minutes ago; liv has nothing to do, ann has one ticket."""
    with app.app_context():
        liv = make.person("liv", name="Liv Strand")
        moment = now().replace(second=0) - make.timedelta(minutes=10)
        for title in (LONG, "Logins fail"):
            make.ticket(title, priority=Priority.CRITICAL, moment=moment, routed=False,
                        category=make.category("user_system"))  # fmt: skip
        make.ticket_in(Status.ASSIGNED, title="In work", moment=moment)
        db.session.commit()
        return liv.id


def owner(app, number):
    with app.app_context():
        return db.session.get(Ticket, number).owner_id


def open_people(page, number):
    """The menu of everybody for this ticket, once it takes what is typed."""
    page.locator(f"#unowned-others-{number}").click()
    menu = page.locator("#assign-menu")
    menu.get_by_text("Bo Bondar").wait_for()
    expect(menu.locator("[data-menu-filter]")).to_be_focused()
    return menu


def test_one_click_gives_a_ticket_away_and_everything_follows(app, waiting, people, open_as):
    page = open_as(people.mara, "/reports/now")
    assert page.locator("#unowned .now__row").count() == 2
    page.locator("#unowned").get_by_role("button", name="Give T-1 to Liv Strand, 0 open").click()
    page.locator("#unowned-1").wait_for(state="detached")
    assert owner(app, 1) == waiting
    expect(page.locator("#unowned-title .count")).to_have_text("1")
    expect(page.locator(f"#load-{waiting} .rows__value")).to_have_text(re.compile("^1"))
    expect(page.locator(".toast")).to_contain_text("T-1 assigned to Liv Strand")
    # The row that was acted on is gone: the focus is on the next one of its list.
    expect(page.locator("#unowned-2 :focus")).to_be_visible()
    page.locator("#unowned-give-2").press("Enter")
    page.locator("#unowned-2").wait_for(state="detached")
    expect(page.locator("#unowned-title")).to_be_focused()


def test_anybody_can_be_chosen_with_what_they_have_open(app, waiting, people, open_as):
    page = open_as(people.mara, "/reports/now")
    menu = open_people(page, 2)
    assert "1 open" in menu.get_by_role("button", name="Ann Haddad").inner_text()
    page.keyboard.type("bo bo")
    page.keyboard.press("Enter")
    page.locator("#unowned-2").wait_for(state="detached")
    assert owner(app, 2) == people.bo.id
    expect(menu).to_be_hidden()


def test_who_was_faster_is_named(app, waiting, people, open_as):
    page = open_as(people.mara, "/reports/now")
    with app.app_context():
        made = db.session.get(Ticket, 1)
        made.assign(make.person("bo"), by=make.person("ada"), at=now(), answers=Answers())
        db.session.commit()
    page.locator("#unowned-give-1").click()
    toast = page.locator('.toast[data-kind="conflict"]')
    toast.wait_for()
    assert "Bo Bondar owns it now." in toast.inner_text()
    assert owner(app, 1) == people.bo.id
    expect(page.locator("#unowned-1")).to_have_count(0)


def test_it_looks_again_by_itself(app, waiting, people, open_as):
    page = open_as(people.mara, "/reports/now")
    page.evaluate(QUICKLY)
    with app.app_context():
        db.session.get(Ticket, 1).assign(make.person("bo"), by=make.person("ada"), at=now())
        db.session.commit()
    expect(page.locator("#unowned-1")).to_have_count(0)
    assert page.locator("#unowned-2").count() == 1


@pytest.mark.parametrize("what", ["menu", "focus"])
def test_it_does_not_look_again_while_somebody_is_choosing(app, waiting, people, open_as, what):
    page = open_as(people.mara, "/reports/now")
    asked = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/reports/now") else None)
    if what == "menu":
        open_people(page, 1)
    else:
        page.locator("#unowned-give-2").focus()
    page.evaluate(QUICKLY)
    where = page.evaluate("document.activeElement.outerHTML")
    page.wait_for_timeout(3000)
    assert asked == []
    assert page.evaluate("document.activeElement.outerHTML") == where
    if what == "menu":
        page.keyboard.press("Escape")
    with page.expect_request("**/reports/now"):
        page.evaluate("document.activeElement.blur()")


def test_an_answer_that_comes_while_somebody_has_begun_to_choose_is_not_shown(app, waiting, people, open_as):
    page = open_as(people.mara, "/reports/now")
    held = []
    page.route("**/reports/now*", lambda route: held.append(route))
    page.evaluate(QUICKLY)
    while not held:
        page.wait_for_timeout(100)
    with app.app_context():
        db.session.get(Ticket, 1).assign(make.person("bo"), by=make.person("ada"), at=now())
        db.session.commit()
    page.locator("#unowned-give-1").focus()
    held[0].continue_()
    page.wait_for_timeout(1000)
    assert page.evaluate("document.activeElement.id") == "unowned-give-1"
    page.unroute_all(behavior="ignoreErrors")


def test_without_a_connection_it_says_how_old_it_is_and_no_more(waiting, people, open_as, troubles):
    troubles.allow("ERR_INTERNET_DISCONNECTED")
    troubles.allow("Failed to fetch")
    page = open_as(people.mara, "/reports/now")
    page.context.set_offline(True)
    page.evaluate(QUICKLY)
    expect(page.locator("#now-offline")).to_be_visible()
    page.wait_for_timeout(2500)
    assert page.locator(".toast").count() == 0
    page.context.set_offline(False)
    expect(page.locator("#now-offline")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_it_is_well_in_light_and_dark_wide_and_narrow(waiting, people, open_as, axe, scheme, width):
    page = open_as(people.mara, "/reports/now", viewport={"width": width, "height": 900}, color_scheme=scheme)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    open_people(page, 1)
    assert axe(page) == []


def test_it_works_without_script(app, waiting, people, open_as):
    page = open_as(people.mara, "/reports/now", java_script_enabled=False)
    page.locator("#unowned-give-1").click()
    expect(page).to_have_url(re.compile("/reports/now#unowned$"))
    assert owner(app, 1) == waiting
    page.locator("#unowned-others-2").click()
    page.get_by_role("button", name="Bo Bondar").click()
    expect(page).to_have_url(re.compile("/reports/now$"))
    assert owner(app, 2) == people.bo.id
    page.get_by_role("link", name="Reload").click()
    expect(page.locator("#unowned .now__row")).to_have_count(0)
