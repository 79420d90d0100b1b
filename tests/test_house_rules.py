"""The house keeps its shape: docs/ says why, here it is enforced.

Each rule names every place that breaks it, as file:line. Each rule is also fed a text
that breaks it, since a rule that cannot fail guards nothing.
"""

from pathlib import Path

import pytest

from tests.support import house, markup

ROOT = Path(__file__).parent.parent
SKIPPED = {".git", ".venv", "instance", "test-results", "__pycache__", "vendor"}
TEXTS = {".py", ".html", ".css", ".js", ".md", ".txt", ".toml", ".cfg", ".ini", ".sh", ".yml"}
BY_NAME = {"Makefile", "LICENSE", ".gitignore", "run"}


def files(*patterns):
    """The files of the project itself that match."""
    for pattern in patterns:
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file() and not SKIPPED & set(path.relative_to(ROOT).parts):
                yield path


def broken(rule, paths, **settings):
    """Every breach as "file:line: complaint"."""
    for path in paths:
        name = path.relative_to(ROOT).as_posix()
        for line, what in rule(name, path.read_text(encoding="utf-8"), **settings):
            yield f"{name}:{line}: {what}"


def say(breaches):
    breaches = list(breaches)
    if breaches:
        pytest.fail("\n".join(breaches), pytrace=False)


@pytest.mark.parametrize(
    ("rule", "pattern"),
    [
        (house.imports_follow_the_table, "ticketing/**/*.py"),
        (house.imports_stand_at_the_top, "ticketing/**/*.py"),
        (house.status_has_one_writer, "ticketing/**/*.py"),
        (house.commits_happen_at_the_edges, "ticketing/**/*.py"),
        (house.one_clock_asks_the_time, "ticketing/**/*.py"),
        (house.files_are_short, "**/*.py"),
        (markup.nothing_runs_inline, "templates/**/*"),
        (markup.style_sheets_open_with_a_layer, "static/**/*.css"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_the_house_keeps(rule, pattern):
    say(broken(rule, files(pattern)))


def test_no_text_knows_the_machine_it_was_written_on():
    texts = (path for path in files("*", ".ci/*", "*/**/*") if path.suffix in TEXTS or path.name in BY_NAME)
    say(broken(house.no_path_of_one_machine, texts, checkout=str(ROOT)))


def test_every_rule_has_something_to_look_at():
    for pattern in ("ticketing/**/*.py", "templates/**/*.html", "static/**/*.css"):
        assert list(files(pattern)), pattern


WEB = "ticketing/web/board.py"
MODEL = "ticketing/models/user.py"
RULE = "ticketing/rules/workflow.py"


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (house.imports_follow_the_table, MODEL, "from ticketing.web import board"),
        (house.imports_follow_the_table, MODEL, "from ticketing import queries"),
        (house.imports_follow_the_table, MODEL, "from ..queries import board"),
        (house.imports_follow_the_table, MODEL, "import ticketing.jobs.retention"),
        (house.imports_follow_the_table, MODEL, "from ticketing import create_app"),
        (house.imports_follow_the_table, WEB, "import config"),
        (house.imports_follow_the_table, WEB, "from ticketing.channels import email"),
        (house.imports_follow_the_table, WEB, "from ticketing.cli import demo"),
        (house.imports_follow_the_table, RULE, "from ticketing import clock"),
        (house.imports_follow_the_table, RULE, "import flask"),
        (house.imports_follow_the_table, "ticketing/cellar/wine.py", ""),
        (house.imports_stand_at_the_top, WEB, "def f():\n  from ticketing.models import user"),
        (house.imports_stand_at_the_top, WEB, "def f():\n  from ..models import user"),
        (house.status_has_one_writer, WEB, "ticket.status = 'closed'"),
        (house.status_has_one_writer, WEB, "a, ticket.status = 1, 'closed'"),
        (house.status_has_one_writer, WEB, "setattr(ticket, 'status', 'closed')"),
        (house.status_has_one_writer, WEB, "update(Ticket).where(x).values(status='closed')"),
        (house.commits_happen_at_the_edges, MODEL, "db.session.commit()"),
        (house.commits_happen_at_the_edges, "ticketing/__init__.py", "db.session.commit()"),
        (house.one_clock_asks_the_time, WEB, "import datetime as d\nd.datetime.now(d.UTC)"),
        (house.one_clock_asks_the_time, WEB, "from datetime import date as D\nD.today()"),
        (house.one_clock_asks_the_time, WEB, "import time\ntime.time()"),
        (house.one_clock_asks_the_time, WEB, "from time import time"),
        (house.one_clock_asks_the_time, MODEL, "column(default=func.now())"),
        (house.files_are_short, WEB, "x = 1\n" * 301),
        (markup.nothing_runs_inline, "a.html", "<p {% if x %}style='color: red'{% endif %}>"),
        (markup.nothing_runs_inline, "a.html", "<p\n class=a onclick=go()>"),
        (markup.nothing_runs_inline, "a.html", "<p hx-on:click='go()'>"),
        (markup.nothing_runs_inline, "a.html", "<a href='javascript:go()'>"),
        (markup.nothing_runs_inline, "a.html", "<i hx-vals='js:{a: 1}'>"),
        (markup.nothing_runs_inline, "a.html", "<i hx-trigger='every 5s [visible]'>"),
        (markup.nothing_runs_inline, "a.html", "<i hx-ext='sse'>"),
        (markup.nothing_runs_inline, "a.html", "<script>{{ x }}</script>"),
        (markup.nothing_runs_inline, "a.html", "<style>p { color: red }</style>"),
        (markup.style_sheets_open_with_a_layer, "a.css", "/* @layer */ p { color: red }"),
    ],
)
def test_a_breach_is_seen(rule, path, text):
    assert len(list(rule(path, text))) == 1


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (house.imports_follow_the_table, WEB, "from ticketing.queries import board"),
        (house.imports_follow_the_table, MODEL, "from .event import Event"),
        (house.imports_follow_the_table, RULE, "from enum import StrEnum"),
        (house.imports_follow_the_table, "ticketing/__init__.py", "import config"),
        (house.imports_stand_at_the_top, WEB, "def f():\n  import holidays"),
        (house.status_has_one_writer, "ticketing/models/ticket.py", "self.status = to"),
        (house.status_has_one_writer, WEB, "shown = ticket.status"),
        (house.commits_happen_at_the_edges, WEB, "db.session.commit()"),
        (house.one_clock_asks_the_time, WEB, "from ticketing import clock\nclock.now()"),
        (house.one_clock_asks_the_time, WEB, "import time\ntime.monotonic()"),
        (markup.nothing_runs_inline, "a.html", "<script src='x' defer></script>"),
        (markup.nothing_runs_inline, "a.html", "<script type='application/json'>{}</script>"),
        (markup.nothing_runs_inline, "a.html", "<p data-style='a' title='one=two > three'>"),
        (markup.nothing_runs_inline, "a.html", "{{ icon(once='yes', style='small') }}"),
        (markup.style_sheets_open_with_a_layer, "a.css", "/* Cards */\n@layer parts {}"),
    ],
)
def test_what_is_allowed_passes(rule, path, text):
    assert list(rule(path, text)) == []


def test_a_path_of_one_machine_is_seen():
    rule = house.no_path_of_one_machine
    text = "fine\nsee " + "/" + "home/me/notes and /srv/checkout/x"
    assert [line for line, _ in rule("a.md", text, checkout="/srv/checkout")] == [2]
    assert list(rule("a.md", "see templates/home/x.html", checkout="/srv/checkout")) == []
