"""Going on to another page in a browser that is busy."""

from playwright.sync_api import Error

TRIES = 3


def visit(place, address):
    """The answer to `address` in this page or frame.

    A page that is left while it loads cuts connections, upon which a busy Chromium gives up: no answer of the desk's.
    """
    for attempt in range(1, TRIES + 1):
        try:
            return place.goto(address)
        except Error as error:
            if "ERR_TOO_MANY_RETRIES" not in error.message or attempt == TRIES:
                raise
            place.wait_for_timeout(1000)


def report(page, frame, facts):
    """The answer in the frame, once the panel's page has asked for a report with these facts."""
    with frame.expect_navigation() as going:
        page.evaluate("facts => document.querySelector('ticketing-board').reportProblem(facts)", facts)
    return going.value
