"""Installs the peers of the interop tests, each into a folder of its own: `python tests/interop/install.py FOLDER`.

A peer that cannot be installed leaves its reason in missing.txt, with which its tests are skipped. One that is there is left alone.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

PATIENCE = 60
"""Seconds that one step of an installation may take."""

ONE_DIGIT, MANY_DIGITS = r"(\\d\\.\\d\\.\\d[a-z]*)", r"(\\d+\\.\\d+\\.\\d+[a-z]*)"
"""What oscrypto holds a version of OpenSSL to look like, as its source writes it, and what it does look like."""


class Unavailable(Exception):
    """A peer cannot be installed, for this reason."""


def run(*command: str | Path, folder: Path) -> None:
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=PATIENCE)
    except (OSError, subprocess.TimeoutExpired) as wrong:
        raise Unavailable(str(wrong)) from None
    except subprocess.CalledProcessError as wrong:
        last = (wrong.stderr or wrong.stdout).decode(errors="replace").strip().splitlines()[-1:]
        raise Unavailable(" ".join(last) or f"{command[0]} failed") from None


def python_packages(folder: Path, *requirements: str) -> None:
    run(sys.executable, "-m", "venv", ".", folder=folder)
    run(folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements, folder=folder)


def pyas2(folder: Path) -> None:
    """pyas2lib, and django-pyas2, the server made of it. Its oscrypto rejects every OpenSSL with a patch number of two digits."""
    python_packages(folder, "django-pyas2==1.2.3")
    for module in folder.glob("lib/*/site-packages/oscrypto/_openssl/_libcrypto_c*.py"):
        code = module.read_text(encoding="utf-8")
        module.write_text(code.replace(ONE_DIGIT, MANY_DIGITS), encoding="utf-8")
    run(folder / "bin" / "python", "-c", "import pyas2lib", folder=folder)


def mock_edi(folder: Path) -> None:
    python_packages(folder, "mock-edi==0.9.0")


def libas2(folder: Path) -> None:
    """libas2, with the versions of pkijs and asn1js that it was written against."""
    (folder / "package.json").write_text('{"name": "libas2-peer", "private": true}\n', encoding="utf-8")
    run("npm", "install", "--no-audit", "--no-fund", "--silent", "libas2@0.8.2", "pkijs@2.1.90", "asn1js@2.0.26", folder=folder)


PEERS: dict[str, Callable[[Path], None]] = {"pyas2": pyas2, "mock-edi": mock_edi, "libas2": libas2}


def main(root: Path) -> None:
    for name, install in PEERS.items():
        folder = root.absolute() / name
        if (folder / "installed.txt").exists():
            continue
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            install(folder)
        except Unavailable as reason:
            (folder / "missing.txt").write_text(f"{reason}\n", encoding="utf-8")
            print(f"{name}: not installed: {reason}")
        else:
            (folder / "installed.txt").touch()
            print(f"{name}: installed")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
