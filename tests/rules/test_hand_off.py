"""What a token must say, whom it may make, and which origins may frame."""

import pytest

from ticketing.rules.hand_off import LEEWAY_S, LIFETIME_S, HandOffRefused, origin_of, read_claims, within
from ticketing.rules.taxonomy import Role

NOW = 1_800_000_000
GOOD = {"iss": "panel", "aud": "desk", "sub": "7", "email": "pia@panel.example", "name": "Pia", "role": "reporter",
        "iat": NOW, "exp": NOW + 60, "jti": "one"}  # fmt: skip


def read(**changed):
    given = {name: value for name, value in (GOOD | changed).items() if value is not ...}
    return read_claims(given, issuer="panel", audience="desk", now_s=NOW)


def test_a_good_token_is_read():
    claims = read(view="T-12", theme="dark", lang="de-AT", team="devops")
    assert (claims.sub, claims.role, claims.view, claims.theme, claims.lang) == (
        "7",
        Role.REPORTER,
        "T-12",
        "dark",
        "de-AT",
    )
    assert read(aud=["other", "desk"]).expires_s == NOW + 60
    assert read(name="  Pia ").name == "Pia"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [({name: ...}, f"no_{name}") for name in GOOD]
    + [
        ({"iss": "other"}, "iss"), ({"iss": 7}, "iss"), ({"iss": ["panel"]}, "iss"),
        ({"aud": "other"}, "aud"), ({"aud": []}, "aud"), ({"aud": [7, "desk"]}, "aud"), ({"aud": {"desk": 1}}, "aud"),
        ({"sub": ""}, "sub"), ({"sub": " "}, "sub"), ({"sub": 7}, "sub"), ({"sub": "x" * 121}, "sub"),
        ({"sub": "a\0b"}, "sub"), ({"email": None}, "email"), ({"email": "x" * 255}, "email"),
        ({"name": "Pia\nRoot"}, "name"), ({"name": "\u202eaiP"}, "name"), ({"name": {"first": "Pia"}}, "name"),
        ({"role": "root"}, "role"), ({"role": "Administrator"}, "role"), ({"role": True}, "role"),
        ({"jti": ""}, "jti"), ({"jti": "x" * 201}, "jti"), ({"jti": 5}, "jti"),
        ({"iat": "now"}, "iat"), ({"iat": True}, "iat"), ({"exp": None}, "exp"), ({"exp": float("nan")}, "exp"),
        ({"exp": float("inf")}, "exp"), ({"exp": -1}, "exp"), ({"exp": 2**63}, "exp"), ({"nbf": "x"}, "nbf"),
        ({"exp": NOW + LIFETIME_S + 1}, "lifetime"), ({"exp": NOW}, "lifetime"), ({"iat": NOW + 90}, "lifetime"),
        ({"iat": NOW - 200, "exp": NOW - LEEWAY_S}, "expired"), ({"iat": NOW - 9**6, "exp": NOW - 9**6 + 5}, "expired"),
        ({"iat": NOW + LEEWAY_S + 1, "exp": NOW + 99}, "early"), ({"nbf": NOW + LEEWAY_S + 1}, "early"),
        ({"view": "settings"}, "view"), ({"view": "//evil.example"}, "view"), ({"view": "T-12/../.."}, "view"),
        ({"theme": "pink"}, "theme"), ({"lang": "<b>"}, "lang"), ({"team": ["devops"]}, "team"),
    ],
)  # fmt: skip
def test_what_is_not_right_is_refused_with_its_reason(changed, reason):
    with pytest.raises(HandOffRefused) as refused:
        read(**changed)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    "changed",
    [{"exp": NOW + LIFETIME_S}, {"iat": NOW - 100, "exp": NOW - LEEWAY_S + 1}, {"iat": NOW + LEEWAY_S, "exp": NOW + 99},
     {"nbf": NOW + LEEWAY_S}, {"iat": NOW - 0.5}, {"view": None, "theme": None}],
)  # fmt: skip
def test_the_edges_are_good(changed):
    assert read(**changed).sub == "7"


@pytest.mark.parametrize(
    ("role", "ceiling", "given"),
    [
        ("administrator", "administrator", "administrator"), ("administrator", "support_manager", "support_manager"),
        ("support_manager", "devops_engineer", "devops_engineer"),
        ("devops_engineer", "support_engineer", "devops_engineer"),
        ("backend_developer", "reporter", "reporter"), ("reporter", "administrator", "reporter"),
        ("integration_engineer", "support_manager", "integration_engineer"),
    ],
)  # fmt: skip
def test_no_token_goes_above_the_ceiling(role, ceiling, given):
    assert within(Role(role), Role(ceiling)) is Role(given)


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("https://panel.example", "https://panel.example"), (" HTTPS://Panel.Example/ ", "https://panel.example"),
        ("https://panel.example:443", "https://panel.example"), ("https://panel.example:8443", "https://panel.example:8443"),
        ("http://localhost:3000", "http://localhost:3000"), ("http://127.0.0.1", "http://127.0.0.1"),
        ("https://bücher.example", "https://xn--bcher-kva.example"), ("https://[::1]:8443", "https://[::1]:8443"),
        ("http://panel.example", None), ("https://panel.example/admin", None), ("https://*.example", None),
        ("https://user@panel.example", None), ("https://panel.example?x=1", None), ("https://panel.example#x", None),
        ("panel.example", None), ("null", None), ("*", None), ("https://", None), ("https://a b", None),
        ("data:x", None),
        ("https://panel.example; script-src *", None), ("https://panel.example'", None),
        ("https://panel.example:99999", None),
    ],
)  # fmt: skip
def test_an_origin_is_written_as_browsers_write_it(typed, origin):
    assert origin_of(typed) == origin
