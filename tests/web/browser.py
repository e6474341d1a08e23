"""A Chromium that a test drives as a person would: by keys, focus and chosen files, over the DevTools protocol on a pair of pipes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

PATIENCE = 60
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--hide-scrollbars"),
)
_KEYS = {"Tab": ("Tab", 9, ""), "Enter": ("Enter", 13, "\r"), "Down": ("ArrowDown", 40, "")}
_LEFT = ("context was destroyed", "Inspected target navigated or closed")
"""What the browser says where a page is left while it is asked."""
_WIRED = "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execv(sys.argv[3], sys.argv[3:])"
"""Begins the browser with its pipes under the two numbers where it looks for them."""


class Browser:
    """One tab. Every wish is answered before the next one is made."""

    def __init__(self, write: BinaryIO, read: BinaryIO) -> None:
        self._write = write
        self._read = read
        self._number = 0
        self._session: str | None = None
        self.complaints: list[str] = []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "DOM", "Log"):
            self._call(f"{domain}.enable")

    def go(self, address: str) -> None:
        self._call("Page.navigate", url=address)
        self.until("location.href !== 'about:blank' && document.readyState === 'complete'")

    def see(self, expression: str) -> Any:
        """The value of an expression of the page."""
        answer = self._call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    @property
    def text(self) -> str:
        """What a person reads."""
        return str(self.see("document.body.innerText"))

    @property
    def focused(self) -> str:
        """The words of what has the focus."""
        return str(self.see("(e => e.innerText || e.name || e.tagName)(document.activeElement)")).strip()

    def until(self, expression: str) -> None:
        """Waits for what the page does by itself, such as giving the focus."""
        for _ in range(PATIENCE * 20):
            if self.see(f"new Promise(done => setTimeout(() => done(Boolean({expression})), 50))"):
                return
        raise AssertionError(f"not in time: {expression}")

    def choose_file(self, selector: str, path: Path) -> None:
        """What a person does in the window that opens on "Choose file"."""
        node = self._call("DOM.querySelector", nodeId=self._call("DOM.getDocument")["root"]["nodeId"], selector=selector)["nodeId"]
        self._call("DOM.setFileInputFiles", nodeId=node, files=[str(path)])

    def press(self, key: str) -> None:
        name, code, text = _KEYS[key]
        shared = {"key": name, "code": name, "windowsVirtualKeyCode": code}
        self._call("Input.dispatchKeyEvent", type="keyDown", text=text, **shared)
        self._call("Input.dispatchKeyEvent", type="keyUp", **shared)

    def write(self, text: str) -> None:
        self._call("Input.insertText", text=text)

    def tab_to(self, words: str, most: int = 60) -> None:
        """Goes on with the Tab key until something with these words has the focus."""
        for _ in range(most):
            if self.focused == words:
                return
            self.press("Tab")
        raise AssertionError(f"no way by keyboard to {words!r}; the focus is on {self.focused!r}")

    def enter(self) -> None:
        """Presses Enter on what leads to another page, and waits for it."""
        self.see("window.left = 1")
        self.press("Enter")
        self.until("window.left !== 1 && document.readyState === 'complete'")

    def _call(self, method: str, **params: Any) -> Any:
        self._number += 1
        wish: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session is not None:
            wish["sessionId"] = self._session
        self._write.write(json.dumps(wish).encode() + b"\0")
        while True:
            said = json.loads(self._message())
            if said.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown"):
                self.complaints.append(json.dumps(said["params"]))
            if said.get("id") == self._number:
                if "error" in said and any(one in said["error"]["message"] for one in _LEFT):
                    return {"result": {"value": None}}  # the page was left while it was asked
                assert "error" not in said, said
                return said["result"]

    def _message(self) -> bytes:
        found = bytearray()
        while (byte := self._read.read(1)) != b"\0":
            assert byte, "the browser is gone"
            found += byte
        return bytes(found)


@contextmanager
def driven(command: str, profile: Path) -> Iterator[Browser]:
    """A browser for as long as the block lasts."""
    to_read, to_write = os.pipe()
    back_read, back_write = os.pipe()

    arguments = [
        sys.executable,
        "-c",
        _WIRED,
        str(to_read),
        str(back_write),
        command,
        *FLAGS,
        "--remote-debugging-pipe",
        f"--user-data-dir={profile}",
        "about:blank",
    ]
    process = subprocess.Popen(arguments, stderr=subprocess.DEVNULL, pass_fds=(to_read, back_write))
    os.close(to_read)
    os.close(back_write)
    try:
        with os.fdopen(to_write, "wb", buffering=0) as write, os.fdopen(back_read, "rb") as read:
            yield Browser(write, read)
    finally:
        process.terminate()
        process.wait(PATIENCE)
