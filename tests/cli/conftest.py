"""Commands run in this process as a shell would run them, and homes to run them on."""

import io
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from edi_gateway.cli import main
from edi_gateway.cli.options import HOME_VARIABLE
from edi_gateway.demo.homes import Pair, make_pair

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `edi-gateway` with these arguments. Nothing of what a person may do wrong raises."""
    monkeypatch.delenv(HOME_VARIABLE, raising=False)

    def go(*arguments: object, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsys.readouterr()
        code = main([str(one) for one in arguments])
        said = capsys.readouterr()
        return Ran(code=code, out=said.out, err=said.err)

    return go


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Two homes that trade with each other. Nobody listens at their addresses; tests must leave the files as they are."""
    return make_pair(tmp_path_factory.mktemp("pair"), datetime.now(UTC))


@pytest.fixture
def own_pair(pair: Pair, tmp_path: Path) -> Pair:
    """The same two homes for one test, which may change them and run them."""
    homes = {side.name: Path(shutil.copytree(side.home, tmp_path / side.name)) for side in (pair.supplier, pair.retailer)}
    return Pair(supplier=replace(pair.supplier, home=homes["supplier"]), retailer=replace(pair.retailer, home=homes["retailer"]))


@pytest.fixture
def order(tmp_path: Path) -> Path:
    """A file with a good 850."""
    target = tmp_path / "order.edi"
    target.write_bytes((SAMPLES / "x12" / "850.edi").read_bytes())
    return target


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """An 850 whose first set has a unit that is no code."""
    content = (SAMPLES / "x12" / "850.edi").read_bytes()
    assert content.count(b"PO1*1*24*EA*") == 1
    target = tmp_path / "faulty.edi"
    target.write_bytes(content.replace(b"PO1*1*24*EA*", b"PO1*1*24*QQ*"))
    return target
