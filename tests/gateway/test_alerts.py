"""A whole gateway tells a server on this machine of what is wrong."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from edi_gateway.demo.homes import Pair
from edi_gateway.testing.hook import Hook

PROMISED = timedelta(minutes=5)


@pytest.fixture
def hook() -> Iterator[Hook]:
    opened = Hook()
    yield opened
    opened.close()


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def test_a_refused_file_reaches_the_webhook_in_good_time_and_once(
    homes: Callable[[str], Pair], running, until, hook: Hook, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, database: str
):
    pair = homes("sync")
    if database == "postgresql":
        address = str(request.getfixturevalue("new_postgres")())
        file = pair.supplier.home / "gateway.toml"
        url = address.replace(":@", "@")  # no password, and none is to be written
        file.write_text(file.read_text().replace("[database]\n", f'[database]\nurl = "{url}"\n', 1))
    with (pair.supplier.home / "gateway.toml").open("a") as settings:
        settings.write('\n[alerts.routes.ops]\nurl = "env:EDI_TEST_ALERTS"\npartners = ["retailer"]\n')
    monkeypatch.setenv("EDI_TEST_ALERTS", hook.address)
    began = datetime.now(UTC)
    with running(pair.supplier, "retailer") as supplier:
        supplier.drop("broken.csv", "this is no document of ours")
        until("the refused file is told of", lambda: bool(hook.bodies))
        looks = supplier.store.views.incidents()
        until("a second look was taken", lambda: supplier.store.views.incidents() == looks)
    [told] = [json.loads(body) for body in hook.bodies]
    assert told["title"] == "[warning] retailer: ERP file refused"
    assert "broken.csv" in told["message"]
    assert "no document of ours" not in told["message"]
    assert datetime.now(UTC) - began < PROMISED
