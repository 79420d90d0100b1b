"""Behind gunicorn as it runs in earnest: who calls does not say where the desk is mounted."""

import http.client

import pytest

from tests.bench.servers import PRODUCT, Server


@pytest.fixture
def status_of(app, database_url, tmp_path):
    server = Server("wsgi:app", tmp_path / "server.log", PRODUCT, TICKETING_DATA_DIR=str(tmp_path),
                    TICKETING_DATABASE_URL=database_url, TICKETING_PROXY_HOPS="1")  # fmt: skip

    def ask(path, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, answer.headers["Content-Security-Policy"] is not None

    try:
        server.wait()
        yield ask
    finally:
        server.stop()


def test_a_caller_cannot_move_the_desk_to_another_path(status_of):
    assert status_of("/embed/board") == (401, True)
    for path in ("/embed", "/x", "/healthz"):
        assert status_of("/embed/board", SCRIPT_NAME=path) == (401, True)
        assert status_of("/sign-in", SCRIPT_NAME=path, **{"X-Forwarded-Proto": "https"}) == (200, True)
