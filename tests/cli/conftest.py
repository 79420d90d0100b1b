"""A second desk beside the test's own, to carry tickets over to."""

import pytest

from tests.support.databases import dispose
from ticketing import create_app


@pytest.fixture
def other_app(request, database_kind, tmp_path):
    """An application on another empty, migrated database of the same kind."""
    folder = tmp_path / "other"
    folder.mkdir()
    with request.getfixturevalue(f"_{database_kind}").fresh(folder) as url:
        app = create_app({"TESTING": True, "SECRET_KEY": "only for tests, and long enough to be taken",
                          "SQLALCHEMY_DATABASE_URI": url, "DATA_DIR": str(folder)})  # fmt: skip
        yield app
        dispose(app)


@pytest.fixture
def flask(runner):
    """`flask("users", "list")` runs the command and returns its result; it must end with `code`."""
    return _command(runner)


@pytest.fixture
def other_flask(other_app):
    return _command(other_app.test_cli_runner())


def _command(runner):
    def run(*args, code=0, **settings):
        result = runner.invoke(args=[str(arg) for arg in args], **settings)
        assert result.exit_code == code, result.output
        return result

    return run
