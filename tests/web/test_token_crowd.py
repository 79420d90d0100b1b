"""One good token, a hundred times, from eight senders, at a server of two processes: one is in."""

import http.client
import threading
from collections import Counter
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from tests.bench.servers import PRODUCT, Server
from tests.support.embedding import PANEL, make_key, token
from ticketing.extensions import db
from ticketing.models import AuditEntry, UserSession
from ticketing.models.audit import AuditKind

SENDERS, EACH = 8, 100


@pytest.mark.both_databases
def test_eight_senders_a_hundred_times_each_and_one_is_in(app, people, database_url, tmp_path):
    key = make_key(app)
    text, got, lock = token(key), Counter(), threading.Lock()
    log = tmp_path / "server.log"
    server = Server("wsgi:app", log, (*PRODUCT, "--access-logfile", "-"), TICKETING_DATA_DIR=str(tmp_path),
                    TICKETING_DATABASE_URL=database_url, TICKETING_SECRET_KEY=app.config["SECRET_KEY"])  # fmt: skip
    try:
        server.wait()

        def send():
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
            for _ in range(EACH):
                body = urlencode({"token": text})
                headers = {"Origin": PANEL, "Content-Type": "application/x-www-form-urlencoded"}
                connection.request("POST", "/embed/enter", body, headers)
                answer = connection.getresponse()
                answer.read()
                with lock:
                    got[answer.status] += 1
            connection.close()

        threads = [threading.Thread(target=send) for _ in range(SENDERS)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    finally:
        server.stop()
    assert got == {303: 1, 403: SENDERS * EACH - 1}
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(UserSession)) == 1
        told = db.session.scalars(select(AuditEntry).where(AuditEntry.kind != AuditKind.EMBED_KEY)).all()
        counted = sum(one.facts.get("count", 1) for one in told)
        assert counted == SENDERS * EACH
    written = log.read_text()
    assert "POST /embed/enter" in written and text.rpartition(".")[2] not in written
