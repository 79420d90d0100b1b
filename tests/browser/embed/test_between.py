"""What frame and panel ask of each other while somebody works: another session, a report with what the panel knows."""

from playwright.sync_api import expect
from sqlalchemy import func, select, update

from tests import factories as make
from tests.support.visits import report
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.models import Ticket, UserSession
from ticketing.rules.taxonomy import Status


def test_a_session_that_ends_meanwhile_loses_nothing_and_the_panel_brings_another(sites, app, open_panel, troubles):
    troubles.allow("status of 401")
    with app.app_context():
        key = make.ticket_in(Status.DIAGNOSTICS, moment=now()).key
        db.session.commit()
    page, frame = open_panel(view=key)
    text = frame.locator("textarea[name=body]").first
    text.fill("A long story")
    with app.app_context():
        db.session.execute(update(UserSession).values(ended_at=now()))
        db.session.commit()
    frame.get_by_role("button", name="Send").first.click()
    expect(frame.get_by_text("Your session here has ended").first).to_be_visible()
    expect(text).to_have_value("A long story")
    sites.host.tokens.append(sites.good(view=key))
    frame.get_by_role("button", name="Sign in again").first.click()
    expect(frame.get_by_text("Your session here has ended")).to_have_count(0)
    expect(frame.locator("textarea[name=body]").first).to_be_visible()
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(UserSession.ended_at.is_(None))) == 1


def test_the_panel_opens_a_report_with_what_it_knows(sites, app, open_panel):
    page, frame = open_panel(role="reporter", view="mine")
    expect(frame.locator(".embedbar")).to_be_visible()
    known = {"player": "P-77", "transaction": "TX-1", "provider": "x" * 300, "page": f"{sites.panel}/players/77"}
    [inner] = [one for one in page.frames if "desk.test" in one.url]
    report(page, inner, known | {"role": "administrator"})
    expect(frame.get_by_label("Player")).to_have_value("P-77")
    expect(frame.get_by_label("Page")).to_have_value(known["page"])
    expect(frame.get_by_text("has been cut")).to_be_visible()
    assert "P-77" not in inner.url and "TX-1" not in inner.url
    frame.get_by_label("What is wrong").fill("Deposit missing")
    frame.get_by_role("button", name="Send").click()
    expect(frame.get_by_text("T-1: Deposit missing")).to_be_visible()
    with app.app_context():
        assert db.session.scalar(select(Ticket)).details["player_id"] == "P-77"
