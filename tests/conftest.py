"""Applications, databases and people's browsers for every test."""

import os
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import select

from tests import factories
from tests.support.databases import PostgreSQLServer, SQLiteFiles, dispose, quick_folder
from tests.support.routes import keep_compiled
from tests.support.second_steps import give_passwords
from tests.support.signing import sign_in
from tests.support.templates import compiled
from ticketing import create_app
from ticketing.extensions import db
from ticketing.models import Link, Ticket

# What a developer has set for the real product must not reach the tests.
FOR_TESTS = {"TICKETING_CHROMIUM", "TICKETING_REQUIRE_BROWSER", "TICKETING_PICTURES"}
for _name in [name for name in os.environ if name.startswith("TICKETING_")]:
    if _name not in FOR_TESTS:
        del os.environ[_name]

# Folders of tests are small and many: in memory they are quicker, and those of tests that passed are gone at once.
os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(quick_folder()))

# A machine under load is slow now and then; that is no failure, and a run repeats.
hypothesis.settings.register_profile("ticketing", deadline=None, derandomize=True, database=None, max_examples=60)
hypothesis.settings.load_profile("ticketing")
keep_compiled()

HERE = Path(__file__).parent

# What speaks to the database itself is tested on both; pages are the same on either.
ON_BOTH = {"models", "queries", "jobs", "cli"}


def pytest_addoption(parser):
    parser.addoption(
        "--databases",
        default="sqlite,postgresql",
        help="the databases to test on, for a quick look: --databases=sqlite",
    )


def pytest_generate_tests(metafunc):
    if "database_kind" in metafunc.fixturenames:
        asked = metafunc.config.getoption("--databases").split(",")
        kinds = [kind for kind in _databases_of(metafunc.definition) if kind in asked]
        if kinds != ["sqlite"]:
            metafunc.parametrize("database_kind", kinds, indirect=True)


def _databases_of(item):
    if item.get_closest_marker("sqlite_only"):
        return ["sqlite"]
    if item.get_closest_marker("postgresql_only"):
        return ["postgresql"]
    room = item.path.relative_to(HERE).parts[0]
    if item.get_closest_marker("both_databases") or room in ON_BOTH:
        return ["sqlite", "postgresql"]
    return ["sqlite"]


@pytest.fixture(autouse=True)
def _push_request_context():
    """Replaces the fixture of pytest-flask that holds one context round a whole test.

    Under that context a second, anonymous client is served as the first one's user, so
    a test of permissions would pass without any. Same name, so ours wins.
    """
    yield


@pytest.fixture
def database_kind(request):
    """The text sqlite or postgresql; which of them a test meets is decided above."""
    return getattr(request, "param", "sqlite")


@pytest.fixture(scope="session")
def _sqlite(tmp_path_factory):
    return SQLiteFiles(create_app, tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def _postgresql(testrun_uid):
    server = PostgreSQLServer(create_app, testrun_uid[:12])
    yield server
    server.stop()


@pytest.fixture
def database_url(request, database_kind, tmp_path):
    """The address of an empty, fully migrated database of this test alone."""
    source = request.getfixturevalue(f"_{database_kind}")
    with source.fresh(tmp_path) as url:
        yield url


@pytest.fixture
def make_app(database_url, tmp_path):
    """Build applications on the test's database, as several processes would.

    `make_app(WTF_CSRF_ENABLED=True)` overrides a setting.
    """
    made = []

    def build(**overrides):
        settings = {
            "TESTING": True,
            "SECRET_KEY": "only for tests, and long enough to be taken",
            "SQLALCHEMY_DATABASE_URI": database_url,
            "DATA_DIR": str(tmp_path),
            "WTF_CSRF_ENABLED": False,
        }
        app = create_app(settings | overrides)
        app.jinja_env.bytecode_cache = compiled
        made.append(app)
        return app

    yield build
    for app in made:
        dispose(app)


@pytest.fixture
def app(make_app):
    """The application as most tests want it: signed-in writes need no CSRF token."""
    return make_app()


@pytest.fixture
def csrf_app(make_app):
    """The application as it runs in earnest, on the database of `app`."""
    return make_app(WTF_CSRF_ENABLED=True)


@pytest.fixture
def people(app):
    """The cast, saved, and readable outside any context: `people.ann`."""
    with app.app_context():
        cast = factories.people()
        db.session.commit()
        for person in vars(cast).values():
            db.session.refresh(person)
        db.session.expunge_all()
    return cast


@pytest.fixture
def ann(app, people):
    """Ann, who can sign in by the form; so can ada and bo (tests.support.second_steps.SECRET)."""
    give_passwords(app, people, "ann", "ada", "bo")
    return people.ann


@pytest.fixture
def app_context(app):
    """One application context round the whole test."""
    with app.app_context():
        yield


@pytest.fixture
def cast(app_context):
    """Such a context with the cast in its session, not yet committed."""
    factories.people()


@pytest.fixture
def client_for(app):
    """`client_for(ann)` is a fresh browser in which ann is signed in."""
    return lambda user: sign_in(app.test_client(), user)


@pytest.fixture
def runner(app):
    """Runs the command line: `runner.invoke(args=["users", "list"])`."""
    return app.test_cli_runner()


@pytest.fixture
def read(app):
    """`read("T-1", "status", …)`: facts of a ticket as they are now; one alone, several as a tuple."""

    def get(key, *names):
        with app.app_context():
            row = db.session.get(Ticket, int(key[2:]))
            values = tuple(getattr(row, name) for name in names)
            return values if len(values) > 1 else values[0]

    return get


@pytest.fixture
def links(app):
    """`links()`: (kind, source, target) of all there are, in the order in which they were made."""

    def get():
        with app.app_context():
            rows = db.session.execute(select(Link.kind, Link.source_id, Link.target_id).order_by(Link.id))
            return [tuple(row) for row in rows]

    return get
