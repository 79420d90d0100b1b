"""What the surroundings lack is told in a sentence."""

import pytest
from sqlalchemy import text

from ticketing.extensions import db


@pytest.mark.parametrize("command", [["users", "list"], ["tickets", "export"], ["demo"], ["board", "refresh"]])
def test_a_database_without_tables_is_told_with_the_way_out(app, runner, command):
    with app.app_context():
        db.drop_all()
        db.session.execute(text("DROP TABLE alembic_version"))
        db.session.commit()
    answer = runner.invoke(args=command)
    assert answer.exit_code == 2
    assert "flask init" in answer.stderr
    assert "Traceback" not in answer.output


def test_a_folder_is_no_file_to_export_to(runner, tmp_path):
    answer = runner.invoke(args=["tickets", "export", "-o", str(tmp_path)])
    assert answer.exit_code == 2
    assert str(tmp_path) in answer.output
