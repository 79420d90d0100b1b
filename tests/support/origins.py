"""Two sites over TLS, both on this machine: the desk, and a panel (or a stranger) that shows it in a frame."""

import threading
from contextlib import contextmanager
from pathlib import Path

from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from tests.support.certificates import make_certificate
from tests.support.live import QuietHandler, whole

EXAMPLE = Path(__file__).parents[2] / "docs" / "embedding-example"
HOSTS = ("desk.test", "panel.test", "evil.test")
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def certificate(folder):
    """What a server for any of HOSTS needs."""
    return make_certificate(folder, *HOSTS)[1]


@contextmanager
def secured(app, host, context):
    """Serve a WSGI application as https://host:port for the block; gives that origin."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler, ssl_context=context)
    thread = threading.Thread(target=server.serve_forever, name=host)
    thread.start()
    try:
        yield f"https://{host}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Panel:
    """The example of a host page, as a panel serves it. `tokens` are handed out one after the other."""

    def __init__(self):
        self.desk, self.user, self.tokens, self.pages = "", "A. Salmi", [], {}

    def __call__(self, environ, start_response):
        return self._answer(Request(environ))(environ, start_response)

    def _answer(self, request):
        path = request.path.lstrip("/") or "index.html"
        if path == "token":
            return Response(self.tokens.pop(0)) if self.tokens else Response("", 403)
        if path == "favicon.ico":
            return Response(status=204)
        if path in self.pages:
            return Response(self.pages[path], content_type="text/html; charset=utf-8")
        file = EXAMPLE / path
        if file.parent != EXAMPLE or not file.is_file():
            return Response("", 404)
        text = file.read_text()
        if path == "index.html":
            token = self.tokens.pop(0) if self.tokens else ""
            for name, value in (("desk", self.desk), ("user", self.user), ("token", token)):
                text = text.replace("{{" + name + "}}", value)
        return Response(text, content_type=f"{_TYPES[file.suffix]}; charset=utf-8")


def stranger(html):
    """A page of somebody else, as a WSGI application."""

    def answer(environ, start_response):
        if environ["PATH_INFO"] == "/favicon.ico":
            return Response(status=204)(environ, start_response)
        return Response(f"<!doctype html>{html}", content_type="text/html; charset=utf-8")(environ, start_response)

    return answer


@contextmanager
def two_sites(app, folder):
    """(the desk's origin, the panel's, the Panel itself) for the block."""
    context, panel = certificate(folder), Panel()
    with secured(whole(app), "desk.test", context) as desk, secured(panel, "panel.test", context) as origin:
        panel.desk = desk
        yield desk, origin, panel
