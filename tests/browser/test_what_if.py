"""The what-if page in a browser: played, read, and well at every size."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from ticketing.clock import now
from ticketing.extensions import db
from ticketing.jobs.demo.run import make_demo
from ticketing.models import User
from ticketing.rules.taxonomy import Role

PICTURES = os.environ.get("TICKETING_PICTURES")
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def manager(live):
    with live.app.app_context():
        make_demo(150, 7, now())
        db.session.commit()
        found = db.session.scalars(select(User).where(User.role == Role.SUPPORT_MANAGER, User.active)).first()
        db.session.expunge_all()
        return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_a_tighter_target_is_played(manager, open_as, axe, scheme, width):
    page = open_as(manager, "/settings/what-if", viewport={"width": width, "height": 900}, color_scheme=scheme)
    field = page.get_by_label("Everything else, Normal, React")
    field.fill("soon")
    page.get_by_role("button", name="Play it").click()
    expect(page.get_by_role("alert").first).to_be_focused()
    page.get_by_role("alert").get_by_role("link").click()
    expect(field).to_be_focused()
    assert axe(page) == []
    keep(page, f"what-if-wrong-{scheme}-{width}")
    field.fill("30 min")
    page.get_by_role("button", name="Play it").click()
    expect(page.get_by_role("heading", name="Compliance before and after")).to_be_visible()
    expect(page.get_by_role("region", name="React", exact=True)).to_contain_text("worse by")
    assert axe(page) == []
    assert page.evaluate(SIDEWAYS) == 0
    keep(page, f"what-if-answer-{scheme}-{width}")
    page.get_by_role("link", name="Whole document").click()
    expect(page.get_by_label("Policies and calendars, as JSON")).to_have_value(re.compile("everything_else"))
    assert axe(page) == []
    keep(page, f"what-if-document-{scheme}-{width}")


def keep(page, name):
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
