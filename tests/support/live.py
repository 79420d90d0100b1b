"""The application behind a real socket, for a browser."""

import threading
from contextlib import contextmanager

from werkzeug.serving import WSGIRequestHandler, make_server

from tests.support.signing import sign_in


class QuietHandler(WSGIRequestHandler):
    """Says nothing of each request; errors are logged by the application."""

    def log_request(self, code="-", size="-"):
        pass


class Live:
    """A served application: its `app`, its `url`, and a way in for browsers."""

    def __init__(self, app, url):
        self.app = app
        self.url = url

    def sign_in(self, page, user):
        """Give the profile of `page` the session of `user`, as if signed in by hand."""
        agent = page.evaluate("navigator.userAgent")
        client = sign_in(self.app.test_client(), user, agent)
        name = self.app.config["SESSION_COOKIE_NAME"]
        cookie = {"name": name, "value": client.get_cookie(name).value, "url": self.url, "httpOnly": True}
        page.context.add_cookies([cookie])


def whole(app):
    """Answers read to their end before they are sent: a browser that leaves in the middle leaves no file open."""

    def answer(environ, start_response):
        chunks = app(environ, start_response)
        try:
            return [b"".join(chunks)]
        finally:
            if hasattr(chunks, "close"):
                chunks.close()

    return answer


@contextmanager
def served(app):
    """Serve `app` from a thread, on a port the system picks, for the block."""
    server = make_server("127.0.0.1", 0, whole(app), threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, name="live")
    thread.start()
    try:
        yield Live(app, f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
