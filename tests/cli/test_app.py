"""What holds for every command: help with an example, exit codes, no traceback, and a quick start."""

import contextlib
import os
import pty
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from edi_gateway.cli.app import COMMANDS
from edi_gateway.cli.reference import PAGE, cli_page, example, walk
from edi_gateway.config import load_settings
from edi_gateway.faults import Fault

from .conftest import ROOT, Run

TREE = {name: command for name, command, _ in walk()}
LARGE = ("sqlalchemy", "flask", "rich", "cryptography", "urllib3", "argon2", "structlog", "pyx12")
LEAVES = {name: command for name, command in TREE.items() if not isinstance(command, click.Group)}


@pytest.mark.parametrize("name", TREE)
def test_every_command_has_help_with_an_example_of_itself(name: str, run: Run) -> None:
    shown = run(*name.split()[1:], "--help")
    assert shown.code == 0
    assert "Example:" in shown.out
    assert example(TREE[name]).startswith(name if name in LEAVES else "edi-gateway")


@pytest.mark.parametrize("name", LEAVES)
def test_the_options_of_an_example_are_the_commands_own(name: str) -> None:
    known = {word for option in LEAVES[name].params if isinstance(option, click.Option) for word in option.opts}
    for line in example(LEAVES[name]).splitlines():
        own = line[line.index(name) :] if name in line else ""
        used = {word for word in shlex.split(own) if word.startswith("--")}
        assert used <= known


@pytest.mark.parametrize("name", LEAVES)
def test_every_option_says_what_it_does(name: str) -> None:
    assert [option.name for option in LEAVES[name].params if isinstance(option, click.Option) and not option.help] == []


WITHOUT_JSON = {
    f"edi-gateway {name}"
    for name in ("serve", "password", "x12 ack", "x12 render", "map write", "map new", "file convert", "file template")
}
"""Those whose result is a document, or that have none."""


@pytest.mark.parametrize("name", sorted(set(LEAVES) - WITHOUT_JSON))
def test_every_command_that_reports_can_report_in_json(name: str) -> None:
    assert "--json" in {word for option in LEAVES[name].params for word in option.opts}


def test_the_reference_is_current() -> None:
    """Made again with `python -m edi_gateway.cli.reference`."""
    assert (ROOT / PAGE).read_text(encoding="utf-8") == cli_page()


def test_the_list_of_commands_names_them_all(run: Run) -> None:
    shown = run("--help")
    assert all(f"\n  {name} " in shown.out for name in COMMANDS)


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["x12", "nonsense"],
        ["x12", "check"],
        ["x12", "check", "--mode", "lenient", "f"],
        ["message", "show", "seventeen"],
        ["message", "list", "--since", "yesterday"],
        ["as2", "send", "f"],
        ["as2", "send", "f", "--partner", "a", "--url", "http://b"],
        ["as2", "open", "f", "--require", "sealed"],
        ["as2", "mdn", "f"],
        ["as2", "mdn", "f", "--message-id", "<1>", "--mic", "a", "--mic-algorithm", "crc32"],
        ["map", "write", "flat/order", "f", "--control", "0"],
        ["init"],
        ["init", "/tmp/somewhere"],
    ],
    ids=" ".join,
)
def test_a_command_called_wrongly_says_so_and_exits_with_2(arguments: list[str], run: Run) -> None:
    ran = run(*arguments)
    assert ran.code == 2
    assert "Error: " in ran.err
    assert ran.out == ""


TAKES_A_FILE = {
    "x12 check": ["x12", "check", "{}"],
    "x12 check's guide": ["x12", "check", "/dev/null", "--guide", "{}.yaml"],
    "x12 inspect": ["x12", "inspect", "{}"],
    "x12 ack": ["x12", "ack", "{}"],
    "map read x12": ["map", "read", "x12/004010/850", "{}"],
    "map read flat": ["map", "read", "flat/order", "{}"],
    "map read's map": ["map", "read", "{}.yaml", "{}"],
    "map lint": ["map", "lint", "{}.yaml"],
    "map write": ["map", "write", "x12/004010/850", "{}"],
    "as2 open": ["as2", "open", "{}"],
    "as2 open's key": ["as2", "open", "/dev/null", "--own-key", "{}"],
    "as2 open's certificate": ["as2", "open", "/dev/null", "--partner-cert", "{}"],
    "as2 mdn": ["as2", "mdn", "{}", "--message-id", "<1@us>", "--mic", "x"],
    "as2 send's key": ["as2", "send", "/dev/null", "--url", "http://127.0.0.1:1", "--from", "A", "--to", "B", "--own-key", "{}"],
    "as2 send's certificate": [
        "as2",
        "send",
        "/dev/null",
        "--url",
        "http://127.0.0.1:1",
        "--from",
        "A",
        "--to",
        "B",
        "--partner-cert",
        "{}",
    ],
    "init's password": ["init", "{}.home", "--as2-id", "US", "--password-file", "{}"],
    "a home": ["doctor", "--home", "{}"],
}


@pytest.mark.parametrize("kind", ["missing", "empty", "a folder", "garbage", "another kind of file"])
@pytest.mark.parametrize("arguments", TAKES_A_FILE.values(), ids=TAKES_A_FILE)
def test_a_file_that_cannot_serve_is_one_coded_line(arguments: list[str], kind: str, run: Run, tmp_path: Path) -> None:
    if "--password-file" in arguments and kind in ("garbage", "another kind of file"):
        pytest.skip("any line is a password")
    file = tmp_path / "given"
    match kind:
        case "empty":
            file.write_bytes(b"")
        case "a folder":
            file.mkdir()
        case "garbage":
            file.write_bytes(bytes(range(256)) * 9)
        case "another kind of file":
            file.write_text("<html><body>404 Not Found</body></html>\n")
    ran = run(*(one.format(file) for one in arguments))
    assert ran.code == 2
    lines = [*ran.err.splitlines(), *ran.out.splitlines()]
    assert all("Traceback" not in line for line in lines)
    assert any(re.match(r"(X12|AS2|MAP|PRT|ERP|CFG|STO)-[A-Z0-9-]+  ", line) for line in lines) or "Error: " in ran.err


def test_init_asks_on_a_terminal_for_what_is_not_given(tmp_path: Path) -> None:
    home = tmp_path / "home"
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "edi_gateway", "init", str(home)]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True) as process:
        os.close(theirs)
        for question, answer in (
            (b"Our AS2 name: ", b"OURCO"),
            (b"Our ISA id [OURCO]: ", b""),
            (b"(empty: none yet): ", b"https://edi.ourco.example/as2"),
            (b"(empty: make one): ", b"four random short words"),
        ):
            asked = b""
            while not asked.endswith(question):
                asked += os.read(ours, 1024)
            os.write(ours, answer + b"\n")
        said = b""
        with contextlib.suppress(OSError):  # Linux says so when the other end of a terminal is closed.
            while chunk := os.read(ours, 1024):
                said += chunk
    os.close(ours)
    assert process.returncode == 0
    assert b"four random" not in said
    assert b"shown this once" not in said
    settings = load_settings(home)
    assert (settings.identity.id, settings.identity.url) == ("OURCO", "https://edi.ourco.example/as2")


@pytest.mark.parametrize(
    "command", [[sys.executable, "-m", "edi_gateway"], [str(Path(sys.executable).with_name("edi-gateway"))]], ids=["-m", "script"]
)
def test_the_shell_gets_the_exit_code(command: list[str], tmp_path: Path) -> None:
    assert subprocess.run([*command, "x12", "check", str(tmp_path / "none.edi")], capture_output=True, check=False).returncode == 2


def test_nobody_minds_a_reader_that_has_seen_enough() -> None:
    command = f"{shlex.quote(sys.executable)} -m edi_gateway x12 inspect {shlex.quote(str(ROOT / 'samples' / 'x12' / '850.edi'))} | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("ISA*")
    assert done.stderr == ""


@pytest.mark.parametrize(
    "arguments", [["x12", "check", "samples/x12/850.edi"], ["x12", "ack", "samples/x12/850.edi"], ["--help"]], ids=" ".join
)
def test_a_small_command_brings_nothing_large_along(arguments: list[str]) -> None:
    code = (
        "import sys; from edi_gateway.cli import main; assert main(sys.argv[1:]) == 0;"
        f"print([one for one in {LARGE!r} if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "[]"


def test_every_fault_of_a_command_has_its_words() -> None:
    for code in ("CFG-INPUT", "CFG-INPUT-EMPTY", "CFG-OUTPUT", "CFG-SYSTEM"):
        line = Fault.of(code, reason="it is so").line()
        assert "?" not in line
