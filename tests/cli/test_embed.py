"""Tokens to try with, and what the doctor says."""

import pytest

from tests.support.embedding import PANEL, hand_over, make_key, row_of
from ticketing.clock import now
from ticketing.extensions import db

WHO = ["--sub", "7", "--email", "pia@panel.example", "--name", "Pia"]


@pytest.fixture
def key(app, people):
    return make_key(app)


def test_a_token_from_the_command_line_lets_in_once(app, runner, key):
    said = runner.invoke(
        args=["embed", "sign", "--key", "Back office", *WHO, "--role", "devops_engineer", "--view", "queue"]
    )
    assert said.exit_code == 0, said.output
    assert f"https://panel.example: http://127.0.0.1:8000/embed/enter?key={key.id}#token=" in said.stderr
    text = said.stdout.strip()
    assert hand_over(app.test_client(), text).location.startswith("/embed/queue?entered=")
    assert hand_over(app.test_client(), text).status_code == 403
    listed = runner.invoke(args=["embed", "keys"]).stdout
    assert "Back office  panel  HS256  https://panel.example  1 sessions" in listed


@pytest.mark.parametrize(
    ("args", "said"),
    [(["--key", "Nobody", *WHO], "there is no key Nobody"), (["--key", "panel", *WHO, "--seconds", "301"], "301"),
     (["--key", "panel", *WHO, "--role", "root"], "root"), (["--key", "panel", *WHO, "--sub", "7" * 121], "--sub:"),
     (["--key", "panel", *WHO, "--view", "settings"], "--view:"), (["--key", "panel", *WHO, "--lang", "%"], "--lang:")],
)  # fmt: skip
def test_what_cannot_be_signed_is_told(runner, key, args, said):
    done = runner.invoke(args=["embed", "sign", *args])
    assert done.exit_code != 0 and said in done.output


def test_a_revoked_key_signs_nothing(app, runner, key):
    with app.app_context():
        row_of(key).revoked_at = now()
        db.session.commit()
    done = runner.invoke(args=["embed", "sign", "--key", "panel", *WHO])
    assert done.exit_code == 2 and "is revoked" in done.output


def ask(runner, origin=PANEL):
    done = runner.invoke(args=["doctor", "embed", "--origin", origin])
    return done.exit_code, done.output


@pytest.mark.parametrize("trusted", [None, ["desk.example"], [".example"]])
def test_the_doctor_is_content(make_app, people, trusted):
    app = make_app(BASE_URL="https://desk.example", SESSION_COOKIE_SECURE=True, PROXY_HOPS=1, TRUSTED_HOSTS=trusted)
    make_key(app)
    code, said = ask(app.test_cli_runner())
    assert (code, "✗" in said) == (0, False), said
    assert "two sites" in said


@pytest.mark.parametrize(
    ("settings", "origin", "said"),
    [
        ({}, "https://other.example", "No key allows https://other.example"),
        ({"BASE_URL": ""}, PANEL, "TICKETING_BASE_URL is not set"),
        ({"BASE_URL": "http://desk.example"}, PANEL, "without TLS"),
        ({"BASE_URL": "http://desk.example"}, PANEL, "mixed content"),
        ({"SESSION_COOKIE_SECURE": False}, PANEL, "TICKETING_SECURE_COOKIES is 0"),
        ({"TRUSTED_HOSTS": ["other.example"]}, PANEL, "TICKETING_TRUSTED_HOSTS does not name desk.example"),
    ],
)  # fmt: skip
def test_the_doctor_tells_what_a_browser_refuses(make_app, people, settings, origin, said):
    usual = {"BASE_URL": "https://desk.example", "SESSION_COOKIE_SECURE": True, "PROXY_HOPS": 1}
    app = make_app(**usual | settings)
    make_key(app)
    code, told = ask(app.test_cli_runner(), origin)
    assert (code, said in told) == (1, True), told


def test_the_doctor_asks_for_an_origin(runner, key):
    code, said = ask(runner, "panel.example/x")
    assert code == 2 and "is no origin" in said
