"""Where the browser is, and what its absence means."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")

# Without a sandbox, as containers and root have none; the rest keeps the browser from
# talking to anybody but the server under test.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Hosts of tests of frames: two sites, both here. What a third party sets in a frame is only kept for that frame.
    "--host-resolver-rules=MAP desk.test 127.0.0.1,MAP panel.test 127.0.0.1,MAP evil.test 127.0.0.1",
    "--test-third-party-cookie-phaseout",
]


def executable():
    """The path of a Chromium, or None; TICKETING_CHROMIUM names one of your own."""
    named = os.environ.get("TICKETING_CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES)), None)


def required():
    """Whether a browser test that does not run counts as failed."""
    return os.environ.get("TICKETING_REQUIRE_BROWSER", "") not in ("", "0")
