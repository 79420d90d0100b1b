"""The tables of the reports as files: what a spreadsheet opens, runs nothing of, and can reckon with."""

import csv
import io
import re
from datetime import date

import pytest
import time_machine
from sqlalchemy import select

from tests import factories as make
from tests.support.reports import counted_desk
from ticketing.extensions import db
from ticketing.jobs.reports.refresh import refresh
from ticketing.models import Category, Team, User
from ticketing.queries.csv_export import plain_cell
from ticketing.queries.report_scope import Scope
from ticketing.queries.reports import load_report
from ticketing.rules.sla import ClockKind
from ticketing.rules.taxonomy import Status
from ticketing.web.reports_files import _TITLES

WICKED = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\tx", "'quoted", '=HYPERLINK("http://x")', 'a,b\n"c"',
          "Lobby; =1+1", "x;=HYPERLINK(1)", "a\t'-1")  # fmt: skip
NAMES = sorted(_TITLES)


@pytest.fixture
def counted(app, people):
    found = counted_desk(app)
    with time_machine.travel(found.at, tick=False):
        yield found


def read(answer) -> list[dict]:
    assert answer.status_code == 200
    assert answer.content_type == "text/csv; charset=utf-8"
    text = answer.data.decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


@pytest.mark.parametrize("name", NAMES)
def test_each_table_is_a_file_with_a_head_and_rows(counted, mara, name):
    answer = mara.get(f"/reports/{name}.csv?{counted.query}")
    rows = read(answer)
    assert rows
    assert f'filename="{name}-2026-03-01-2026-12-31.csv"' in answer.headers["Content-Disposition"]
    assert None not in rows[0] and all(len(row) == len(rows[0]) for row in rows)


def test_no_other_file_is_there(counted, mara):
    for name in ("tickets_behind", "x", "..", "weeks.csv"):
        assert mara.get(f"/reports/{name}.csv").status_code == 404


def test_weeks_are_the_reports_own_numbers(app, counted, mara, people):
    rows = read(mara.get(f"/reports/weeks.csv?{counted.query}"))
    with app.app_context():
        report = load_report(counted.scope, people.mara, "Europe/Berlin")
        assert [(date.fromisoformat(row["From"]), date.fromisoformat(row["To"])) for row in rows] == [
            (week.start, week.last) for week in report.weeks
        ]
        assert [(int(row["Created"]), int(row["Closed"]), int(row["Open at the end"])) for row in rows] == [
            (week.created, week.closed, week.open_at_end) for week in report.weeks
        ]


def test_shares_and_times_come_back_as_they_were(app, counted, mara, people):
    rows = read(mara.get(f"/reports/teams.csv?{counted.query}"))
    with app.app_context():
        report = load_report(counted.scope, people.mara, "Europe/Berlin")
        names = {team.name: team.id for team in db.session.scalars(select(Team))}
        for row in rows:
            cycles = report.by_team[names[row["Team"]]][ClockKind(row["Clock"].lower())]
            share = float(row["Compliance"]) if row["Compliance"] else None
            assert share == (cycles.share if cycles.share is None else pytest.approx(cycles.share, abs=1e-6))
            for column, value in (("Median", cycles.median_s), ("p90", cycles.p90_s), ("Mean", cycles.mean_s)):
                assert row[f"{column} (seconds)"] == ("" if value is None else str(value))
            assert [int(row[column]) for column in ("Met", "Breached", "Cancelled", "Own", "Taken back")] == [
                cycles.met, cycles.breached, cycles.cancelled, cycles.self, cycles.superseded,
            ]  # fmt: skip


def test_the_scope_of_the_page_is_that_of_its_files(counted, mara):
    all_of_it = read(mara.get(f"/reports/priorities.csv?{counted.query}"))
    some = read(mara.get(f"/reports/priorities.csv?{counted.query}&priority=critical"))
    assert {row["Priority"] for row in some} == {"Critical"} < {row["Priority"] for row in all_of_it}


@pytest.mark.parametrize("wicked", WICKED)
def test_what_people_called_things_is_no_formula_and_comes_back(app, people, client_for, wicked):
    with app.app_context():
        ann = db.session.scalar(select(User).where(User.handle == "ann"))
        make.ticket_in(Status.CLOSED, title=wicked)
        make.ticket_in(Status.DIAGNOSTICS)
        ann.name = wicked
        make.team("technical_support").name = wicked
        db.session.scalar(select(Category).where(Category.key == "user_system")).name = wicked
        db.session.commit()
        refresh(make.at(60), "UTC")
    with time_machine.travel(make.at(61), tick=False):
        client = client_for(people.mara)
        tables = {
            name: read(client.get(f"/reports/{name}.csv")) for name in ("teams", "categories", "throughput", "load")
        }
        tables["tickets"] = read(client.get("/reports/tickets.csv?figure=closed"))
    columns = {"teams": "Team", "categories": "Category", "throughput": "Engineer", "load": "Engineer",
               "tickets": "Title"}  # fmt: skip
    for name, column in columns.items():
        cells = [row[column] for row in tables[name]]
        kept = " ".join(wicked.split()) if name == "tickets" else wicked  # a title is one line
        assert kept in map(plain_cell, cells), name
    for rows in tables.values():
        pieces = [piece for row in rows for cell in row.values() for piece in re.split(r"[;\t\r\n]", cell)]
        assert not any(piece.strip(" ").startswith(("=", "+", "-", "@")) for piece in pieces)


def test_the_list_behind_a_number_is_a_file_of_all_its_pages(app, people, client_for):
    with app.app_context():
        for minute in range(120):
            make.ticket(f"Ticket {minute}", moment=make.at(minute))
        db.session.commit()
        refresh(make.at(200), "UTC")
    with time_machine.travel(make.at(201), tick=False):
        rows = read(client_for(people.mara).get("/reports/tickets.csv?figure=created"))
    assert [row["Key"] for row in rows] == [f"T-{number}" for number in range(120, 0, -1)]
    assert rows[0] == {
        "Key": "T-120", "Title": "Ticket 119", "Status": "new", "Owner": "", "What": "Created", "Day": "2026-05-04",
        "Time (seconds)": "",
    }  # fmt: skip


def test_a_scope_without_anything_is_a_file_with_its_head(counted, mara):
    answer = mara.get(f"/reports/teams.csv?{Scope(date(2020, 1, 1), date(2020, 1, 31)).query()}")
    assert answer.data.decode().startswith("\ufeffTeam,Clock,Compliance,Met,Breached,Median (seconds)")
    assert answer.data.count(b"\r\n") == 1
