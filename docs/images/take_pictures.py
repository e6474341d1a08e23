"""Takes the pictures of the console that the documents show, from the made-up traffic of `edi_gateway.testing`.

Run from the top of the project, with a Chromium on the PATH: python docs/images/take_pictures.py
"""

import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from wsgiref.simple_server import make_server

from edi_gateway.testing.web import as_operator, sample_parts

HERE = Path(__file__).parent
PICTURES = (
    ("console-messages", "/", "1280,760", "light"),
    ("console-message", "/messages/105", "1280,1000", "light"),
)
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--hide-scrollbars"),
]


def main() -> int:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        print("There is no Chromium on the PATH. Install it, then run this again.", file=sys.stderr)
        return 2
    with make_server("127.0.0.1", 0, as_operator(sample_parts())) as server, tempfile.TemporaryDirectory() as profile:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            for name, path, size, scheme in PICTURES:
                picture = HERE / f"{name}.png"
                scheme_flag = f"--blink-settings=preferredColorScheme={0 if scheme == 'dark' else 1}"
                address = f"http://127.0.0.1:{server.server_port}{path}"
                command = [
                    browser,
                    *FLAGS,
                    f"--user-data-dir={profile}",
                    scheme_flag,
                    f"--window-size={size}",
                    f"--screenshot={picture}",
                    address,
                ]
                subprocess.run(command, check=True, capture_output=True, timeout=60)  # noqa: S603 - our own words
                print(picture)
        finally:
            server.shutdown()
            thread.join()
    return 0


if __name__ == "__main__":
    sys.exit(main())
