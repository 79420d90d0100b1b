"""Markdown becomes HTML in which nothing runs, nothing loads and nothing passes itself off as ours."""

import re

import pytest

from ticketing.models.markup import mentioned_handles, render

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe src='https://evil.example'></iframe>",
    "<style>*{display:none}</style>",
    "<div hx-get='/sign-out' hx-trigger='load'>x</div>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](vbscript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](file:///etc/passwd)",
    "![x](https://evil.example/pixel.png)",
    "![x](javascript:alert(1))",
    "[x]: javascript:alert(1)\n[x]",
    "`<script>alert(1)</script>`",
    "```html\" onload=alert(1)\n<script>alert(1)</script>\n```",
    "| a |\n|---|\n| <img src=x onerror=alert(1)> |",
    "[x](https://ok.example \"t\\\" onmouseover=alert(1) x=\\\"\")",
    "<form action='https://evil.example'><input name=password></form>",
    "<span class='toast' style='position:fixed'>x</span>",
    "<base href='https://evil.example'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "@<script>alert(1)</script>",
]  # fmt: skip
TAG = re.compile(r"<\s*/?\s*([a-z0-9]+)([^>]*)>", re.IGNORECASE)
SAFE = {"p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "span", "h1", "h2",
        "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"}  # fmt: skip


@pytest.mark.parametrize("text", ATTACKS)
def test_an_attack_is_words(text):
    html = render(text, {"ann": "Ann <b onclick=alert(1)>"})
    for name, attributes in TAG.findall(html):
        assert name.lower() in SAFE, html
        outside = re.sub(r'"[^"]*"', "", attributes)
        assert not re.search(r"\b(on\w+|style|src|hx-\w+|srcdoc|formaction)\s*=", outside, re.IGNORECASE), html
        for address in re.findall(r'href="([^"]*)"', attributes):
            assert address.startswith(("https://", "http://", "mailto:")), html


def test_the_plain_things_work():
    html = render("**bold** `code`\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n~~gone~~")
    for part in ("<strong>bold</strong>", "<code>code</code>", "<li>one</li>", "<td>1</td>", "<s>gone</s>"):
        assert part in html


def test_line_breaks_stay():
    assert "<br>" in render("one\ntwo")


def test_a_bare_address_becomes_a_link_that_hands_on_nothing():
    html = render("see https://status.example/x")
    assert 'href="https://status.example/x"' in html and 'rel="noopener nofollow ugc"' in html


def test_a_picture_from_elsewhere_is_not_loaded():
    assert "<img" not in render("![rate](https://evil.example/a.png)")


def test_only_those_who_exist_are_marked():
    html = render("@ann and @nobody", {"ann": "Ann Haddad"})
    assert '<span class="mention" title="Ann Haddad">@ann</span>' in html
    assert html.count("mention") == 1


def test_nobody_is_mentioned_in_code_or_in_a_link():
    html = render("`@ann` and [@ann](https://x.example)", {"ann": "Ann"})
    assert "mention" not in html


@pytest.mark.parametrize(
    ("text", "handles"),
    [
        ("@ann", {"ann"}),
        ("(@Ann), @bo.", {"ann", "bo"}),
        ("write to ann@desk.example", set()),
        ("@ann-maria.b_c!", {"ann-maria.b_c"}),
        ("@@ann /@ann", set()),
        ("@", set()),
    ],
)
def test_handles_are_found(text, handles):
    assert mentioned_handles(text) == handles


def test_what_only_looks_like_addresses_is_not_searched_for_them():
    assert "<a " in render("see https://desk.example/one and www.desk.example")
    assert "<a " not in render("://" * 200)
    assert "<a " not in render("ftp://a.b" * 200)


def test_where_brackets_are_all_there_is_none_is_a_link():
    assert "<a " in render("[a](https://desk.example) " * 40)
    many = render("![a](b" * 3000)
    assert "<a " not in many and many.count("![a](b") == 3000
    assert "<em>so</em>" in render("[" * 1001 + " *so*")


@pytest.mark.parametrize("target", ["//evil.example", "//evil.example/x", "///evil.example"])
def test_an_address_without_a_scheme_leads_nowhere_else(target):
    assert "href" not in render(f"[here](<{target}>)")


def test_links_open_beside_the_desk():
    """It may stand in somebody's frame, where a stranger's page must not take its place."""
    assert render("See https://status.example").count('target="_blank"') == 1
    assert render("[x](https://a.example) [y](/tickets/T-1)").count('target="_blank"') == 2
