"""What a page complains of: console, uncaught errors, and breaches of its policy."""

import re

# Sent by the browser for every breach, in report-only mode too; the console line that
# goes with it is not always written.
LISTEN = """
document.addEventListener("securitypolicyviolation", event => console.error(
  `content security policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""

# A refused move is an answer our pages handle; the browser logs it all the same.
ORDINARY = [r"Failed to load resource: .* status of (409|422)\b"]


class Troubles:
    """Collects the complaints of every context it watches; empty is well."""

    def __init__(self):
        self.seen = []
        self.ordinary = list(ORDINARY)

    def allow(self, pattern):
        """Expect a complaint in this test: `troubles.allow("status of 404")`."""
        self.ordinary.append(pattern)

    def watch(self, context):
        context.add_init_script(LISTEN)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.seen.append(f"uncaught: {error.error}"))

    def left(self):
        """The complaints nobody allowed."""
        return [text for text in self.seen if not any(re.search(one, text) for one in self.ordinary)]

    def _console(self, message):
        if message.type in ("error", "warning", "assert"):
            where = message.location.get("url", "")
            self.seen.append(f"{message.type}: {message.text} ({where})")
