"""Every command that takes `--partner`: a name that no partner has is told, and is not a partner of whom there is nothing."""

import pytest

from edi_gateway.cli.reference import walk
from edi_gateway.demo.homes import Pair

from .conftest import SAMPLES, Run

FILE = str(SAMPLES / "x12" / "850.edi")
CALLS = (
    "overdue list",
    "overdue list --closed",
    "message list",
    "message replay --held",
    "message replay --held --apply --reason tried",
    "order held",
    "order show 4500017",
    "file list",
    "retention hold --reason tried",
    "map lint",
    "map replay --map x12/004010/850 --since 2026-01-01",
    "token create name",
    f"cert rollover {FILE}",
    f"as2 send {FILE}",
)


def test_no_command_with_a_partner_is_left_out() -> None:
    taking = {name.removeprefix("edi-gateway ") for name, command, _ in walk() if any("--partner" in one.opts for one in command.params)}
    assert {" ".join(one.split()[:2]) for one in CALLS} == taking


@pytest.mark.parametrize("more", [[], ["--json"]], ids=["", "json"])
@pytest.mark.parametrize(("name", "hint"), [("retialer", "Did you mean retailer?"), ("", "Known: retailer.")])
@pytest.mark.parametrize("call", CALLS)
def test_a_name_that_no_partner_has_is_told_with_the_nearest(
    run: Run, own_pair: Pair, call: str, name: str, hint: str, more: list[str]
) -> None:
    ran = run(*call.split(), f"--partner={name}", *more, "--home", own_pair.supplier.home)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f'CFG-PARTNER-UNKNOWN  There is no partner "{name}". {hint}')


@pytest.mark.parametrize("call", [one for one in CALLS[:8] if "list" in one or "held" in one])
def test_a_partner_with_a_file_and_nothing_else_has_nothing(run: Run, own_pair: Pair, call: str) -> None:
    ran = run(*call.split(), "--partner", "retailer", "--home", own_pair.supplier.home)
    assert (ran.code, "CFG-PARTNER-UNKNOWN" in ran.err) == (0, False)
