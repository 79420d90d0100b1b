"""What pages of reports are made of: the glossary, words for numbers, key figures, and the marks of charts."""

from datetime import date
from types import SimpleNamespace

import pytest

from tests.support.reports import counted_desk
from ticketing.queries.report_behind import NAMES
from ticketing.queries.report_names import read_names
from ticketing.queries.report_scope import Scope
from ticketing.queries.reports import load_report
from ticketing.queries.workload import backlog, load
from ticketing.rules.compliance import Compliance
from ticketing.rules.report_change import percent
from ticketing.rules.sla import ClockKind
from ticketing.web.report_charts import count_marks, share_marks, time_marks
from ticketing.web.report_figures import FAMILIES, figure_name
from ticketing.web.report_glossary import GLOSSARY
from ticketing.web.report_key_figures import key_figures, spark
from ticketing.web.report_panels import panels
from ticketing.web.report_words import period_words, time_words, week_words
from ticketing.web.template_helpers import number


@pytest.fixture
def made(app, people):
    """Panels and key figures of a desk with a past."""
    counted = counted_desk(app)
    with app.test_request_context():
        report = load_report(counted.scope, people.mara, "Europe/Berlin")
        aged, loads = backlog(counted.scope, people.mara, counted.at), load(counted.scope, people.mara, counted.at)
        yield SimpleNamespace(
            panels=panels(report, aged, loads, read_names()), figures=key_figures(report), report=report
        )


# The glossary


def test_every_figure_that_is_shown_is_in_the_glossary(made):
    shown = {panel.term for panel in made.panels} | {figure.term for figure in made.figures}
    shown |= {column.term for panel in made.panels for column in panel.table.columns if column.term}
    assert shown and shown <= {key for section in GLOSSARY.values() for key in section.terms}


def test_every_column_of_numbers_says_where_it_is_explained(made):
    for panel in made.panels:
        for column in panel.table.columns[panel.table.heads :]:
            assert column.term or column.key == "clock", (panel.key, column.key)


def test_every_entry_has_a_name_a_meaning_and_a_place(app, people, client_for):
    text = client_for(people.ann).get("/reports/glossary").text
    for section in GLOSSARY.values():
        for key, term in section.terms.items():
            assert term.name and term.meaning
            assert f'id="{key}"' in text
    assert "90 % do not exceed" in text and "%%" not in text


def test_every_list_has_a_name_of_its_own(app):
    with app.test_request_context():
        names = {name: figure_name(name) for name in NAMES}
    assert len(set(names.values())) == len(names)
    assert set().union(*FAMILIES.values()) - NAMES == {f"aged_{code}" for code in ("1d", "3d", "7d", "28d", "older")}


# Words


@pytest.mark.parametrize(
    ("share", "words"),
    [(None, "–"), (0, "0%"), (1, "100%"), (0.9994, "99.9%"), (0.99999, "99.9%"), (0.00001, "0.1%"), (0.5, "50.0%"),
     (0.9486, "94.9%")],
)  # fmt: skip
def test_what_is_not_all_is_never_shown_as_all(share, words):
    assert percent(share) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "–"), (0, "0 min"), (59, "<1 min"), (60, "1 min"), (3599, "59 min"), (3600, "1 h"), (17520, "4 h 52 min"),
     (86400 * 45, "1\u202f080 h")],
)  # fmt: skip
def test_times_are_minutes_and_hours_and_never_days(seconds, words):
    assert time_words(seconds) == words


def test_numbers_and_days_read_as_people_write_them():
    assert (number(999), number(1234567)) == ("999", "1\u202f234\u202f567")
    today = date(2026, 5, 4)
    assert period_words(date(2026, 4, 7), today, today) == "7 Apr to 4 May"
    assert period_words(date(2025, 12, 7), today, today) == "7 Dec 2025 to 4 May 2026"
    assert period_words(today, today, today) == "4 May"
    assert week_words(date(2026, 5, 4), date(2026, 5, 10)) == "W19"
    assert week_words(date(2026, 5, 5), date(2026, 5, 10)) == "W19*"
    assert week_words(date(2026, 12, 28), date(2027, 1, 3)) == "W53"


# Key figures


def head(created=10, closed=8, reopened=0, open_at_end=5, **clocks):
    cycles = {ClockKind.REACTION: Compliance(met=3, breached=1), ClockKind.RESOLUTION: Compliance(met=1, breached=1)}
    return SimpleNamespace(created=created, closed=closed, reopened=reopened, open_at_end=open_at_end,
                           reopen_share=reopened / closed if closed else None, clocks=cycles | clocks)  # fmt: skip


def figures_of(now, then, scope=None):
    scope = scope or Scope(date(2026, 4, 7), date(2026, 5, 4), preset="4w")
    report = SimpleNamespace(headline=now, previous=then, weeks=[], scope=scope)
    return {figure.name: figure for figure in key_figures(report)}


@pytest.mark.parametrize(
    ("name", "now", "then", "told"),
    [
        ("Created", {"created": 12}, {}, ("flat", "+2", "more")),
        ("Closed", {"closed": 7}, {}, ("flat", "−1", "fewer")),
        ("Open at the end", {"open_at_end": 9}, {}, ("bad", "+4", "worse")),
        ("Open at the end", {"open_at_end": 2}, {}, ("good", "−3", "better")),
        ("Open at the end", {}, {}, ("flat", "", "no change")),
        ("Reopen rate", {"reopened": 2}, {}, ("bad", "+25.0 points", "worse")),
        ("Reopen rate", {"closed": 0}, {}, ("flat", "", "nothing to compare with")),
        ("Reaction kept", {}, {"reaction": Compliance(met=1, breached=1)}, ("good", "+25.0 points", "better")),
        ("Resolution kept", {}, {"resolution": Compliance(met=1)}, ("bad", "−50.0 points", "worse")),
    ],
)
def test_better_and_worse_are_words_with_a_sign(app, name, now, then, told):
    with app.test_request_context():
        figure = figures_of(head(**now), head(**then))[name]
    assert (figure.mood, figure.change, figure.verdict) == told


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        (Scope(date(2026, 4, 7), date(2026, 5, 4), preset="4w"), "10 in the 4 weeks before"),
        (Scope(date(2026, 2, 10), date(2026, 5, 4), preset="12w"), "10 in the 12 weeks before"),
        (Scope(date(2025, 5, 6), date(2026, 5, 4), preset="1y"), "10 in the year before"),
        (Scope(date(2026, 5, 4), date(2026, 5, 4)), "10 on the day before"),
        (Scope(date(2026, 5, 1), date(2026, 5, 4)), "10 in the 4 days before"),
    ],
)
def test_what_a_figure_is_compared_with_is_told(app, scope, words):
    with app.test_request_context():
        assert figures_of(head(), head(), scope)["Created"].before == words


def test_a_line_needs_two_points_and_stays_in_its_box():
    assert spark([]) == spark([3]) == spark([None, 3, None]) == ""
    assert spark([2, 2]) == "0.0,16.0 100.0,16.0"
    assert spark([0, None, 10]) == "0.0,30.0 100.0,2.0"


# Charts


@pytest.mark.parametrize(
    ("most", "marks"),
    [(0, [0, 1]), (1, [0, 1]), (5, [0, 1, 2, 3, 4, 5]), (7, [0, 2, 4, 6, 8]), (23, [0, 5, 10, 15, 20, 25]),
     (248, [0, 50, 100, 150, 200, 250]), (1_000_000, [0, 200_000, 400_000, 600_000, 800_000, 1_000_000])],
)  # fmt: skip
def test_marks_of_counts_are_round_and_reach_the_top(app, most, marks):
    with app.test_request_context():
        assert [value for value, _ in count_marks(most)] == marks


@pytest.mark.parametrize("most", [1, 59, 61, 3600, 86400, 86400 * 45, 86400 * 5000])
def test_marks_of_times_are_few_and_reach_the_top(app, most):
    with app.test_request_context():
        marks = time_marks(most)
    assert marks[0] == (0, "0") and marks[-1][0] >= most
    assert 2 <= len(marks) <= 6


def test_marks_of_shares_begin_where_differences_can_be_seen():
    assert [text for _, text in share_marks([[0.96, None], [1.0]])] == ["90%", "92%", "94%", "96%", "98%", "100%"]
    assert share_marks([[0.1]])[0] == (0, "0%")


def test_a_chart_draws_what_its_table_says(made):
    panel = next(panel for panel in made.panels if panel.key == "weeks")
    created, closed, still = (series["values"] for series in panel.chart["series"])
    columns = list(zip(*panel.table.rows, strict=True))
    assert [created, closed, still] == [[cell.value for cell in columns[place]] for place in (3, 4, 5)]
    flow = next(panel for panel in made.panels if panel.key == "flow")
    bands = {series["name"]: series["values"] for series in flow.chart["series"]}
    assert bands["New"] == [row[1].value for row in flow.table.rows]


def test_the_bottleneck_is_marked_in_chart_and_table(made):
    panel = next(panel for panel in made.panels if panel.key == "statuses")
    half, most = panel.chart["series"]
    assert most["ends"][panel.table.mark].endswith("bottleneck")
    assert half["colours"].count("risk-solid") == 1 and half["colours"][panel.table.mark] == "risk-solid"
    assert "bottleneck" in panel.sentence
