"""The configuration: what a variable may not hold stops the start with a sentence that names it, never a password."""

import pytest

import config

FROM = {"TICKETING_MAIL_FROM": "Ticketing <desk@example.com>"}
SECRET = "s3cr%C3%A9t"


@pytest.fixture
def load(tmp_path):
    return lambda **given: config.load({"TICKETING_DATA_DIR": str(tmp_path)} | given)


def test_no_mail_is_sent_unless_somebody_says_where(load):
    settings = load()
    assert (settings["MAIL"], settings["BASE_URL"]) == (None, "")
    assert load(**FROM)["MAIL"] is None


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("smtp://mail.example.com", ("mail.example.com", 25, "none", "", "", 20)),
        ("smtp://mail.example.com?starttls=1", ("mail.example.com", 587, "starttls", "", "", 20)),
        ("smtps://mail.example.com", ("mail.example.com", 465, "ssl", "", "", 20)),
        (f"smtp://ann%40x:{SECRET}@mail.example.com:2525/?starttls=1&timeout=5",
         ("mail.example.com", 2525, "starttls", "ann@x", "s3crét", 5)),
        (f"smtp://ann:{SECRET}@127.0.0.1:1025", ("127.0.0.1", 1025, "none", "ann", "s3crét", 20)),
        (f"smtp://ann:{SECRET}@localhost", ("localhost", 25, "none", "ann", "s3crét", 20)),
        ("smtp://[::1]:1025", ("::1", 1025, "none", "", "", 20)),
    ],
)  # fmt: skip
def test_where_mail_goes_is_read_from_one_address(load, url, found):
    mail = load(TICKETING_SMTP_URL=url, **FROM)["MAIL"]
    assert tuple(mail[name] for name in ("host", "port", "security", "user", "password", "timeout_s")) == found
    assert (mail["sender"], mail["sender_name"]) == ("desk@example.com", "Ticketing")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mail.example.com", "must look like"),
        ("http://mail.example.com", "must look like"),
        ("smtp://", "must look like"),
        ("smtp://mail.example.com:many", "must look like"),
        ("smtp://mail.example.com:70000", "must look like"),
        ("smtp://mail.example.com/inbox", "must look like"),
        ("smtp://mail.example.com?starttls", "must look like"),
        ("smtp://[mail", "must look like"),
        ("smtp://mail.example.com?tls=1", "has no option tls"),
        ("smtp://mail.example.com?starttls=yes", "starttls=1 or starttls=0"),
        ("smtps://mail.example.com?starttls=1", "neither"),
        ("smtp://mail.example.com?timeout=0", "from 1 to 60"),
        ("smtp://mail.example.com?timeout=²", "from 1 to 60"),
        ("smtps://ann@mail.example.com", "user and password"),
        (f"smtp://ann:{SECRET}@mail.example.com", "unencrypted"),
        (f"smtp://ann:{SECRET}@mail.example.com:x?starttls=1", "must look like"),
        (f"smtp://ann:{SECRET}@mail.example.com?tls=1", "has no option"),
    ],
)
def test_a_wrong_mail_server_stops_the_start_without_its_password(load, url, said):
    with pytest.raises(config.ConfigurationError) as stopped:
        load(TICKETING_SMTP_URL=url, **FROM)
    text = str(stopped.value)
    assert "TICKETING_SMTP_URL" in text and said in text
    assert SECRET not in text and "s3cr" not in text


@pytest.mark.parametrize("sender", ["", "desk", "@example.com", "desk@", "Ticketing <>", "désk@example.com"])
def test_mail_needs_a_sender(load, sender):
    with pytest.raises(config.ConfigurationError, match="TICKETING_MAIL_FROM"):
        load(TICKETING_SMTP_URL="smtp://mail.example.com", TICKETING_MAIL_FROM=sender)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("https://desk.example.com", "https://desk.example.com"),
        ("http://localhost:8000/", "http://localhost:8000"),
        ("https://example.com/support/", "https://example.com/support"),
    ],
)
def test_links_lead_to_where_the_desk_lives(load, text, kept):
    assert load(TICKETING_BASE_URL=text)["BASE_URL"] == kept


@pytest.mark.parametrize(
    "text",
    ["desk.example.com", "ftp://desk.example.com", "https://", "https://desk.example.com?a=1", "https://a:b@desk.example",
     "https://desk.example.com/#top", "https://desk example.com", "https://desk.example.com:x"],
)  # fmt: skip
def test_a_wrong_address_of_the_desk_stops_the_start(load, text):
    with pytest.raises(config.ConfigurationError, match="TICKETING_BASE_URL"):
        load(TICKETING_BASE_URL=text)


def test_the_zone_of_the_reports_is_one_that_exists(load):
    assert load()["TIME_ZONE"] == "UTC"
    assert load(TICKETING_TIME_ZONE="Europe/Berlin")["TIME_ZONE"] == "Europe/Berlin"
    with pytest.raises(SystemExit, match="TICKETING_TIME_ZONE = Berlin is no time zone"):
        load(TICKETING_TIME_ZONE="Berlin")
