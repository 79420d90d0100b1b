"""A panel and the desk on two sites, both over TLS."""

from types import SimpleNamespace

import pytest

from tests.support.embedding import make_key, token
from tests.support.origins import two_sites


@pytest.fixture
def sites(live, people, tmp_path):
    """desk and panel (origins), host (the Panel), key, and `good(**claims)`, a token that the key has signed."""
    with two_sites(live.app, tmp_path) as (desk, panel, host):
        key = make_key(live.app, origins=panel)
        yield SimpleNamespace(desk=desk, panel=panel, host=host, key=key, good=lambda **more: token(key, **more))


@pytest.fixture
def open_panel(sites, new_context):
    """`open_panel(role="reporter", size=(960, 600))`: (the host page, the frame in it), signed in by a token.

    The two have spoken then, and the frame has all its scripts: before, a click in it has nobody to tell it to.
    """

    def go(size=(1200, 760), scheme="light", **claims):
        sites.host.tokens.append(sites.good(**claims))
        context = new_context(ignore_https_errors=True, color_scheme=scheme,
                              viewport={"width": size[0], "height": size[1]})  # fmt: skip
        page = context.new_page()
        page.goto(sites.panel)
        page.wait_for_function("document.querySelector('ticketing-board').ready")
        [inner] = [one for one in page.frames if one.url.startswith(sites.desk)]
        inner.wait_for_load_state()
        return page, page.frame_locator("ticketing-board iframe")

    return go
