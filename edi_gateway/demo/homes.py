"""Two homes that trade with each other: a supplier, which is the gateway to look at, and a retailer, its counterparty."""

import shutil
import socket
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from edi_gateway.home import NewIdentity, make_home

_SETTINGS = {
    # What drops files here renames them into place, so none is looked at twice before it is taken.
    '# complete = "rename"': 'complete = "rename"',
    '# scan = "5s"': 'scan = "1s"',
}
_PARTNER = """\
name: {title}
as2:
  id: {as2_id}
  url: http://127.0.0.1:{port}/as2
  certificates: certs/{key}.pem
  mdn: {mdn}
{mdn_url}x12:
  id: {as2_id}
windows:
  mdn: 2m
  functional_ack: 10m
retry: {{first: 1s, factor: 2, cap: 30s, attempts: 8, duration: 10m, jitter: 10%}}
documents:
{documents}"""
_SUPPLIERS_TERMS = """\
  receive:
    850:
      answer: {855: 24h}
    812:
  send: [855, 856, 810, 812]
"""
_RETAILERS_TERMS = """\
  receive: [855, 856, 810, 812]
  send: [850, 812]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two: its home, where it listens, and the partner's key in its files."""

    name: str
    title: str
    as2_id: str
    home: Path
    port: int
    password: str | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Both sides."""

    supplier: Side
    retailer: Side


def make_pair(folder: Path, now: datetime, *, mdn: str = "sync") -> Pair:
    """Two new homes below a folder, with keys made for them and each other's certificates. Errors: Faulty where the folder is taken.

    Shape:  `mdn` is "sync" or "async", for both directions.
    """
    supplier = _side(folder, "supplier", "Supplier", now)
    retailer = _side(folder, "retailer", "Retailer", now)
    _introduce(supplier, retailer, _SUPPLIERS_TERMS, mdn)
    _introduce(retailer, supplier, _RETAILERS_TERMS, mdn)
    return Pair(supplier=supplier, retailer=retailer)


def _side(folder: Path, name: str, title: str, now: datetime) -> Side:
    port = free_port()
    as2_id = name.upper()
    made = make_home(folder / name, NewIdentity(as2_id=as2_id, id=as2_id, url=f"http://127.0.0.1:{port}/as2"), now, port=port)
    settings = made.folder / "gateway.toml"
    text = settings.read_text(encoding="utf-8")
    for before, after in _SETTINGS.items():
        text = text.replace(before, after)
    settings.write_text(text, encoding="utf-8")
    return Side(name=name, title=title, as2_id=as2_id, home=made.folder, port=port, password=made.password)


def _introduce(side: Side, other: Side, documents: str, mdn: str) -> None:
    """Gives one side the other's certificate and a partner file for it."""
    shutil.copyfile(other.home / "certs" / "own.cert.pem", side.home / "certs" / f"{other.name}.pem")
    mdn_url = f"  mdn_url: {side.url}/as2\n  receipt_urls: [{other.url}/as2]\n" if mdn == "async" else ""
    text = _PARTNER.format(
        title=other.title, as2_id=other.as2_id, port=other.port, key=other.name, mdn=mdn, mdn_url=mdn_url, documents=documents
    )
    (side.home / "partners" / f"{other.name}.yaml").write_text(text, encoding="utf-8")


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert isinstance(port, int)
    return port
