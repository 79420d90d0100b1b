"""Policies and calendars in a browser."""

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from tests import factories
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.models import SlaTerms
from ticketing.rules.taxonomy import Status

PICTURES = os.environ.get("TICKETING_PICTURES")
PAGES = {
    "policies": "/settings/policies?try_created=2026-04-30T16:30&try_zone=Europe/Berlin",
    "policy-last": "/settings/policies/everything_else?try_created=2026-04-30T16:30&try_zone=Europe/Berlin",
    "policy-new": "/settings/policies/new", "policy-removal": "/settings/policies/security/removal",
    "recalculation": "/settings/policies/recalculation", "calendars": "/settings/calendars",
    "calendar": "/settings/calendars/office", "calendar-new": "/settings/calendars/new",
    "calendar-in-use": "/settings/calendars/office/removal", "versions": "/settings/versions",
    "version": "/settings/versions/1",
}  # fmt: skip


@pytest.fixture
def settings(live, page, people):
    """A page of mara's, on a desk with a ticket whose clocks run."""
    with live.app.app_context():
        factories.ticket_in(Status.DIAGNOSTICS, moment=now() - timedelta(minutes=30))
        db.session.commit()
    live.sign_in(page, people.mara)
    return page


def in_force(live):
    with live.app.app_context():
        return db.session.scalar(select(SlaTerms).order_by(SlaTerms.id.desc()).limit(1)).document


def test_a_policy_is_tried_while_it_is_written_and_then_saved(live, settings):
    settings.goto("/settings/policies/everything_else")
    settings.get_by_label("Created").fill("2026-04-30T16:30")
    trial = settings.locator("#try-answer")
    expect(trial).to_contain_text("React by")
    settings.locator("#normal_reaction").fill("6 h")
    expect(trial.get_by_role("row", name=re.compile("React"))).to_contain_text("6 h")
    expect(trial).to_contain_text("saved or not")
    settings.locator("#normal_reaction").fill("2 days")
    expect(trial).to_contain_text("cannot be used as it is")
    settings.get_by_role("button", name="Save policy").click()
    expect(settings.get_by_role("alert").first).to_be_focused()
    settings.get_by_role("alert").get_by_role("link").click()
    expect(settings.locator("#normal_reaction")).to_be_focused()
    expect(settings.locator("#normal_reaction")).to_have_value("2 days")
    settings.locator("#normal_reaction").fill("6 h")
    settings.get_by_role("button", name="Save policy").click()
    told = settings.get_by_role("region", name="Notifications")
    expect(told).to_contain_text("Policy Everything else saved")
    assert in_force(live)["policies"][-1]["targets"]["normal"]["reaction_min"] == 360
    told.get_by_role("link", name="Recalculate open tickets").click()
    expect(settings.get_by_role("heading", level=1)).to_have_text("Recalculate open tickets")


def test_policies_are_added_and_moved(live, settings):
    settings.goto("/settings/policies")
    settings.get_by_role("link", name="New policy").click()
    settings.get_by_label("Name").fill("Payments")
    settings.get_by_label("Payment Issue").check()
    settings.get_by_label("Critical, react within").fill("10")
    settings.get_by_role("button", name="Add policy").click()
    expect(settings.get_by_role("region", name="Notifications")).to_contain_text("Policy Payments saved")
    settings.get_by_role("button", name="Move Payments up").click()
    expect(settings.locator(".policies__list .policy").first).to_contain_text("Payments")
    assert [one["key"] for one in in_force(live)["policies"]] == ["payments", "security", "everything_else"]


def test_a_calendar_says_whom_it_concerns_before_it_is_saved(live, settings):
    settings.goto("/settings/calendars")
    settings.get_by_role("link", name="Edit hours of Office hours").click()
    settings.get_by_label("Monday").fill("08:00–12:00")
    expect(settings.locator("#effect")).to_contain_text("Affects no open clock.")
    settings.get_by_role("button", name="Add public holidays").click()
    later = str(now().year + 2)  # none of the days below
    settings.get_by_label("Country").select_option("MT")
    settings.get_by_label("From").select_option(later)
    settings.get_by_role("button", name="Show holidays").click()
    expect(settings.get_by_label("Monday")).to_have_value("08:00–12:00")
    settings.get_by_role("button", name="Add ticked days").click()
    expect(settings.get_by_role("button", name=f"Remove Christmas Day, 25 Dec {later}")).to_be_visible()
    for days in range(14):
        settings.get_by_role("button", name="Add day").click()
        row = settings.locator("#exceptions > .dayrows > .dayrow").last
        expect(row.get_by_label("Date")).to_be_focused()
        row.get_by_label("Date").fill((now() + timedelta(days=days)).date().isoformat())
        row.get_by_label("Name of the day").fill("Flood")
    expect(settings.locator("#effect")).to_contain_text("Affects one open clock")
    settings.get_by_role("button", name="Save calendar").last.click()
    expect(settings.get_by_role("heading", level=1)).to_have_text("Save Office hours?")
    settings.get_by_role("button", name="Save and move due times").click()
    expect(settings.get_by_role("region", name="Notifications")).to_contain_text("Due times moved: 1.")
    saved = in_force(live)["calendars"]["office"]
    assert saved["weekly"]["mon"] == [["08:00", "12:00"]]
    assert saved["exceptions"][f"{later}-12-25"] == {"name": "Christmas Day", "open": []}
    assert [one["name"] for one in saved["exceptions"].values()].count("Flood") == 14


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_every_page_is_accessible_at_every_size(settings, axe, scheme, width):
    settings.emulate_media(color_scheme=scheme)
    settings.set_viewport_size({"width": width, "height": 844})
    found = []
    for name, path in PAGES.items():
        settings.goto(path)
        found += look(settings, axe, name, scheme, width)
    settings.goto("/settings/policies/security")
    settings.locator("#high_reaction").fill("2 days")
    settings.locator("#low_warn").fill("all")
    settings.get_by_role("button", name="Save policy").click()
    expect(settings.get_by_role("alert").first).to_be_focused()
    found += look(settings, axe, "policy-refused", scheme, width)
    settings.goto("/settings/calendars/office")
    settings.get_by_label("Tuesday").fill("all day")
    settings.get_by_role("button", name="Add public holidays").click()
    settings.get_by_label("Country").select_option("DE")
    settings.get_by_role("button", name="Show holidays").click()
    settings.get_by_label("Part of it").wait_for()
    settings.get_by_role("button", name="Add day").click()
    settings.locator("#row-0").wait_for()
    found += look(settings, axe, "calendar-holidays", scheme, width)
    settings.get_by_role("button", name="Save calendar").last.click()
    expect(settings.locator("#form-errors")).to_be_visible()
    found += look(settings, axe, "calendar-refused", scheme, width)
    settings.goto("/settings/policies/security")
    settings.locator("#high_reaction").fill("20")
    settings.get_by_label("Why").fill("As agreed with the providers")
    settings.get_by_role("button", name="Save policy").click()
    expect(settings.get_by_role("region", name="Notifications")).to_contain_text("saved")
    found += look(settings, axe, "policy-saved", scheme, width)
    settings.goto("/settings/policies/recalculation")
    found += look(settings, axe, "recalculation-none", scheme, width)
    settings.goto("/settings/versions")
    found += look(settings, axe, "versions-more", scheme, width)
    assert found == []


def look(page, axe, name, scheme, width):
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"sla-{name}-{scheme}-{width}.png", full_page=True)
    found = [f"{name}: {complaint}" for complaint in axe(page)]
    if page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") > 0:
        found.append(f"{name}: scrolls sideways")
    return found
