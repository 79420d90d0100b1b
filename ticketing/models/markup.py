"""Markdown as people write it, to HTML that is safe to show."""

import re
from collections.abc import Mapping

import nh3
from markdown_it import MarkdownIt

_MENTION = re.compile(r"(?<![\w@/.])@([a-z0-9][a-z0-9._-]{0,62}[a-z0-9]|[a-z0-9])", re.IGNORECASE)
_TAGS = {
    "p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "span",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_WANTED = ["table", "strikethrough"]
_bare = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(_WANTED).disable(["link", "image"])
_plain = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(_WANTED)
_linking = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True}).enable([*_WANTED, "linkify"])
# Finding addresses in running text, or which brackets belong together, takes time that grows with the square of how
# many there may be; whoever writes a comment holds the desk up meanwhile.
_LINKS_MAX = 100
_BRACKETS_MAX = 1000


def mentioned_handles(body: str) -> set[str]:
    return {handle.lower() for handle in _MENTION.findall(body)}


def render(body: str, mentions: Mapping[str, str] | None = None) -> str:
    """Sanitised HTML of a Markdown text. `mentions` maps the handles that are people to their names.

    Images are dropped (they would call out). Links open beside the desk, which may stand in somebody's frame, with
    rel=noopener nofollow; one that leaves it without saying so (//elsewhere) is none.
    """
    markdown = _parser_for(body)
    tokens = markdown.parse(body)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 3)}"  # below the page's own headings
        elif token.type == "inline" and mentions:
            _mark_mentions(token, mentions)
    html = markdown.renderer.render(tokens, markdown.options, {})
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href", "title"}, "span": {"class", "title"}, "code": {"class"}, "ol": {"start"}},
        attribute_filter=_allowed,
        set_tag_attribute_values={"a": {"target": "_blank"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener nofollow ugc",
    )


def _parser_for(body: str) -> MarkdownIt:
    if body.count("[") > _BRACKETS_MAX:
        return _bare
    return _linking if sum(map(body.count, ("://", "@", "www.", "//"))) <= _LINKS_MAX else _plain


def _allowed(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "href" and value.replace("\\", "/").lstrip().startswith("//"):
        return None
    if attribute == "class":
        return value if value == "mention" or (tag == "code" and value.startswith("language-")) else None
    return value


def _mark_mentions(inline, mentions: Mapping[str, str]) -> None:
    children, inside_link = [], 0
    for token in inline.children or []:
        inside_link += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if token.type != "text" or inside_link:
            children.append(token)
            continue
        children.extend(_split_text(token, mentions))
    inline.children = children


def _split_text(token, mentions: Mapping[str, str]):
    last = 0
    for found in _MENTION.finditer(token.content):
        name = mentions.get(found.group(1).lower())
        if name is None:
            continue
        yield _text(token, token.content[last : found.start()])
        yield _raw(token, f'<span class="mention" title="{_escape(name)}">')
        yield _text(token, found.group(0))
        yield _raw(token, "</span>")
        last = found.end()
    yield _text(token, token.content[last:])


def _text(like, content: str):
    return like.copy(content=content)


def _raw(like, html: str):
    return like.copy(type="html_inline", content=html)


def _escape(text: str) -> str:
    return nh3.clean_text(text)
