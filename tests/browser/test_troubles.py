"""The watch over every page sees what it is there for."""

import pytest

from tests.support.troubles import Troubles

PAGE = "http://somewhere.test/"


@pytest.fixture
def complaints(browser):
    """`complaints(body, script="", status=200)`: what a page with a strict policy says; `until` is waited for."""
    opened = []

    def show(body="", script="", status=200, until=""):
        context = browser.new_context()
        opened.append(context)
        watch = Troubles()
        watch.watch(context)
        page = context.new_page()
        headers = {"content-type": "text/html", "content-security-policy": "default-src 'self'"}
        html = f"<!doctype html><link rel=icon href=/i><body>{body}<script src=/s.js></script>"
        page.route("**/i", lambda route: route.fulfill(body=""))
        page.route("**/s.js", lambda route: route.fulfill(body=script, content_type="text/javascript"))
        page.route(PAGE, lambda route: route.fulfill(status=status, headers=headers, body=html))
        page.goto(PAGE)
        for _ in range(400 if until else 1):  # a slow machine tells late what there is to tell
            page.wait_for_timeout(50)
            if any(until in text for text in watch.left()):
                break
        return watch.left()

    yield show
    for context in opened:
        context.close()


def test_a_quiet_page_has_none(complaints):
    assert complaints("<p>well</p>", "console.log('well')") == []


@pytest.mark.parametrize(
    ("page", "complaint"),
    [
        ({"body": "<p style='color: red'>"}, "content security policy: style-src-attr inline"),
        ({"body": "<script>1</script>"}, "content security policy: script-src-elem inline"),
        ({"body": "<body onload='1'>"}, "content security policy: script-src-attr inline"),
        ({"script": "console.error('alas')"}, "error: alas"),
        ({"script": "console.warn('alas')"}, "warning: alas"),
        ({"script": "throw new Error('alas')"}, "uncaught: alas"),
        ({"script": "Promise.reject(new Error('alas'))"}, "uncaught: alas"),
        ({"status": 500}, "status of 500"),
        ({"status": 404}, "status of 404"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_complaint_is_heard(complaints, page, complaint):
    assert any(complaint in text for text in complaints(**page, until=complaint))


@pytest.mark.parametrize("status", [409, 422])
def test_a_refusal_is_an_ordinary_answer(complaints, status):
    assert complaints(status=status) == []
