"""The wallboard on a screen and within a panel: it refreshes by itself, says when it is old, and shows what it may."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from tests import factories as make
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.jobs import embed_keys
from ticketing.jobs.demo.run import make_demo
from ticketing.models import EmbedKey, User
from ticketing.rules.taxonomy import Status


@pytest.fixture
def address(app, people, sites):
    """Where the wall of the panel's key is shown."""
    with app.app_context():
        key, ada = db.session.get(EmbedKey, sites.key.id), db.session.get(User, people.ada.id)
        return f"{sites.desk}/embed/wall/{embed_keys.publish_wall(key, ada, now())}"


@pytest.mark.parametrize("hour", [8, 9])  # in every other hour all of it stands elsewhere
@pytest.mark.parametrize(("theme", "size"), [("dark", (1920, 1080)), ("light", (1920, 1080)), ("dark", (1280, 720))])
def test_a_screen_shows_it_whole(app, address, new_context, axe, theme, size, hour):
    with app.app_context():
        make_demo(120, 7, now())
        db.session.commit()
    page = new_context(ignore_https_errors=True, viewport={"width": size[0], "height": size[1]}).new_page()
    page.clock.install(time=f"2026-05-04T0{hour}:00:00")
    page.goto(f"{address}?theme={theme}")
    page.clock.run_for(2000)
    expect(page.locator("body")).to_have_attribute("data-shift", str(hour % 2))
    expect(page.locator(".clockrow")).to_have_count(7)
    expect(page.locator(".flow__stage")).to_have_count(6)
    assert axe(page) == []
    assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == list(size)


def test_it_brings_itself_again_and_says_when_it_is_old(app, address, new_context, troubles):
    troubles.allow("ERR_INTERNET_DISCONNECTED|Failed to load resource")
    page = new_context(ignore_https_errors=True, viewport={"width": 1280, "height": 720}).new_page()
    page.clock.install()
    page.goto(address)
    expect(page.get_by_text("No clock is running.")).to_be_visible()
    with app.app_context():
        make.ticket_in(Status.DIAGNOSTICS, moment=now())
        db.session.commit()
    page.clock.run_for(16_000)
    expect(page.get_by_text("Deposits time out")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("Live")
    page.context.set_offline(True)
    page.clock.run_for(125_000)
    expect(page.get_by_role("status")).to_have_text("2 min old")
    expect(page.get_by_text("Deposits time out")).to_be_visible()  # what is known stays
    page.context.set_offline(False)
    page.clock.run_for(16_000)
    expect(page.get_by_role("status")).to_have_text("Live")


def test_what_is_taken_back_is_gone_from_the_screen(app, people, address, new_context, troubles):
    troubles.allow("status of 404")
    page = new_context(ignore_https_errors=True).new_page()
    page.clock.install()
    page.goto(address)
    with app.app_context():
        embed_keys.take_wall_back(
            db.session.scalars(select(EmbedKey)).one(), db.session.get(User, people.ada.id), now()
        )
    page.clock.run_for(16_000)
    expect(page.get_by_role("heading", name="Nothing is shown here")).to_be_visible()


def test_the_panel_may_frame_it_and_nobody_else(address, sites, new_context, troubles, tmp_path):
    troubles.allow(r"frame-ancestors|Refused to frame|ERR_BLOCKED_BY_RESPONSE|Framing '")
    sites.host.pages["wall.html"] = f'<iframe src="{address}" width="1200" height="700"></iframe>'
    page = new_context(ignore_https_errors=True).new_page()
    page.goto(f"{sites.panel}/wall.html")
    expect(page.frame_locator("iframe").get_by_role("heading", name="Next clocks")).to_be_visible()
    page.goto("about:blank")
    page.set_content(f'<iframe src="{address}"></iframe>')
    page.wait_for_timeout(500)
    assert page.frame_locator("iframe").get_by_role("heading", name="Next clocks").count() == 0
