"""A real SMTP server in a thread, that takes mail, refuses it or breaks off, as a test wants it."""

import asyncio
import email
import email.policy
import threading
from concurrent.futures import Future
from contextlib import contextmanager

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class PostOffice:
    """What arrived, in order, and what is answered: `refuse["ann@desk.example"] = "550 no such user"`."""

    def __init__(self):
        self.arrived = []
        self.envelopes = []
        self.raw = []
        self.refuse = {}
        self.answer = "250 taken"
        self.sender_answer = None
        self.before_taking = lambda: None
        self.wants_sign_in = False
        self.sign_ins = []
        self.sessions = 0
        self.port = None
        self._lock = threading.Lock()

    @property
    def keys(self):
        return [message["X-Ticketing-Key"] for message in self.arrived]

    # What aiosmtpd calls.

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.wants_sign_in and not session.authenticated:
            return "530 sign in first"
        if self.sender_answer:
            return self.sender_answer
        envelope.mail_from = address
        return "250 sender taken"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 recipient taken"

    async def handle_DATA(self, server, session, envelope):
        await asyncio.to_thread(self.before_taking)
        if self.answer == "break off":
            server.transport.close()
            return "421 gone"
        if self.answer.startswith("2"):
            with self._lock:
                self.arrived.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
                self.raw.append(envelope.content)
                self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        return self.answer

    def sign_in(self, _server, _session, _envelope, _mechanism, data):
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        self.sign_ins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password == b"right", handled=False)


@contextmanager
def post_office(**settings):
    """One that listens on a port the system picks; `settings` are aiosmtpd's own.

    `wants_sign_in` takes the password "right" alone; `tls` is a context, for encryption from the start.
    """
    office, tls = PostOffice(), settings.pop("tls", None)
    if settings.pop("wants_sign_in", False):
        office.wants_sign_in = True
        settings |= {"authenticator": office.sign_in, "auth_require_tls": False}
    opened, closing = Future(), threading.Event()
    # All of it in a thread of its own: where browser tests ran before, the main one has a loop that never rests.
    thread = threading.Thread(
        target=lambda: asyncio.run(_serve(office, tls, settings, opened, closing)), name="post office"
    )
    thread.start()
    try:
        office.port = opened.result(10)
        yield office
    finally:
        closing.set()
        thread.join()


async def _serve(office, tls, settings, opened: Future, closing: threading.Event) -> None:
    loop = asyncio.get_running_loop()

    def session():
        office.sessions += 1
        return SMTP(office, loop=loop, hostname="post.example", **settings)

    try:
        server = await loop.create_server(session, "127.0.0.1", 0, ssl=tls)
    except BaseException as failure:
        opened.set_exception(failure)
        raise
    opened.set_result(server.sockets[0].getsockname()[1])
    await asyncio.to_thread(closing.wait)
    server.close()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0)  # transports say goodbye
