"""Signing in and out, and the profile, in a browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.second_steps import SECRET
from ticketing.extensions import db
from ticketing.models import User


def enter(page, password=SECRET):
    page.get_by_label("Email").fill("ann@desk.example")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_in_through_the_form_and_out_through_the_menu(page, ann):
    page.goto("/queue?view=mine")
    expect(page.get_by_label("Email")).to_be_focused()
    enter(page)
    expect(page).to_have_url(re.compile(r"/queue\?view=mine$"))
    page.get_by_role("button", name="Your account: Ann Haddad").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile(r"/sign-in$"))
    page.goto("/queue")
    expect(page).to_have_url(re.compile(r"/sign-in\?next="))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_a_refused_attempt_says_so_and_is_accessible(page, ann, axe, scheme, width):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 844})
    page.goto("/sign-in")
    assert axe(page) == []
    enter(page, "wrong")
    expect(page.get_by_role("alert")).to_have_text("Email and password do not match.")
    expect(page.get_by_label("Password")).to_be_focused()
    expect(page.get_by_label("Email")).to_have_value("ann@desk.example")
    assert axe(page) == []


def test_a_session_that_ended_leads_a_click_to_the_sign_in(app, page, ann, troubles):
    troubles.allow("status of 401")
    page.goto("/queue")
    enter(page)
    expect(page).to_have_url(re.compile("/queue$"))
    with app.app_context():
        db.session.get(User, ann.id).end_sessions()
        db.session.commit()
    page.get_by_role("link", name="Mine").click()
    expect(page).to_have_url(re.compile(r"/sign-in"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_profile_saves_and_is_accessible(live, page, ann, axe, scheme, width):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 844})
    page.goto("/sign-in")
    enter(page)
    expect(page).not_to_have_url(re.compile("/sign-in"))
    page.goto("/profile")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_label("Time zone").fill("Europe/Malta")
    page.get_by_role("button", name="Save profile").click()
    expect(page.get_by_role("region", name="Notifications")).to_contain_text("Profile saved")
    page.get_by_label("Time zone").fill("Nowhere")
    page.get_by_role("button", name="Save profile").click()
    expect(page.get_by_text("Choose a time zone from the list")).to_be_visible()
    assert axe(page) == []
