"""Settings: calendars, their dated exceptions, public holidays, and whom a saving concerns."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests import factories
from tests.support.terms import berlin
from tests.support.terms_forms import calendar_form, days_from_now, error_at, policy_form
from ticketing.clock import now
from ticketing.extensions import db
from ticketing.models import SlaClock
from ticketing.rules.taxonomy import Priority, Status

# Pages leave this year out of their dates, and what is a day ahead is another one after midnight.
pytestmark = pytest.mark.usefixtures("that_morning")


def test_calendars_are_shown_with_their_week_and_their_days(mara):
    page = mara.get("/settings/calendars").text
    assert "Europe/Berlin" in page
    assert "09:00–13:00, 14:00–18:00" in page
    assert "Labour Day" in page
    assert "Used by Everything else" in page
    assert "/settings/calendars/always" not in page


def test_a_calendar_is_changed(mara, terms):
    days = [(days_from_now(400), "Party", "10:00-12:00"), ("", "", "")]
    form = calendar_form(terms()[1], days=days, mon="8-12; 13:30 to 24:00", fri="closed", time_zone="Europe/Malta")
    answer = mara.post("/settings/calendars/office", data=form)
    assert (answer.status_code, answer.location) == (303, "/settings/calendars#office")
    number, after = terms()
    body = after["calendars"]["office"]
    assert (number, body["version"], body["time_zone"]) == (2, 3, "Europe/Malta")
    assert body["weekly"]["mon"] == [["08:00", "12:00"], ["13:30", "24:00"]]
    assert "fri" not in body["weekly"]
    assert body["exceptions"] == {
        "2026-05-01": {"name": "Labour Day", "open": []},
        days_from_now(400): {"name": "Party", "open": [["10:00", "12:00"]]},
    }
    assert "Calendar Office hours saved" in mara.get("/settings/calendars").text


@pytest.mark.parametrize(
    ("change", "field", "text"),
    [
        ({"name": ""}, "name", "needed"),
        ({"name": "always"}, "name", "called so already"),
        ({"time_zone": "Mars/Base"}, "time_zone", "Europe/Malta"),
        ({"time_zone": ""}, "time_zone", "Europe/Malta"),
        ({"time_zone": "../etc/passwd"}, "time_zone", "Europe/Malta"),
        ({"tue": "all day"}, "tue", "09:00–13:00, 14:00–18:00"),
        ({"tue": "09:00"}, "tue", "09:00–13:00, 14:00–18:00"),
        ({"tue": "18:00–09:00"}, "tue", "ends before it begins"),
        ({"tue": "09:00–09:00"}, "tue", "ends when it begins"),
        ({"tue": "09:00–25:00"}, "tue", "from 00:00 to 24:00"),
        ({"tue": ", ".join(["9-10"] * 9)}, "tue", "too many"),
        (dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ""), "weekly", "does not open in the next five years"),
    ],
)
def test_what_is_wrong_with_a_calendar_is_said_at_its_field(mara, terms, change, field, text):
    answer = mara.post("/settings/calendars/office", data=calendar_form(terms()[1], wed="10:00–11:00") | change)
    assert answer.status_code == 422
    assert text in error_at(answer.text, field)
    assert f'href="#{field}"' in answer.text
    assert terms()[0] == 1


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (("2026-02-30", "", ""), "Write a date"),
        (("20270101", "", ""), "Write a date"),
        (("", "Nameless", ""), "Write a date"),
        (("2026-05-01", "Twice", ""), "in the list already"),
        (("2030-05-01", "x" * 61, ""), "too long"),
        (("2030-05-01", "", "noon"), "09:00–13:00"),
        (("2030-05-01", "", "12-10"), "ends before it begins"),
    ],
)
def test_what_is_wrong_with_a_day_is_said_in_its_row(mara, terms, row, text):
    answer = mara.post("/settings/calendars/office", data=calendar_form(terms()[1], days=[row], mon="8-9"))
    assert answer.status_code == 422
    place = re.search(r'href="#(row-\d+)"', answer.text)[1]
    assert text in error_at(answer.text, place)
    value = re.search(rf'id="{place}" name="day" value="([^"]*)"', answer.text)[1]
    assert value == row[0]
    assert 'value="8-9"' in answer.text


def test_a_calendar_is_added_and_removed_but_not_while_a_policy_runs_on_it(mara, terms):
    form = calendar_form(terms()[1], name="Nachtdienst Süd", mon="00:00–06:00, 22:00–24:00")
    answer = mara.post("/settings/calendars/new", data=form)
    assert answer.location == "/settings/calendars#nachtdienst_s_d"
    key = "nachtdienst_s_d"
    mara.post("/settings/policies/security", data=policy_form(terms()[1], number=2, high_calendar=key))
    assert "Security" in mara.get(f"/settings/calendars/{key}/removal").text
    refused = mara.post(f"/settings/calendars/{key}/removal", data={"terms": 3})
    assert (refused.status_code, terms()[0]) == (409, 3)
    assert "Give these policies another calendar first: Security." in refused.text
    mara.post("/settings/policies/security", data=policy_form(terms()[1], number=3, high_calendar=""))
    assert mara.post(f"/settings/calendars/{key}/removal", data={"terms": 4}).status_code == 303
    assert key not in terms()[1]["calendars"]
    again = mara.post("/settings/calendars/new", data=form | {"terms": 5})
    assert again.location == f"/settings/calendars#{key}_2"  # an old clock's calendar is found by its key


def test_days_come_and_go_in_the_form_without_script(mara, terms):
    form = calendar_form(terms()[1], days=[("2031-01-01", "First", ""), ("2031-01-02", "Second", "9-10")], mon="8-9")
    page = mara.post("/settings/calendars/office", data=form | {"more": "1"}).text
    rows = re.findall(r'id="row-(\d)" name="day" value="([^"]*)"', page)
    assert rows == [("0", "2031-01-01"), ("1", "2031-01-02"), ("2", ""), ("3", "2026-05-01")]
    assert 'value="8-9"' in page
    page = mara.post("/settings/calendars/office", data=form | {"drop": "0"}).text
    assert re.findall(r'name="day" value="([^"]*)"', page) == ["2031-01-02", "2026-05-01"]
    part = mara.post("/settings/calendars/office", data=form | {"more": "1"}, headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith("<form")
    assert terms()[0] == 1


def test_public_holidays_are_a_preview_until_they_are_saved(mara, terms):
    year = now().year + 1
    asked = {"holidays": "1", "country": "DE", "subdivision": "BY", "from_year": year, "to_year": year}
    form = calendar_form(terms()[1], days=[(f"{year}-01-01", "Mine", "")])
    page = mara.post("/settings/calendars/office", data=form | asked).text
    offered = re.findall(r'name="holiday" value="([^"]+)"( checked)?', page)
    names = dict(text.split(" ", 1) for text, _checked in offered)
    assert names[f"{year}-01-06"] == "Epiphany"  # of Bavaria
    assert f"{year}-01-01" not in names  # stands in the list already
    assert all(checked for _text, checked in offered)
    assert terms()[0] == 1
    ticked = [f"{year}-01-06 Epiphany", f"{year}-12-25 Christmas Day"]
    added = mara.post("/settings/calendars/office", data=form | {"add_holidays": "1", "holiday": ticked}).text
    assert f'value="{year}-12-25"' in added
    assert terms()[0] == 1
    closed = mara.post("/settings/calendars/office", data=form | {"close": "1", "holiday": ticked}).text
    assert f'value="{year}-12-25"' not in closed
    mara.post("/settings/calendars/office", data=form | {"holiday": ticked})
    exceptions = terms()[1]["calendars"]["office"]["exceptions"]
    assert exceptions[f"{year}-01-06"] == {"name": "Epiphany", "open": []}
    assert exceptions[f"{year}-01-01"]["name"] == "Mine"


def test_odd_questions_for_holidays_are_no_error(mara, terms):
    form = calendar_form(terms()[1])
    for asked in ({}, {"country": "XX"}, {"country": "MT", "subdivision": "BY", "from_year": "1", "to_year": "9999"},
                  {"country": "MT", "from_year": "x"}):  # fmt: skip
        answer = mara.post("/settings/calendars/office", data=form | {"holidays": "1"} | asked)
        assert answer.status_code == 200
        assert "Choose a country" in answer.text


def test_how_many_open_clocks_are_concerned_is_said_before_saving(app, mara, terms):
    with app.app_context():
        made = factories.ticket(moment=now(), priority=Priority.NORMAL)
        db.session.commit()
        number = made.id
    # Every day from today on is closed for a month: whatever day it is, both clocks are due later.
    days = [(days_from_now(day), f"Day {day}", "") for day in range(-1, 30)]
    form = calendar_form(terms()[1], days=days, note="Move")
    live = mara.post("/settings/calendars/office", data=form | {"preview": "1"}, headers={"HX-Request": "true"}).text
    assert "Affects 2 open clocks" in live
    asked = mara.post("/settings/calendars/office", data=form)
    assert asked.status_code == 200
    assert "Affects 2 open clocks." in asked.text
    assert terms()[0] == 1
    hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', asked.text)
    carried = {}
    for name, value in hidden:
        carried.setdefault(name, []).append(value)
    back = mara.post("/settings/calendars/office", data=carried | {"edit": "1"})
    assert back.text.count("Day 7") >= 1
    assert terms()[0] == 1
    saved = mara.post("/settings/calendars/office", data=carried | {"confirmed": "1"})
    assert saved.status_code == 303
    assert "Due times moved: 2." in mara.get("/settings/calendars").text
    assert terms()[1]["calendars"]["office"]["exceptions"].keys() >= {days_from_now(7)}
    with app.app_context():
        due = db.session.scalar(select(func.min(SlaClock.due_at)).where(SlaClock.ticket_id == number))
        assert due > now() + timedelta(days=28)


def test_a_change_that_concerns_no_clock_is_saved_at_once(mara, terms, ticket):
    ticket(Status.NEW, moment=berlin("2026-05-04 09:00"))
    form = calendar_form(terms()[1], mon="8-9", days=[(days_from_now(900), "Far", "")])
    live = mara.post("/settings/calendars/office", data=form | {"preview": "1"}, headers={"HX-Request": "true"}).text
    assert "Affects no open clock." in live
    assert mara.post("/settings/calendars/office", data=form).status_code == 303


def test_the_preview_follows_what_can_be_read(mara, terms):
    form = calendar_form(terms()[1], mon="0-12", tue="nonsense")
    part = mara.post("/settings/calendars/office", data=form | {"preview": "1"}, headers={"HX-Request": "true"}).text
    assert 'hx-target="#strip-mon"' in part
    assert 'width="50.00%"' in part
    assert 'hx-target="#strip-tue"' not in part
    assert "cannot be read yet" in part
    never = calendar_form(terms()[1]) | dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "")
    part = mara.post("/settings/calendars/office", data=never | {"preview": "1"}, headers={"HX-Request": "true"}).text
    assert "does not open" in part


def test_a_late_saving_of_a_calendar_keeps_its_rows(mara, terms):
    mara.post("/settings/policies/security", data=policy_form(terms()[1], high_reaction="20"))
    form = calendar_form(terms()[1], number=1, days=[("2031-01-01", "Mine", "")])
    answer = mara.post("/settings/calendars/office", data=form)
    assert answer.status_code == 409
    assert "Security, High: React within 20 min instead of 30 min" in answer.text
    assert 'value="Mine"' in answer.text
    assert mara.post("/settings/calendars/office", data=form | {"terms": 2}).status_code == 303
