"""Texts that look like numbers and numbers that no database holds: a clear answer, never a 500."""

import pytest

from tests.factories import ticket
from ticketing.extensions import db

HUGE = "9223372036854775808"


@pytest.mark.parametrize(
    "path",
    [
        "/board?q=²", "/board?created=²", "/queue?q=²", "/queue?page=²", f"/queue?page={HUGE}", f"/my?page={HUGE}",
        "/my?q=²",
        f"/attachments/{HUGE}", f"/settings/people/{HUGE}", f"/settings/teams/{HUGE}", f"/settings/categories/{HUGE}",
        f"/tickets/T-{HUGE}", "/tickets/T-²", "/board/columns/new?offset=²", f"/board/columns/new?offset={HUGE}",
        "/board?q=%00", "/board?q=%ff%fe", "/queue?sort=%00",
    ],
)  # fmt: skip
def test_a_page_never_breaks_on_its_address(client_for, people, path):
    assert client_for(people.ada).get(path).status_code in (200, 404, 422)


@pytest.mark.parametrize("version", ["²", "-1", HUGE, "1.0", "\x00", ""])
def test_a_move_wants_a_real_version(app, client_for, people, version):
    form = {"ticket": "T-1", "to": "classified", "version": version}
    with app.app_context():
        ticket()
        db.session.commit()
    assert client_for(people.mara).post("/board/moves", data=form).status_code == 422


@pytest.mark.parametrize("address", ["http://[x", "//]", "x", "", "http://desk.example/tickets/T-1?activity=nonsense"])
def test_the_page_that_htmx_names_may_be_nonsense(app, client_for, people, address):
    """What was written is answered all the same."""
    with app.app_context():
        ticket()
        db.session.commit()
    headers = {"HX-Request": "true", "HX-Current-URL": address}
    assert (
        client_for(people.mara).post("/tickets/T-1/comments", data={"body": "Hi"}, headers=headers).status_code == 200
    )
    assert (
        client_for(people.mara)
        .post("/tickets/T-1/owner", data={"owner": "me", "context": "now", "version": "1"}, headers=headers)
        .status_code
        < 500
    )


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "path", ["/", "/sign-in", "/board", "/static/embed/host.js", "/none", "/embed/board", "/embed/enter", "/healthz"]
)
def test_under_a_host_name_that_is_not_the_desks_nothing_is_answered(make_app, path, method, caplog):
    app = make_app(TRUSTED_HOSTS=["desk.example"], WTF_CSRF_ENABLED=True, PROPAGATE_EXCEPTIONS=False)
    answer = app.test_client().open(path, method=method, base_url="http://evil.example")
    assert (answer.status_code, answer.text, caplog.text) == (400, "Bad Request", "")
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert app.test_client().get("/sign-in", base_url="http://desk.example").status_code == 200
