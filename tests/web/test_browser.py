"""Pages in a real browser: nothing that the content security policy forbids, nothing wider than the window.

Run with a Chromium on the PATH: pytest -m browser tests/web.
"""

import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from edi_gateway.testing.web import as_operator, sample_parts

BROWSER = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
PAGES = (
    *("/", "/messages/114", "/messages/105", "/messages/104/replay", "/messages/103/anew"),
    *("/overdue", "/overdue/9/close", "/overdue/10/reopen"),
    *("/partners", "/partners/lakeshore", "/files", "/files/upload?partner=lakeshore", "/files/7"),
    *("/held", "/held/act?verb=release&all=1", "/configuration", "/configuration/2", "/login"),
)
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--hide-scrollbars", "--enable-logging=stderr"),
]
PROBE = b"""<script>addEventListener("load", () => {
  const root = document.documentElement;
  root.dataset.over = Math.max(0, root.scrollWidth - root.clientWidth);
  root.dataset.styled = getComputedStyle(document.querySelector("main")).maxWidth;
});</script></head>"""

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.skipif(BROWSER is None, reason="no Chromium on the PATH")]


class Quiet(WSGIRequestHandler):
    """Logs nothing."""

    def log_message(self, *args: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The console, signed in."""
    with make_server("127.0.0.1", 0, as_operator(sample_parts()), handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def browse(address: str, folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    assert BROWSER is not None
    command = [BROWSER, *FLAGS, f"--user-data-dir={folder / 'profile'}", *options, address]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_keeps_to_its_own_policy(address, tmp_path, path):
    shown = browse(address + path, tmp_path, "--dump-dom")
    assert "<h1" in shown.stdout
    assert [line for line in shown.stderr.splitlines() if "CONSOLE" in line] == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_not_wider_than_a_telephone(tmp_path, path):
    application = as_operator(sample_parts())

    def probed(environ, start_response):
        head = []
        with closing(application(environ, lambda *given: head.append(given))) as pieces:
            body = b"".join(pieces)
        status, headers = head[0][:2]
        keep = [(name, value) for name, value in headers if name not in ("Content-Security-Policy", "Content-Length")]
        start_response(status, keep)
        return [body.replace(b"</head>", PROBE)]

    with make_server("127.0.0.1", 0, probed, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        shown = browse(f"http://127.0.0.1:{server.server_port}{path}", tmp_path, "--dump-dom", "--window-size=500,900")
        server.shutdown()
        thread.join()
    over = re.search(r'data-over="(\d+)"', shown.stdout)
    styled = re.search(r'data-styled="([^"]*)"', shown.stdout)
    assert over is not None
    assert styled is not None
    assert styled[1] not in ("", "none")
    assert int(over[1]) == 0
