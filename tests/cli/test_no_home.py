"""Every command where its home is not there, is a file, or is an empty folder: one coded line, exit code 2, and nothing made."""

import re
from pathlib import Path
from typing import Any

import click
import pytest

from edi_gateway.cli.reference import walk

from .conftest import SAMPLES, Run

COMMANDS = {
    name.removeprefix("edi-gateway "): command
    for name, command, _ in walk()
    if not isinstance(command, click.Group) and any("--home" in one.opts for one in command.params)
}
GIVEN = {
    "map_name": "x12/004010/850",
    "old": "x12/004010/850",
    "new": "x12/004010/850",
    "candidate": "x12/004010/850",
    "target": "order",
    "layout": "order",
    "po": "4500017",
    "partner": "supplier",
    "direction": "send",
    "since": "2026-01-01",
    "reason": "a test",
}
"""What a command is given by the name of what it asks for; numbers are 1, and files a good order."""
OF_THEIR_OWN = {
    "as2 send": ["--partner", "supplier"],
    "cert rollover": ["--partner", "supplier"],
    "config export": ["{folder}/exported"],
    "backup": ["{folder}/saved"],
    "file convert": [str(SAMPLES / "erp" / "order.csv"), "--to", "order", "--out", "{folder}.xlsx"],
    "file template": ["order", "--out", "{folder}.xlsx"],
    "message replay": ["1", "--reason", "a test"],
    "password": ["--generate"],
    "retention hold": ["--partner", "supplier"],
    "store move": ["--to", "postgresql://us@127.0.0.1:1/none"],
    "x12 diff": [str(SAMPLES / "x12" / "850.edi")] * 2,
    "x12 split": ["--out", "{folder}/parts"],
}
"""What they need besides, or instead of what is made up here."""


def _needs_no_settings(command: click.Command) -> bool:
    """Whether a home only lends it maps and schemas."""
    return any("--home" in one.opts and "own maps and schemas" in (getattr(one, "help", "") or "") for one in command.params)


def _arguments(name: str, file: Path, folder: Path) -> list[str]:
    given: list[str] = []
    own = [word.format(folder=folder) for word in OF_THEIR_OWN.get(name, [])]
    for one in COMMANDS[name].params:
        if not one.required or any(option in own for option in one.opts) or (own and isinstance(one, click.Argument) and own[0][0] != "-"):
            continue
        value: Any = GIVEN.get(str(one.name), "1" if isinstance(one.type, type(click.INT)) else "supplier" if one.name == "name" else file)
        given += [one.opts[0], str(value)] if isinstance(one, click.Option) else [str(value)]
    return [*given, *own]


@pytest.mark.parametrize("kind", ["missing", "a file", "empty"])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_home_that_is_none_is_one_coded_line(name: str, kind: str, run: Run, tmp_path: Path) -> None:
    file, home, made = tmp_path / "order.edi", tmp_path / "home", tmp_path / "made"
    file.write_bytes((SAMPLES / "x12" / "850.edi").read_bytes())
    if kind == "a file":
        home.write_text("not a home\n")
    elif kind == "empty":
        home.mkdir()
    ran = run(*name.split(), *_arguments(name, file, made), "--home", home)
    assert "Error: " not in ran.err, "it was called wrongly"
    if kind == "empty" and _needs_no_settings(COMMANDS[name]):
        assert "CFG-HOME" not in ran.err
        assert ran.code in (0, 1) or ran.err.startswith("CFG-RECORD"), ran.err
    else:
        told = ran.err or ran.out
        assert ran.code == 2, told
        assert re.search(r"^ *(CFG-ABSENT|CFG-HOME-NONE|CFG-INPUT|ERP-[0-9]+|STO-113)  ", told, re.MULTILINE), told
        assert not made.exists()
    assert home.is_file() == (kind == "a file")
    assert not home.is_dir() or list(home.iterdir()) == []
    assert kind != "missing" or not home.exists()


@pytest.mark.parametrize("home", ["", " "])
@pytest.mark.parametrize("name", COMMANDS)
def test_an_empty_name_is_not_the_folder_one_stands_in(
    name: str, home: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = run(*name.split(), *_arguments(name, SAMPLES / "x12" / "850.edi", Path("made")), "--home", home)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith('CFG-HOME-NONE  "" is no home: no folder is named.')


@pytest.mark.parametrize("below", ["", "new"])
def test_no_home_is_made_where_a_file_stands(below: str, run: Run, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file\n")
    ran = run("init", taken / below, "--as2-id", "US")
    assert (ran.code, ran.err.split("  ")[0]) == (2, "CFG-HOME-UNMADE")
    assert taken.read_text() == "a file\n"
