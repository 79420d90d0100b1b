"""A browser as light as possible: one kept-alive socket, no library between the clock and the server."""

import re
import socket
from dataclasses import dataclass
from urllib.parse import urlencode

AGENT = "ticketing-bench"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_HEADER_TOKEN = re.compile(r"""hx-headers:inherited='\{"X-CSRFToken": "([^"]+)"\}'""")


@dataclass(slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Connection:
    """A socket and what has arrived on it. `ask` waits for the answer; `send` and `take` are for crowds."""

    def __init__(self, port: int):
        self.port = port
        self.socket: socket.socket | None = None
        self.arrived = bytearray()

    def ask(self, request: bytes) -> Answer:
        self.send(request)
        while (answer := self.take()) is None:
            pass
        return answer

    def send(self, request: bytes) -> None:
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=60)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(request)

    def take(self) -> Answer | None:
        """Read once; the answer if it is whole now."""
        chunk = self.socket.recv(262144)
        if not chunk:
            raise ConnectionError("the server closed the connection in the middle of an answer")
        self.arrived += chunk
        end = self.arrived.find(b"\r\n\r\n")
        if end < 0:
            return None
        status, headers = _head(bytes(self.arrived[:end]))
        length = 0 if status in (204, 304) else int(headers.get("content-length", 0))
        if len(self.arrived) < end + 4 + length:
            return None
        answer = Answer(status, headers, bytes(self.arrived[end + 4 : end + 4 + length]))
        self.arrived.clear()
        if headers.get("connection", "").lower() == "close":
            self.close()
        return answer

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
        self.socket = None
        self.arrived.clear()


def _head(raw: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = raw.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        before = headers.get("set-cookie") if name.lower() == "set-cookie" else None
        headers.setdefault(name.lower(), value.strip())
        if before:
            headers["set-cookie"] = f"{before}\n{value.strip()}"
    return int(first.split(" ", 2)[1]), headers


class Browser:
    """Somebody who is signed in: builds requests as a browser would send them."""

    def __init__(self, port: int):
        self.port = port
        self.cookie = ""
        self.token = ""

    def connect(self) -> Connection:
        return Connection(self.port)

    def sign_in(self, email: str, password: str) -> "Browser":
        """Through the form. Later answers may set the cookie again; keeping this one keeps every request equal."""
        connection = self.connect()
        form = connection.ask(self.get("/sign-in"))
        self._keep_cookie(form)
        self.token = _TOKEN.search(form.text)[1]
        done = connection.ask(self.post("/sign-in", email=email, password=password, csrf_token=self.token))
        if done.status != 303:
            raise RuntimeError(f"{email} could not sign in: {done.status}")
        self._keep_cookie(done)
        page = connection.ask(self.get("/tickets/new"))
        self._keep_cookie(page)
        self.token = _HEADER_TOKEN.search(page.text)[1]
        connection.close()
        return self

    def get(self, path: str) -> bytes:
        return self._request("GET", path)

    def post(self, path: str, **fields: str | int) -> bytes:
        body = urlencode(fields).encode()
        return self._request("POST", path, body, "Content-Type: application/x-www-form-urlencoded")

    def post_as_htmx(self, path: str, **fields: str | int) -> bytes:
        body = urlencode(fields).encode()
        return self._request(
            "POST", path, body, "Content-Type: application/x-www-form-urlencoded", "HX-Request: true",
            f"HX-Current-URL: http://127.0.0.1:{self.port}/board", f"X-CSRFToken: {self.token}",
        )  # fmt: skip

    def _request(self, method: str, path: str, body: bytes = b"", *headers: str) -> bytes:
        lines = [
            f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", f"User-Agent: {AGENT}",
            "Accept: text/html", "Accept-Encoding: gzip", f"Origin: http://127.0.0.1:{self.port}",
        ]  # fmt: skip
        if self.cookie:
            lines.append(f"Cookie: {self.cookie}")
        if method == "POST":
            lines += [f"Content-Length: {len(body)}", *headers]
        return "\r\n".join([*lines, "", ""]).encode() + body

    def _keep_cookie(self, answer: Answer) -> None:
        for one in answer.headers.get("set-cookie", "").split("\n"):
            if one.startswith("ticketing="):
                self.cookie = one.partition(";")[0]
