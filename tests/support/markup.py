"""The rules of the house for templates and style sheets; shaped as in house.py.

Under the content security policy nothing inline runs, and nothing that htmx would have
to evaluate. A browser says so only on the page and in the moment; these say it always.
"""

import re

TAG = re.compile(r"""<([a-zA-Z][\w-]*)((?:[^>"']|"[^"]*"|'[^']*')*)>""")
ATTRIBUTE = re.compile(r"""(?<![\w:.-])([a-zA-Z@:][\w:.@-]*)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")
SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL | re.IGNORECASE)
DATA_BLOCK = re.compile(r"""type\s*=\s*["']application/json["']""")

# Gone or changed in meaning since htmx 2; writing them from memory fails silently.
HTMX_2 = {
    "hx-disabled-elt",
    "hx-disinherit",
    "hx-ext",
    "hx-history",
    "hx-inherit",
    "hx-params",
    "hx-prompt",
    "hx-request",
    "hx-vars",
}


def nothing_runs_inline(path, text):
    text = _without_jinja(text)
    for script in SCRIPT.finditer(text):
        if script[2].strip() and not DATA_BLOCK.search(script[1]):
            yield _line(text, script.start()), "a script with a body"
    for tag in TAG.finditer(text):
        if tag[1].lower() == "style":
            yield _line(text, tag.start()), "a <style> element"
        for attribute in ATTRIBUTE.finditer(tag[2]):
            complaint = _complaint(attribute[1].lower(), attribute[2].strip("\"'"))
            if complaint:
                yield _line(text, tag.start(2) + attribute.start()), complaint


def _complaint(name, value):
    if name == "style":
        return "style= is refused by the content security policy"
    if re.fullmatch(r"on[a-z]+", name) or name.startswith("hx-on"):
        return f"{name}= is an inline handler"
    if value.lower().startswith("javascript:"):
        return "a javascript: address"
    if name.startswith("hx-") and value.startswith(("js:", "javascript:")):
        return f"{name} would have to be evaluated"
    if name.startswith("hx-trigger") and "[" in value:
        return "a filter in hx-trigger would have to be evaluated"
    if name in HTMX_2:
        return f"{name} is of htmx 2"
    return None


def style_sheets_open_with_a_layer(path, text):
    bare = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL).lstrip("\ufeff \t\r\n")
    if not bare.startswith("@layer"):
        yield 1, "the first rule of a style sheet is its @layer"


def _without_jinja(text):
    """Statements and comments become blanks, expressions a word; lines stay where they are."""
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}", lambda hit: _fill(hit[0], " "), text, flags=re.DOTALL)
    return re.sub(r"\{\{.*?\}\}", lambda hit: _fill(hit[0], "x"), text, flags=re.DOTALL)


def _fill(text, letter):
    return re.sub(r"[^\n]", letter, text)


def _line(text, position):
    return text.count("\n", 0, position) + 1
