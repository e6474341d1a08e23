"""Order to cash on PostgreSQL, the supplier in six processes: two of each role, as two hosts would run them."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edi_gateway.demo.homes import Pair, Side, free_port
from edi_gateway.lifecycle.states import Direction
from edi_gateway.ports.channels import Answer
from edi_gateway.store import SqlStore, open_store
from edi_gateway.testing.interchanges import orders
from edi_gateway.work import system_clock

from .test_order_to_cash import OUT_OF_THE_SUPPLIER, at_rest, check, is_whole, paper

COMMAND = [sys.executable, "-m", "edi_gateway", "serve", "--home"]


def on_postgres(side: Side, url: str) -> None:
    """Points a home at a database."""
    settings = side.home / "gateway.toml"
    text = settings.read_text()
    assert "[database]" in text
    address = url.replace("postgresql:", "postgresql+psycopg:").replace(":@", "@")
    settings.write_text(text.replace("[database]", f'[database]\nurl = "{address}"'))


def another_host(side: Side) -> Side:
    """The same gateway on another host: its home copied, its ERP folder shared, its port its own."""
    home, port = side.home.with_name(f"{side.home.name}-2"), free_port()
    shutil.copytree(side.home, home, ignore=shutil.ignore_patterns("erp", "data"))
    settings = home / "gateway.toml"
    text = settings.read_text().replace(f"port = {side.port}", f"port = {port}")
    settings.write_text(text.replace("[erp]", f'[erp]\nfolder = "{side.home / "erp"}"'))
    return replace(side, home=home, port=port)


@contextmanager
def store_on(url: str, side: Side) -> Iterator[SqlStore]:
    store = open_store(url, side.home / "data" / "payloads", system_clock)
    try:
        yield store
    finally:
        store.close()


@pytest.mark.slow
def test_two_of_each_role_bring_every_document_to_its_end(
    homes: Callable[[str], Pair], new_postgres: Callable[[], str], post, until: Callable[[str, Callable[[], bool]], None]
) -> None:
    pair = homes("sync")
    urls = {"supplier": new_postgres(), "retailer": new_postgres()}
    on_postgres(pair.supplier, urls["supplier"])
    on_postgres(pair.retailer, urls["retailer"])
    second = another_host(pair.supplier)
    erp = {"supplier": pair.supplier.home / "erp" / "retailer", "retailer": pair.retailer.home / "erp" / "supplier"}
    with ExitStack() as stack:

        def start(home: Path, *roles: str) -> subprocess.Popen[str]:
            named = [word for role in roles for word in ("--role", role)]
            log = stack.enter_context((home / f"{'-'.join(roles) or 'all'}.log").open("w"))
            process = stack.enter_context(subprocess.Popen([*COMMAND, str(home), *named], stdout=subprocess.PIPE, stderr=log, text=True))
            stack.callback(process.kill)
            return process

        hosts = (pair.supplier.home, second.home)
        processes = {f"{role} {number}": start(home, role) for role in ("web", "worker", "clock") for number, home in enumerate(hosts, 1)}
        processes["retailer"] = start(pair.retailer.home)
        for name, process in processes.items():
            assert process.stdout is not None
            assert ("runs as" if name.startswith(("worker", "clock")) else "listens at") in process.stdout.readline()

        supplier = stack.enter_context(store_on(urls["supplier"], pair.supplier))
        retailer = stack.enter_context(store_on(urls["retailer"], pair.retailer))
        (erp["retailer"] / "in" / "order.csv").write_text(paper("ORDER"))
        until("the order is with the supplier", lambda: at_rest(supplier, (Direction.IN, "850")))
        # One host goes, as by a power cut: the other one does the rest.
        for name in ("worker 1", "clock 1"):
            processes.pop(name).kill()
        for name in OUT_OF_THE_SUPPLIER:
            (erp["supplier"] / "in" / f"{name}.csv").write_text(paper(name))
        (erp["retailer"] / "in" / "claim.csv").write_text(paper("CLAIM"))
        until("all is settled", lambda: is_whole(supplier, retailer))
        check(supplier, retailer, erp)

        answers = [post(replace(pair, supplier=side), orders("9900001", control=99), "<99@retailer>") for side in (pair.supplier, second)]
        assert all(isinstance(answer, Answer) and answer.status == 200 for answer in answers)
        assert answers[0].body == answers[1].body, "whichever host is asked again, it gives the first MDN"
        now = datetime.now(UTC)
        for name, process in processes.items():
            process.terminate()
            assert process.wait(40) == 0, name
        assert (datetime.now(UTC) - now).total_seconds() < 60
