"""`edi-gateway token`: made and shown once, listed without it, revoked."""

from pathlib import Path

import pytest

from edi_gateway.bootstrap import House, read_terms
from edi_gateway.demo.homes import Pair
from edi_gateway.services.tokens import known_token

from .conftest import Run


@pytest.fixture
def home(own_pair: Pair) -> Path:
    return own_pair.supplier.home


def opens(home: Path, secret: str) -> bool:
    house = House(read_terms(home))
    try:
        return known_token(house.store, secret) is not None
    finally:
        house.close()


def test_a_token_is_shown_when_it_is_made_and_never_again(home: Path, own_pair: Pair, run: Run) -> None:
    made = run("token", "create", "erp", "--partner", own_pair.retailer.name, "--home", home)
    secret = made.out.strip()
    assert (made.code, opens(home, secret)) == (0, True)
    listed = run("token", "list", "--home", home)
    assert listed.code == 0
    assert "erp" in listed.out
    assert own_pair.retailer.name in listed.out
    assert secret not in listed.out + run("token", "list", "--home", home, "--json").out


def test_a_revoked_token_opens_nothing(home: Path, run: Run) -> None:
    made = run("token", "create", "erp", "--home", home, "--json").json()
    assert made["partners"] == []
    assert run("token", "revoke", made["id"], "--home", home).code == 0
    assert not opens(home, made["token"])
    again = run("token", "revoke", made["id"], "--home", home)
    assert (again.code, again.err.split()[0]) == (2, "ERP-415")


def test_a_token_for_a_partner_that_does_not_exist_is_refused(home: Path, run: Run) -> None:
    refused = run("token", "create", "erp", "--partner", "nobody", "--home", home)
    assert refused.code == 2
    assert "nobody" in refused.err
    assert run("token", "list", "--home", home).err.startswith("There are no tokens yet")
