"""Clocks in a real browser: they go on by themselves, turn at the instants the server named, rest out of hours."""

from datetime import timedelta

import pytest
import time_machine
from playwright.sync_api import expect

from tests import factories as make
from ticketing.extensions import db
from ticketing.models.answers import Hold
from ticketing.rules.taxonomy import HoldReason, Priority, Status

HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def that_morning(live):
    """The server's clock stands at half an hour after factories.NOW; the browser's runs as a test wants it to."""
    with time_machine.travel(make.at(30), tick=False) as clock:
        yield clock


@pytest.fixture
def desk(app, people, that_morning):
    """{name: key}: filed at minute 0, a critical one due at minute 45, and one on hold."""
    with app.app_context():
        made = {
            "office": make.ticket("Within hours"),
            "critical": make.ticket("Soon", priority=Priority.CRITICAL, moment=make.at(29)),
            "held": make.ticket_in(Status.DIAGNOSTICS, title="Held"),
        }
        made["held"].hold(Hold(HoldReason.VENDOR), by=make.person("ann"), at=make.at(10))
        db.session.commit()
        return {name: ticket.key for name, ticket in made.items()}


@pytest.fixture
def open_at(live, new_context, that_morning):
    """`open_at(person, path, ahead=0)`: a page whose browser's clock is so many seconds ahead of the server's.

    It stands still but for what a test lets pass.
    """

    def go(user, path, ahead=0, **settings):
        page = new_context(**settings).new_page()
        moment = make.at(30) + timedelta(seconds=ahead)
        page.clock.install(time=moment - timedelta(hours=1))
        page.clock.pause_at(moment)
        # Hours pass in a moment here, and the bell's question of each minute may meet a server that is going home.
        page.route("**/notifications/bell", lambda route: route.fulfill(status=204))
        live.sign_in(page, user)
        page.goto(path)
        page.clock.run_for(1)  # htmx begins by a timer
        return page

    return go


def chip(page, key):
    return page.locator(f"#card-{key[2:]} .sla")


@pytest.mark.parametrize("ahead", [0, 5400])
def test_a_chip_counts_down_whatever_the_browsers_clock_says(open_at, people, desk, ahead):
    page = open_at(people.ann, "/board", ahead)
    critical = chip(page, desk["critical"])
    expect(critical).to_have_text("React 14 min left · 09:44")
    page.clock.run_for(61_000)
    expect(critical).to_have_text("React 12 min left · 09:44")
    expect(chip(page, desk["office"])).to_contain_text("3 h 28 min left")
    expect(chip(page, desk["held"])).to_have_text("paused, 15 h left")


def test_it_turns_at_risk_and_breached_at_the_instants_the_server_named(open_at, people, desk):
    page = open_at(people.ann, "/board")
    critical = chip(page, desk["critical"])  # filed at minute 29: at risk at 40:15, due at 44
    page.clock.run_for(610_000)
    expect(critical).to_have_attribute("data-sla", "ok")
    page.clock.run_for(10_000)
    expect(critical).to_have_attribute("data-sla", "risk")
    expect(critical).to_have_text("React at risk, 3 min left · 09:44")
    page.clock.run_for(220_000)
    expect(critical).to_have_text("React at risk, <1 min left · 09:44")
    page.clock.run_for(5_000)
    expect(critical).to_have_attribute("data-sla", "breached")
    expect(critical).to_have_text("React <1 min over · 09:44")
    page.clock.run_for(120_000)
    expect(critical).to_have_text("React 2 min over · 09:44")


def test_out_of_hours_nothing_passes(open_at, people, desk):
    page = open_at(people.ann, "/board")
    office = chip(page, desk["office"])  # 09:30 here is 11:30 in Berlin: lunch is in an hour and a half
    page.clock.fast_forward(90 * 60_000)
    expect(office).to_have_text("React 2 h left · 14:00")
    page.clock.fast_forward(59 * 60_000)
    expect(office).to_have_text("React 2 h left · 14:00")
    page.clock.fast_forward(2 * 60_000)
    expect(office).to_contain_text("1 h 59 min left")


def test_a_page_that_nobody_sees_rests_and_catches_up(open_at, people, desk):
    page = open_at(people.ann, "/board")
    critical = chip(page, desk["critical"])
    page.evaluate(HIDE, True)
    page.clock.run_for(120_000)
    expect(critical).to_contain_text("14 min left")
    page.evaluate(HIDE, False)
    expect(critical).to_contain_text("12 min left")


def test_the_tickets_clocks_go_on_too_and_say_nothing_aloud(open_at, people, desk):
    page = open_at(people.ann, f"/tickets/{desk['critical']}")
    reaction = page.locator(".clock", has_text="Reaction")
    expect(reaction.locator(".clock__left")).to_have_text("14 min left")
    expect(page.locator("#similar[hx-get]")).to_have_count(0)  # an answer that is on its way would come too late
    page.clock.run_for(900_000)
    expect(reaction).to_have_attribute("data-sla", "breached")
    expect(reaction.locator(".clock__left")).to_have_text("1 min over")
    expect(page.locator(".ticket__key .sla")).to_contain_text("1 min over")
    assert page.locator("#announcer").inner_text() == page.locator("#announcer-now").inner_text() == ""


def test_what_an_answer_brings_counts_from_then_on(open_at, people, desk, that_morning):
    page = open_at(people.ann, "/board")
    page.clock.run_for(60_000)
    that_morning.shift(60)
    page.locator(f"#card-{desk['critical'][2:]} h3 a").focus()
    page.keyboard.press("]")
    page.locator("#ask-category").select_option("user_system")
    page.get_by_role("button", name="Move to Classified").click()
    expect(page.locator("#cards-classified .card")).to_have_count(1)
    expect(chip(page, desk["critical"])).to_contain_text("13 min left")
    page.clock.run_for(62_000)
    expect(chip(page, desk["critical"])).to_contain_text("11 min left")


def test_the_queues_rows_count_and_a_filter_draws_them_anew(open_at, people, desk, that_morning):
    page = open_at(people.ann, "/queue")
    row = page.locator(f"#row-{desk['critical'][2:]} .sla")
    expect(row).to_contain_text("14 min left")
    page.clock.run_for(120_000)
    expect(row).to_contain_text("12 min left")
    that_morning.shift(120)
    page.get_by_role("link", name="Priority").first.click()
    expect(page.locator("th[aria-sort]", has_text="Priority")).to_be_visible()
    page.clock.run_for(60_000)
    expect(row).to_contain_text("11 min left")


def test_a_hold_is_refused_until_somebody_took_it_and_then_made(open_at, people, desk, app):
    with app.app_context():
        given = make.ticket("Given", by=make.person("mara"), owner=make.person("ann"),
                            category=make.category("user_system"), moment=make.at(5))  # fmt: skip
        db.session.commit()
        key = given.key
    page = open_at(people.ann, f"/tickets/{key}")
    page.locator("#hold").click()
    toast = page.locator(".toast", has_text="Take it first")
    expect(toast).to_be_visible()
    toast.get_by_role("button", name="Take").click()
    expect(page.locator(".clock", has_text="Reaction")).to_have_attribute("data-sla", "met")
    expect(toast).to_have_count(0)
    page.locator("#hold").click()
    page.get_by_role("radio", name="Other").check()
    page.get_by_role("button", name="tomorrow 09:00").click()
    expect(page.locator("#until")).to_have_value("2026-05-05T09:00")
    page.locator("dialog").get_by_role("button", name="Hold", exact=True).click()
    expect(page.locator("#text-error")).to_have_text("This is needed.")
    page.locator("#text").fill("A part is on its way")
    page.locator("dialog").get_by_role("button", name="Hold", exact=True).click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator(".ticket__key")).to_contain_text("paused, 15 h left")


def test_explain_opens_without_script(live, new_context, people, desk, that_morning):
    page = new_context(java_script_enabled=False).new_page()
    signer = new_context().new_page()
    live.sign_in(signer, people.ann)
    page.context.add_cookies(signer.context.cookies())
    page.goto(f"/tickets/{desk['held']}")
    page.locator("#explain-resolution-1 > summary").click()
    expect(page.locator("#explain-resolution-1")).to_contain_text("stood still")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_state_is_readable(open_at, people, desk, app, axe, scheme):
    with app.app_context():
        make.ticket("Late", priority=Priority.CRITICAL, moment=make.at(0))
        make.ticket("At risk", priority=Priority.HIGH, moment=make.at(-20))
        make.ticket_in(Status.CLOSED, title="Done")
        held = make.ticket_in(Status.CORRECTION, title="Asked again")
        held.hold(Hold(HoldReason.PROVIDER), by=make.person("ann"), at=make.at(10))
        held.say("Any news?", internal=False, by=make.person("rita"), at=make.at(20))
        db.session.commit()
    page = open_at(people.ann, "/board", color_scheme=scheme)
    page.clock.resume()  # the checker waits now and then
    page.locator("#fold-closed").click()
    expect(page.locator('.sla[data-sla="met"]')).to_be_visible()
    for state in ("ok", "risk", "breached", "paused"):
        expect(page.locator(f'.sla[data-sla="{state}"]').first).to_be_visible()
    expect(page.get_by_text("Reporter wrote")).to_be_visible()
    assert axe(page) == []
    page.goto(f"/tickets/{desk['held']}")
    for summary in page.locator(".explain > summary").all():
        summary.click()
    assert axe(page) == []
