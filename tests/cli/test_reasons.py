"""Every command that asks why: blanks are no reason."""

from pathlib import Path

import pytest

from edi_gateway.cli.reference import walk

from .conftest import Run

COMMANDS = {
    name.removeprefix("edi-gateway "): command for name, command, _ in walk() if any(one.name == "reason" for one in command.params)
}
GIVEN = {"direction": "send"}


def test_those_that_ask_why_are_known() -> None:
    assert {"partner pause", "order release", "message resend", "retention lift", "overdue close", "alert mute"} <= set(COMMANDS)


@pytest.mark.parametrize("reason", ["", "  ", "\t\n"])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_blank_reason_is_refused_before_anything_is_opened(name: str, reason: str, run: Run, tmp_path: Path) -> None:
    asked = [one for one in COMMANDS[name].params if one.required and one.name != "reason"]
    options = [word for one in asked if one.opts[0].startswith("--") for word in (one.opts[0], GIVEN.get(str(one.name), "1"))]
    arguments = ["1" for one in asked if not one.opts[0].startswith("--")]
    ran = run(*name.split(), *arguments, *options, "--reason", reason, "--home", tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert "--reason" in ran.err
    assert "Say why" in ran.err
    assert list(tmp_path.iterdir()) == []
