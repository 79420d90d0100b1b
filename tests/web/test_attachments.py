"""Files: taken in, kept apart from the web, handed out as downloads, and never left behind."""

import io

import pytest

from tests import factories as make
from ticketing.extensions import db
from ticketing.models import Attachment, Comment
from ticketing.rules.taxonomy import TicketType

HX = {"HX-Request": "true"}
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


@pytest.fixture
def stored(tmp_path):
    """The names of the files under the store, whether kept or still incoming."""
    return lambda: sorted(path.name for path in (tmp_path / "attachments").rglob("*") if path.is_file())


@pytest.fixture
def rows(app):
    def get():
        with app.app_context():
            return list(db.session.query(Attachment).order_by(Attachment.id))

    return get


@pytest.fixture
def download():
    """`download(client, number)`: the answer, read and closed."""

    def get(client, number, query=""):
        with client.get(f"/attachments/{number}{query}") as answer:
            assert answer.data is not None
            return answer

    return get


def send(client, key, *files, visibility="public", body="See the files", headers=HX):
    data = {"body": body, "visibility": visibility, "files": [(io.BytesIO(data), name) for data, name in files]}
    return client.post(f"/tickets/{key}/comments", data=data, headers=headers)


def test_several_files_come_with_a_comment(client_for, people, key, rows, stored, tmp_path):
    answer = send(client_for(people.ann), key, (PNG, "rate.png"), (b"10:31 timeout", "gw.log"))
    assert answer.status_code == 200 and "gw.log" in answer.text
    picture, log = rows()
    assert (picture.media_type, picture.size, log.media_type) == ("image/png", len(PNG), "text/plain")
    assert picture.comment_id == log.comment_id
    assert stored() == sorted([picture.stored_as, log.stored_as])
    assert (tmp_path / "attachments" / log.stored_as[:2] / log.stored_as).read_bytes() == b"10:31 timeout"


def test_a_file_is_a_download_that_can_do_nothing(client_for, people, key, rows, download):
    client = client_for(people.ann)
    send(client, key, (b"<script>alert(1)</script>", "evil.html"))
    answer = download(client, rows()[0].id, "?inline=1")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("data", "inline"),
    [(PNG, True), (b"\xff\xd8\xff\xe0" + b"\0" * 20, True), (b"GIF89a" + b"\0" * 20, True),
     (b"RIFF\0\0\0\0WEBPVP8 ", True), (b"<svg xmlns='http://www.w3.org/2000/svg'/>", False), (b"\0\1\2", False)],
)  # fmt: skip
def test_only_real_pictures_are_shown_in_the_page(client_for, people, key, rows, download, data, inline):
    client = client_for(people.ann)
    send(client, key, (data, "picture.png"))
    answer = download(client, rows()[0].id, "?inline=1")
    assert ("attachment" not in answer.headers["Content-Disposition"]) is inline
    assert download(client, rows()[0].id).headers["Content-Disposition"].startswith("attachment")


def test_files_of_notes_are_not_for_the_reporter(client_for, people, key, rows, download):
    send(client_for(people.ann), key, (b"secret", "internal.log"), visibility="internal")
    send(client_for(people.ann), key, (b"open", "public.log"))
    internal, public = rows()
    rita = client_for(people.rita)
    assert download(rita, internal.id).status_code == 404
    assert download(rita, public.id).data == b"open"
    page = rita.get(f"/tickets/{key}").text
    assert "internal.log" not in page and "public.log" in page


def test_files_go_only_to_those_who_see_the_ticket(app, client_for, people, download):
    with app.app_context():
        key = make.ticket(type=TicketType.SECURITY_ALERT, team_id=make.team("devops").id).key
        db.session.commit()
    send(client_for(people.bo), key, (b"dump", "dump.txt"))
    assert download(client_for(people.ann), 1).status_code == 404
    assert download(client_for(people.sam), 1).status_code == 404
    assert download(client_for(people.bo), 1).status_code == 200
    assert download(app.test_client(), 1).status_code in (302, 401)
    assert download(client_for(people.bo), 77).status_code == 404


def test_a_file_too_large_is_named_and_nothing_is_kept(make_app, client_for, people, key, rows, stored):
    client = client_for(people.ann)
    client.application.config["MAX_UPLOAD"] = 50_000
    answer = send(client, key, (b"small", "small.log"), (b"x" * 50_001, "video.mp4"))
    assert answer.status_code == 413
    assert "video.mp4 is larger than 50 kB" in answer.text and 'hx-target="#composer-error"' in answer.text
    page = send(client, key, (b"x" * 50_001, "video.mp4"), headers={})
    assert page.status_code == 413 and "See the files" in page.text
    assert rows() == [] and stored() == []


def test_a_request_too_large_is_refused_unread(client_for, people, key, rows, stored):
    client = client_for(people.ann)
    client.application.config["MAX_UPLOAD"] = 10_000
    answer = send(client, key, *[(b"x" * 26_000, f"{n}.bin") for n in range(12)])
    assert answer.status_code == 413 and "too large" in answer.text
    assert rows() == [] and stored() == []


def test_too_many_files_at_once(client_for, people, key, rows, stored):
    answer = send(client_for(people.ann), key, *[(b"x", f"{n}.log") for n in range(11)])
    assert answer.status_code == 422 and "At most 10 files" in answer.text
    assert rows() == [] and stored() == []


def test_a_failed_transaction_leaves_no_file(app, client_for, people, key, rows, stored, monkeypatch):
    def fail():
        raise RuntimeError("the disk is gone")

    client = client_for(people.ann)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr(db.session, "commit", fail)
    assert send(client, key, (b"x", "x.log")).status_code == 500
    monkeypatch.undo()
    assert rows() == [] and stored() == []


def test_a_refused_comment_leaves_no_file(client_for, people, key, stored, app):
    assert send(client_for(people.sam), key, (b"x", "x.log")).status_code == 404
    assert send(client_for(people.ann), key, (b"x", "x.log"), body="x" * 20_001).status_code == 422
    assert stored() == []
    with app.app_context():
        assert db.session.query(Comment).count() == 0


def test_a_file_without_words_is_a_comment_too(client_for, people, key, rows):
    assert send(client_for(people.ann), key, (b"x", "x.log"), body="").status_code == 200
    assert rows()[0].comment_id is not None


def test_files_are_hung_on_the_ticket_itself(client_for, people, key, rows):
    client = client_for(people.ann)
    answer = client.post(f"/tickets/{key}/attachments", data={"files": [(io.BytesIO(b"a"), "a.har")]}, headers=HX)
    assert answer.status_code == 200 and "attached <b>a.har</b>" in answer.text
    assert rows()[0].comment_id is None
    empty = client.post(f"/tickets/{key}/attachments", headers=HX)
    assert empty.status_code == 422 and "Not attached" in empty.text


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("../../etc/passwd", "passwd"), ("a\u202egnp.exe", "a gnp.exe"), ("..", "file"),
     ("x" * 300 + ".log", "x" * 116 + ".log"), ("Счёт №5.pdf", "Счёт №5.pdf")],
)  # fmt: skip
def test_the_name_is_only_a_name(client_for, people, key, rows, sent, kept):
    send(client_for(people.ann), key, (b"x", sent))
    row = rows()[0]
    assert row.name == kept and len(row.stored_as) == 32
