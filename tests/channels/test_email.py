"""Mail by SMTP against a real server: what is sent, what its refusals mean, and what never shows."""

import socket

import pytest

from tests.factories import NOW
from tests.support.certificates import make_certificate
from tests.support.post_office import post_office
from ticketing.channels.email import Connection, Interrupted, Letter, Refused, Server, Unreachable, compose, usable

SENDER = "desk@desk.example"


@pytest.fixture
def office():
    with post_office() as office:
        yield office


def server(office, **changes):
    facts = {"host": "127.0.0.1", "port": office.port, "security": "none", "sender": SENDER, "timeout_s": 3}
    return Server(**(facts | changes))


def letter(**changes):
    facts = {
        "to": "ann@desk.example", "subject": "T-142 breached", "text": "Breached.\n", "html": "<p>Breached.</p>",
        "key": "sla:7:1:breach:3", "message_id": "ticketing.abc", "thread": "ticketing.t142", "at": NOW,
    }  # fmt: skip
    return Letter(**(facts | changes))


def send(office, *letters, **changes):
    with Connection(server(office, **changes)) as post:
        for one in letters:
            post.send(one)


def test_a_letter_arrives_in_two_parts_with_its_headers(office):
    send(office, letter(to_name="Ann Haddad", text="Überfällig\n"), sender_name="Ticketing")
    [mail] = office.arrived
    assert mail["From"] == "Ticketing <desk@desk.example>"
    assert mail["To"] == "Ann Haddad <ann@desk.example>"
    assert mail["Subject"] == "T-142 breached"
    assert mail["Date"].datetime == NOW
    assert mail["Message-ID"] == "<ticketing.abc@desk.example>"
    assert mail["In-Reply-To"] == mail["References"] == "<ticketing.t142@desk.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["X-Ticketing-Key"] == "sla:7:1:breach:3"
    assert mail.get_content_type() == "multipart/alternative"
    assert mail.get_body(("plain",)).get_content().splitlines() == ["Überfällig"]
    assert "<p>Breached.</p>" in mail.get_body(("html",)).get_content()
    assert office.envelopes == [(SENDER, ["ann@desk.example"])]


def test_one_connection_carries_many_letters(office):
    send(office, *(letter(key=f"k{n}") for n in range(20)))
    assert (office.keys, office.sessions) == ([f"k{n}" for n in range(20)], 1)


@pytest.mark.parametrize("field", ["to", "to_name", "subject", "key", "message_id", "thread"])
@pytest.mark.parametrize("evil", ["x\nBcc: eve@evil.example", "x\r\n\r\nBody", "x\rBcc: eve@evil.example"])
def test_nobody_adds_a_header(office, field, evil):
    with pytest.raises(ValueError):
        compose(letter(**{field: evil}), server(office))


def test_long_and_foreign_subjects_survive(office):
    subject = "T-1 breached: resolution due 14:00 (" + "Ein- und Auszahlungen über Перевод dauern zu lange, " * 3 + ")"
    send(office, letter(subject=subject, to_name="Анна Мария"), sender_name="Büro, und mehr")
    [mail] = office.arrived
    assert mail["Subject"] == subject
    assert mail["To"].addresses[0].display_name == "Анна Мария"
    assert mail["From"].addresses[0].display_name == "Büro, und mehr"
    assert max(map(len, office.raw[0].splitlines())) < 100


@pytest.mark.parametrize(
    ("address", "right"),
    [
        ("ann@desk.example", True), ("ann+sla@desk.example", True), ("ann@bücher.example", True),
        (None, False), ("", False), ("ann", False), ("@desk.example", False), ("ann@", False),
        ("änn@desk.example", False),
        ("ann@desk.example\nBcc: x@y.z", False), ("ann@desk .example", False), ("a" * 65 + "@desk.example", False),
        ("ann@" + "d" * 260, False), ("ann,bo@desk.example", False), ("ann@bo@desk.example", False),
        ("ann@desk..example", False),
    ],
)  # fmt: skip
def test_which_addresses_take_mail(address, right):
    assert usable(address) is right


def test_a_foreign_domain_is_written_as_servers_know_it(office):
    send(office, letter(to="ann@bücher.example"))
    assert office.envelopes == [(SENDER, ["ann@xn--bcher-kva.example"])]


@pytest.mark.parametrize(("answer", "permanent"), [("550 no such user", True), ("450 mailbox busy", False)])
def test_a_refused_recipient(office, answer, permanent):
    office.refuse["ann@desk.example"] = answer
    with pytest.raises(Refused) as refused:
        send(office, letter())
    assert (str(refused.value), refused.value.permanent) == (answer, permanent)


@pytest.mark.parametrize(("answer", "permanent"), [("554 looks like spam", True), ("451 try later", False)])
def test_a_refused_letter_does_not_end_the_connection(office, answer, permanent):
    with Connection(server(office)) as post:
        office.answer = answer
        with pytest.raises(Refused) as refused:
            post.send(letter())
        assert refused.value.permanent is permanent
        office.answer = "250 taken"
        post.send(letter(key="next"))
    assert office.keys == ["next"]


def test_a_refused_sender_is_no_fault_of_the_letter(office):
    office.sender_answer = "553 you may not send"
    with pytest.raises(Unreachable, match="553 you may not send"):
        send(office, letter())
    office.sender_answer = "421 too busy"
    with pytest.raises(Interrupted, match="421"):
        send(office, letter())


def test_a_connection_that_breaks_says_so(office):
    office.answer = "break off"
    with pytest.raises(Interrupted):
        send(office, letter())


def test_no_server_is_unreachable():
    with socket.socket() as nobody:  # bound, not listening
        nobody.bind(("127.0.0.1", 0))
        nowhere = Server("127.0.0.1", nobody.getsockname()[1], "none", SENDER, timeout_s=2)
        with pytest.raises(Unreachable, match="127.0.0.1"), Connection(nowhere):
            pass


def test_a_silent_server_is_given_up_after_the_timeout():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        waits = Server("127.0.0.1", silent.getsockname()[1], "none", SENDER, timeout_s=1)
        with pytest.raises(Unreachable), Connection(waits):
            pass


def test_who_signs_in_with_the_right_password_may_send():
    with post_office(wants_sign_in=True) as office:
        send(office, letter(), user="desk", password="right")
        assert (office.sign_ins, len(office.arrived)) == ([("desk", "right")], 1)


def test_a_wrong_password_is_told_and_never_shown():
    with post_office(wants_sign_in=True) as office:
        with pytest.raises(Unreachable) as problem:
            send(office, letter(), user="desk", password="hunter2-and-more")
        assert "535" in str(problem.value)
        assert "hunter2" not in str(problem.value)
    assert "hunter2" not in repr(server(office, user="desk", password="hunter2-and-more"))


def test_without_the_encryption_that_was_asked_for_no_password_leaves():
    with post_office(wants_sign_in=True) as office:
        with pytest.raises(Unreachable, match="STARTTLS"):
            send(office, letter(), security="starttls", user="desk", password="right")
        assert office.sign_ins == []


@pytest.mark.parametrize("security", ["ssl", "starttls"])
def test_encrypted_mail_goes_to_a_server_that_is_who_it_says(tmp_path, monkeypatch, security):
    certificate, tls = make_certificate(tmp_path, "localhost")
    settings = {"tls": tls} if security == "ssl" else {"tls_context": tls}
    with post_office(**settings) as office:
        with pytest.raises(Unreachable, match="(?i)certificate"):
            send(office, letter(), security=security)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        send(office, letter(), security=security)
        assert len(office.arrived) == 1
