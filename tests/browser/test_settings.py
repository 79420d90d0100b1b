"""The settings in a browser."""

import pytest
from playwright.sync_api import expect

PAGES = [
    "/settings/people", "/settings/people?q=nobody", "/settings/people/2", "/settings/people/new", "/settings/teams",
    "/settings/teams/1", "/settings/categories", "/settings/categories/1", "/settings/board",
]  # fmt: skip


@pytest.fixture
def settings(live, page, people):
    live.sign_in(page, people.ada)
    page.goto("/settings/people")
    return page


def test_a_person_is_added_and_enters_with_the_shown_password(settings, new_context):
    settings.get_by_role("link", name="Add person").click()
    settings.get_by_label("Name").fill("Nia New")
    settings.get_by_label("Email").fill("ann@desk.example")
    settings.get_by_role("button", name="Add person").click()
    expect(settings.get_by_role("alert").first).to_be_focused()
    settings.get_by_role("alert").get_by_role("link").click()
    expect(settings.get_by_label("Email")).to_be_focused()
    settings.get_by_label("Email").fill("nia@desk.example")
    settings.get_by_role("button", name="Add person").click()
    password = settings.locator("#secret").inner_text()
    theirs = new_context().new_page()
    theirs.goto("/sign-in")
    theirs.get_by_label("Email").fill("nia@desk.example")
    theirs.get_by_label("Password").fill(password)
    theirs.get_by_role("button", name="Sign in").click()
    expect(theirs.get_by_role("button", name="Your account: Nia New")).to_be_visible()


def test_limits_are_set(settings):
    settings.get_by_role("link", name="Board columns").click()
    settings.get_by_label("Diagnostics").fill("five")
    settings.get_by_role("button", name="Save limits").click()
    expect(settings.get_by_text("Write a whole number")).to_be_visible()
    settings.get_by_label("Diagnostics").fill("5")
    settings.get_by_role("button", name="Save limits").click()
    expect(settings.get_by_role("region", name="Notifications")).to_contain_text("Limits saved")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_every_page_is_accessible_at_every_size(settings, axe, scheme, width):
    settings.emulate_media(color_scheme=scheme)
    settings.set_viewport_size({"width": width, "height": 844})
    for path in PAGES:
        settings.goto(path)
        assert axe(settings) == [], path
        assert settings.evaluate("document.documentElement.scrollWidth") <= width, path
