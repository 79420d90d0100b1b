"""Mail by SMTP: a message of two parts with the headers that machines read, and a connection that says what failed."""

import re
import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from email.charset import QP, Charset
from email.header import Header
from email.headerregistry import Address
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr

# The older classes on purpose: the newer ones lose blanks between foreign words when they fold a long header.
_READABLE = Charset("utf-8")
_READABLE.body_encoding = QP
_USABLE = re.compile(r"[!-?A-~]{1,64}@[^@\s,;<>\"\\]+")  # printable ASCII before the @
_LINE = re.compile(r"[\r\n\x00]")
_GOES = 421  # the server closes the connection


class Unreachable(Exception):
    """No mail can leave now: no server, no encryption, no sign-in, or the sender is refused."""


class Interrupted(Exception):
    """The connection broke in the middle of a message; whether it arrived is not known."""


class Refused(Exception):
    """The server does not take this message: for good, or only now."""

    def __init__(self, said: str, permanent: bool):
        super().__init__(said)
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed over. `security` is starttls, ssl or none; `sender` an address, with a name or without."""

    host: str
    port: int
    security: str
    sender: str
    sender_name: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    timeout_s: int = 20


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail. `message_id` and `thread` are what stands before the @ of their ids; `key` is told to the receiver."""

    to: str
    subject: str
    text: str
    html: str
    key: str
    message_id: str
    at: datetime
    to_name: str = ""
    thread: str = ""


def usable(address: str | None) -> bool:
    """Can a mail be sent there at all?"""
    if not address or len(address) > 254 or not _USABLE.fullmatch(address):
        return False
    try:
        Address(addr_spec=_in_ascii(address))
    except (ValueError, IndexError):  # the parser's ways to say no
        return False
    return True


def compose(letter: Letter, server: Server) -> Message:
    """The message as it is sent. A line break in a header is a ValueError: nobody adds headers through a title."""
    for value in (letter.to, letter.to_name, letter.subject, letter.key, letter.message_id, letter.thread):
        if _LINE.search(value):
            raise ValueError("a line break in a header")
    domain = _in_ascii(server.sender).rpartition("@")[2]
    message = MIMEMultipart("alternative")
    message["From"] = _named(server.sender_name, server.sender)
    message["To"] = _named(letter.to_name, letter.to)
    message["Subject"] = Header(letter.subject, header_name="Subject")
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = f"<{letter.message_id}@{domain}>"
    if letter.thread:
        message["In-Reply-To"] = message["References"] = f"<{letter.thread}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["X-Ticketing-Key"] = letter.key
    message.attach(MIMEText(letter.text, "plain", _READABLE))
    message.attach(MIMEText(letter.html, "html", _READABLE))
    return message


class Connection:
    """A session with the server, for several messages: `with Connection(server) as post: post.send(letter)`."""

    def __init__(self, server: Server):
        self.server = server

    def __enter__(self) -> "Connection":
        try:
            self._smtp = self._connect()
        except (OSError, smtplib.SMTPException) as problem:
            raise Unreachable(self._told(problem)) from None
        return self

    def __exit__(self, *_) -> None:
        try:
            self._smtp.quit()
        except (OSError, smtplib.SMTPException):
            self._smtp.close()

    def send(self, letter: Letter) -> None:
        """Hand one letter over. Raises Refused, Interrupted, Unreachable, and ValueError for what is no letter."""
        message = compose(letter, self.server)
        try:
            self._smtp.send_message(message, _in_ascii(self.server.sender), [_in_ascii(letter.to)])
        except smtplib.SMTPRecipientsRefused as problem:
            [(code, said)] = problem.recipients.values()
            raise self._refusal(code, said) from None
        except smtplib.SMTPSenderRefused as problem:
            if problem.smtp_code // 100 == 4:
                raise Interrupted(self._told(problem)) from None
            raise Unreachable(self._told(problem)) from None
        except smtplib.SMTPResponseException as problem:  # what it says to the message itself
            raise self._refusal(problem.smtp_code, problem.smtp_error) from None
        except (OSError, smtplib.SMTPException) as problem:
            raise Interrupted(self._told(problem)) from None

    def _connect(self) -> smtplib.SMTP:
        server = self.server
        if server.security == "ssl":
            context = ssl.create_default_context()
            smtp = smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout_s, context=context)
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=server.timeout_s)
        try:
            if server.security == "starttls":
                smtp.starttls(context=ssl.create_default_context())
            if server.user:
                smtp.login(server.user, server.password)
            smtp.ehlo_or_helo_if_needed()
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _refusal(self, code: int, said: bytes | str) -> Exception:
        text = self._clean(f"{code} {_text(said)}")
        return Interrupted(text) if code == _GOES or code <= 0 else Refused(text, permanent=code // 100 == 5)

    def _told(self, problem: Exception) -> str:
        where = f"{self.server.host}:{self.server.port}"
        if isinstance(problem, smtplib.SMTPResponseException):
            return self._clean(f"{where}: {problem.smtp_code} {_text(problem.smtp_error)}")
        said = getattr(problem, "strerror", None) or str(problem) or type(problem).__name__
        return self._clean(f"{where}: {said}")

    def _clean(self, text: str) -> str:
        """In one line, and never with the password, should a server repeat it."""
        if self.server.password:
            text = text.replace(self.server.password, "***")
        return " ".join(text.split())[:500]


def _named(name: str, address: str) -> str:
    if not name or name.isascii():
        return formataddr((name, _in_ascii(address)))
    return f"{Header(name, 'utf-8', header_name='Reply-To').encode()} <{_in_ascii(address)}>"


def _in_ascii(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.encode('idna').decode('ascii')}"


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
