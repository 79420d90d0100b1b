"""The second step in a browser: set up by the profile, asked for at the door, and well in every state."""

import re
from datetime import timedelta

import pyotp
import pytest
from playwright.sync_api import expect

from tests.support.second_steps import SECRET
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.jobs import second_factor
from ticketing.rules.taxonomy import Role

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def well(axe):
    """Is this page accessible, and as wide as its window?"""

    def look(page):
        assert axe(page) == []
        assert page.evaluate(SIDEWAYS) <= 0

    return look


def give_password(page):
    page.goto("/sign-in?next=/queue")
    page.get_by_label("Email").fill("ann@desk.example")
    page.get_by_label("Password").fill(SECRET)
    page.get_by_role("button", name="Sign in").click()


def next_code(secret, steps=1):
    """A step ahead of the present one: the step before may have been used."""
    return pyotp.TOTP(secret).at(now() + timedelta(seconds=30 * steps))


def key_on(page):
    return page.locator(".device__secret").inner_text().replace(" ", "")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_from_the_profile_to_the_door(app, page, ann, well, scheme, width):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 844})
    give_password(page)
    expect(page).to_have_url(re.compile("/queue$"))
    page.goto("/profile")
    page.get_by_role("link", name="Set up").click()
    expect(page.get_by_role("button", name="Set up")).to_be_visible()
    well(page)
    page.get_by_label("Present password").fill("wrong one here")
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_label("Present password")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Present password")).to_be_focused()
    well(page)
    page.get_by_label("Present password").fill(SECRET)
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("img", name="Picture for the camera")).to_be_visible()
    well(page)
    secret = key_on(page)
    page.get_by_label("Code").fill("000000")
    page.keyboard.press("Enter")  # turns on, and does not cancel
    expect(page.get_by_text("This code does not fit")).to_be_visible()
    assert key_on(page) == secret  # what was scanned is still good
    page.get_by_label("Code").fill(next_code(secret, 0))
    page.keyboard.press("Enter")
    expect(page.locator(".codes li")).to_have_count(10)
    well(page)
    paper = page.locator(".codes li").first.inner_text()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("10 recovery codes are left")).to_be_visible()
    well(page)
    page.goto("/profile/second-factor")
    well(page)
    page.get_by_role("region", name="Another device").get_by_label("Present password").fill(SECRET)
    page.get_by_role("button", name="Set up another").click()
    expect(page.get_by_role("heading", name="Your new device")).to_be_visible()
    well(page)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Set up another")).to_be_visible()
    page.goto("/profile")
    page.get_by_role("button", name="Sign out everywhere").click()
    expect(page.get_by_text("You are signed out everywhere")).to_be_visible()
    give_password(page)
    expect(page.get_by_label("Code")).to_be_focused()
    well(page)
    page.get_by_label("Code").fill("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This code does not fit")).to_be_visible()
    well(page)
    page.get_by_label("Code").fill(paper)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/queue$"))
    expect(page.get_by_role("region", name="Notifications")).to_contain_text("9 recovery codes are left.")


@pytest.mark.parametrize("width", [1440, 390])
def test_a_role_that_needs_one_sets_it_up_on_the_way_in(app, page, ann, well, width):
    page.set_viewport_size({"width": width, "height": 844})
    with app.app_context():
        second_factor.require({Role.SUPPORT_ENGINEER}, now())
        db.session.commit()
    give_password(page)
    expect(page.get_by_role("heading", name="Set up a second step")).to_be_visible()
    well(page)
    page.get_by_label("Code").fill(next_code(key_on(page)))
    page.keyboard.press("Enter")
    expect(page.locator(".codes li")).to_have_count(10)
    page.get_by_role("link", name="I have kept them").click()
    expect(page).to_have_url(re.compile("/queue$"))


def test_a_role_is_chosen_in_the_settings(live, page, people, well):
    live.sign_in(page, people.ada)
    page.goto("/settings/sign-in")
    page.get_by_label("Reporter").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("region", name="Notifications")).to_contain_text("Saved")
    expect(page.get_by_label("Reporter")).to_be_checked()
    well(page)
