"""`edi-gateway message`: what a gateway kept, listed and shown, and what a person may set off."""

import os
import pty
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edi_gateway.demo.homes import Pair, make_pair
from edi_gateway.lifecycle.states import Outbound, SetIn
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.ports.channels import Unreached
from edi_gateway.testing.pair import Trade

from .conftest import SAMPLES, Run


def trading(pair: Pair) -> Trade:
    """The two gateways, in the commands' own time."""
    both = Trade(pair)
    both.clock.turn(datetime.now(UTC) - both.clock.now())
    return both


@pytest.fixture(scope="module")
def trade(tmp_path_factory: pytest.TempPathFactory) -> tuple[Pair, Path]:
    """Two homes after an order: the retailer's ERP dropped it, the supplier's has it. Tests only look."""
    pair = make_pair(tmp_path_factory.mktemp("trade"), datetime.now(UTC))
    both = trading(pair)
    both.supplier.configure()
    both.retailer.drop("order.csv", (SAMPLES / "erp" / "order.csv").read_bytes())
    both.run()
    both.close()
    return pair, pair.supplier.home


def test_messages_are_listed_newest_first(trade: tuple[Pair, Path], run: Run) -> None:
    _, home = trade
    said = run("message", "list", "--json", "--home", home).json()
    assert [(one["direction"], [row["set_id"] for row in one["sets"]]) for one in said["messages"]] == [("out", ["997"]), ("in", ["850"])]
    assert said["messages"][0]["id"] > said["messages"][1]["id"]
    assert said["messages"][1]["sets"][0]["business_key"] == "4500017"
    ran = run("message", "list", "--home", home)
    heading, *lines = ran.out.splitlines()
    assert (ran.code, heading.split()[0], len(lines)) == (0, "id", 2)
    assert "850 4500017 delivered" in lines[1]
    assert all(line == line.rstrip() and said["messages"][number]["message_id"] in line for number, line in enumerate(lines))


@pytest.mark.slow
def test_on_a_terminal_the_list_fits(trade: tuple[Pair, Path]) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "edi_gateway", "message", "list", "--home", str(trade[1])]
    done = subprocess.run(command, stdin=theirs, stdout=theirs, check=True, env={**os.environ, "COLUMNS": "70", "NO_COLOR": "1"})
    said = re.sub(r"\x1b\[[0-9;]*m", "", os.read(ours, 65536).decode())
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 0
    assert "documents" in said
    assert max(len(line) for line in said.splitlines()) <= 70


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (["4500017"], 1),
        (["no such order"], 0),
        (["--direction", "in"], 1),
        (["--set", "997"], 1),
        (["--partner", "retailer"], 2),
        (["--state", "delivered"], 2),
        (["--state", "held"], 0),
        (["--since", "2020-01-01"], 2),
        (["--since", "2099-01-01T00:00:00+02:00"], 0),
        (["--attention"], 0),
        (["--limit", "1"], 1),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_a_list_holds_what_was_asked_for(wanted: list[str], count: int, trade: tuple[Pair, Path], run: Run) -> None:
    said = run("message", "list", *wanted, "--json", "--home", trade[1]).json()
    assert len(said["messages"]) == count


def test_a_long_list_goes_on(trade: tuple[Pair, Path], run: Run) -> None:
    first = run("message", "list", "--limit", "1", "--json", "--home", trade[1]).json()
    second = run("message", "list", "--before", first["before"], "--json", "--home", trade[1]).json()
    assert (second["messages"][0]["id"] < first["messages"][0]["id"], second["before"]) == (True, None)


def test_a_message_is_shown_whole(trade: tuple[Pair, Path], run: Run) -> None:
    home = trade[1]
    number = run("message", "list", "--set", "850", "--json", "--home", home).json()["messages"][0]["id"]
    said = run("message", "show", number, "--json", "--home", home).json()
    assert (said["id"], said["as2_from"], said["signed"], said["encrypted"]) == (number, "RETAILER", True, True)
    assert said["receipts"][0]["disposition"].endswith("processed")
    assert (said["documents"][0]["kind"], said["erp_files"][0]["state"]) == ("PurchaseOrder", "published")
    assert "set.mapped" in {event["kind"] for event in said["events"]}
    assert (said["revision"], said["sets"][0]["revision"], said["documents"][0]["revision"]) == (1, 1, 1)
    shown = run("message", "show", number, "--home", home).out
    assert re.search(r"^configuration +revision 1$", shown, re.M)
    assert "850 0001 4500017: delivered" in shown
    assert f"ERP file {said['erp_files'][0]['name']}: published" in shown


def test_the_documents_own_bytes_can_be_had(trade: tuple[Pair, Path], run: Run) -> None:
    home = trade[1]
    number = run("message", "list", "--set", "850", "--json", "--home", home).json()["messages"][0]["id"]
    content = run("message", "show", number, "--content", "--home", home).out
    assert content.startswith("ISA*")
    assert run("map", "read", "x12/004010/850", "-", stdin=content.encode()).json()["id"] == "4500017"


def test_the_request_as_it_came_opens_in_the_lab(trade: tuple[Pair, Path], run: Run, tmp_path: Path) -> None:
    home, certs = trade[1], trade[1] / "certs"
    number = run("message", "list", "--set", "850", "--json", "--home", home).json()["messages"][0]["id"]
    request = tmp_path / "request.http"
    program = "import sys; from edi_gateway.cli import main; sys.exit(main())"
    shown = [sys.executable, "-c", program, "message", "show", str(number), "--request", "--home", str(home)]
    request.write_bytes(subprocess.run(shown, capture_output=True, check=True).stdout)
    keys = ("--own-key", certs / "own.key.pem", "--own-cert", certs / "own.cert.pem", "--partner-cert", certs / "retailer.pem")
    said = run("as2", "open", request, *keys, "--require", "signed,encrypted", "--json").json()
    assert (said["accepted"], said["signed"], said["encrypted"]) == (True, True, True)


@pytest.mark.parametrize("command", [["show", "999"], ["resend", "999", "--reason", "r"], ["replay", "999", "--reason", "r"]], ids=" ".join)
def test_a_message_that_is_none_is_told(command: list[str], trade: tuple[Pair, Path], run: Run) -> None:
    ran = run("message", *command, "--home", trade[1])
    assert (ran.code, ran.out, ran.err.split("  ")[0]) == (2, "", "STO-417")


@pytest.mark.parametrize("command", ["list", "show 1"])
def test_without_a_home_there_are_no_messages(command: str, run: Run, tmp_path: Path) -> None:
    ran = run("message", *command.split(), "--home", tmp_path)
    assert (ran.code, ran.err.split("  ")[0]) == (2, "CFG-ABSENT")


def test_what_was_delivered_cannot_be_resent(trade: tuple[Pair, Path], run: Run) -> None:
    home = trade[1]
    number = run("message", "list", "--set", "997", "--json", "--home", home).json()["messages"][0]["id"]
    ran = run("message", "resend", number, "--reason", "to see", "--home", home)
    assert (ran.code, ran.out, ran.err.split("  ")[0]) == (1, "", "STO-415")
    said = run("message", "replay", number, "--reason", "to see", "--json", "--home", home).json()
    assert (said["done"], said["faults"][0]["code"]) == (False, "STO-416")


def test_a_message_that_gave_up_is_resent_with_who_and_why(own_pair: Pair, run: Run) -> None:
    both = trading(own_pair)
    both.line.answer = Unreached(reason="forbidden_address", detail="not there")
    both.retailer.drop("order.csv", (SAMPLES / "erp" / "order.csv").read_bytes())
    both.run()
    [stopped] = both.retailer.transmissions(state=Outbound.STOPPED)
    ran = run("message", "resend", stopped.id, "--reason", "address mended", "--home", own_pair.retailer.home)
    assert (ran.code, ran.err) == (0, "")
    [event] = [one for one in both.retailer.events() if one.startswith("operator.resend")]
    assert event.endswith("Reason: address mended")
    both.line.answer = both.deliver
    both.turn(timedelta(minutes=1))
    assert both.retailer.transmissions(id=stopped.id)[0].state is Outbound.DELIVERED
    both.close()


def test_a_message_that_gave_up_is_sent_anew_as_a_message_of_its_own(own_pair: Pair, run: Run) -> None:
    both = trading(own_pair)
    both.line.answer = Unreached(reason="forbidden_address", detail="not there")
    both.retailer.drop("order.csv", (SAMPLES / "erp" / "order.csv").read_bytes())
    both.run()
    [stopped] = both.retailer.transmissions(state=Outbound.STOPPED)
    command = ("message", "resend", stopped.id, "--anew", "--reason", "new keys", "--home", own_pair.retailer.home)
    ran = run(*command)
    assert (ran.code, ran.err) == (0, "")
    assert "under a new Message-ID" in ran.out
    both.line.answer = both.deliver
    both.turn(timedelta(minutes=1))
    states = [row.state for row in both.retailer.transmissions(content=stopped.content)]
    assert states == [Outbound.SUPERSEDED, Outbound.DELIVERED]
    again = run(*command)
    assert (again.code, again.err.split("  ")[0]) == (1, "STO-437")
    both.close()


def test_a_held_set_is_replayed_once_its_map_is_mended(own_pair: Pair, run: Run) -> None:
    home = own_pair.supplier.home
    own = home / "maps" / "x12" / "004010" / "850.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("map: x12/004010/850\nrecord: Nonsense\nschema: X12 004010 850\n")
    both = trading(own_pair)
    both.retailer.drop("order.csv", (SAMPLES / "erp" / "order.csv").read_bytes())
    both.run()
    [held] = both.supplier.sets(state=SetIn.HELD)
    own.unlink()
    said = run("message", "replay", held.transmission_id, "--reason", "map mended", "--json", "--home", home).json()
    assert said["done"]
    supplier = both.restart("supplier")
    both.turn(timedelta(minutes=1))
    assert supplier.sets(id=held.id)[0].state is SetIn.DELIVERED
    both.close()


def test_a_command_leaves_a_hint_and_does_no_work_itself(own_pair: Pair, run: Run) -> None:
    both = trading(own_pair)
    both.line.answer = Unreached(reason="forbidden_address", detail="not there")
    both.retailer.drop("order.csv", (SAMPLES / "erp" / "order.csv").read_bytes())
    both.run()
    [stopped] = both.retailer.transmissions(state=Outbound.STOPPED)
    posted = len(both.line.posted)
    run("message", "resend", stopped.id, "--reason", "again", "--home", own_pair.retailer.home)
    job = both.retailer.store.jobs.claim(datetime.now(UTC), owner="test", lease=timedelta(minutes=1), tasks={Task.SEND})
    both.close()
    assert len(both.line.posted) == posted
    assert job is not None
    assert job.ids["id"] == stopped.id


def test_all_held_sets_are_listed_first_and_mapped_again_only_when_told(own_pair: Pair, run: Run) -> None:
    home = own_pair.supplier.home
    empty = run("message", "replay", "--held", "--home", home)
    assert (empty.code, empty.err.strip()) == (0, "Nothing is held.")
    for wrong in ([], ["5"], ["5", "--held"], ["--held", "--apply"]):
        assert run("message", "replay", *wrong, "--home", home).code == 2

    file = home / "partners" / f"{own_pair.retailer.name}.yaml"
    good = file.read_text()
    file.write_text(good.replace("    850:\n      answer: {855: 24h}\n", ""))
    both = trading(own_pair)
    both.retailer.drop("order.csv", (SAMPLES / "erp" / "order.csv").read_bytes())
    both.run()
    [held] = both.supplier.sets(state=SetIn.HELD)
    both.close()
    file.write_text(good)

    chosen = ("--held", "--partner", own_pair.retailer.name, "--code", "STO-411", "--home", home)
    listed = run("message", "replay", *chosen)
    assert (listed.code, "1 set would be mapped again" in listed.err, "850" in listed.out) == (0, True, True)
    assert [one["id"] for one in run("message", "replay", *chosen, "--json").json()["held"]] == [held.id]
    assert run("message", "replay", "--held", "--code", "MAP-407", "--home", home).err.strip() == "Nothing is held."
    done = run("message", "replay", *chosen, "--apply", "--reason", "agreed at last", "--json").json()
    assert (done["done"], done["words"]) == (True, "One set is mapped again.")
    assert run("message", "replay", *chosen).err.strip() == "Nothing is held."
