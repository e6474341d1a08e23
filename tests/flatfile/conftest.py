"""The shipped layouts."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from edi_gateway.flatfile import Layout, load_layout

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def layouts() -> Mapping[str, Layout]:
    folder = ROOT / "schemas" / "flat"

    def below(name: str) -> tuple[str, str]:
        return (folder / f"{name}.yaml").read_text(), f"{name}.yaml"

    found = (load_layout(path.read_text(), file=path.name, base=below).must() for path in sorted(folder.glob("*.yaml")))
    return {layout.name: layout for layout in found}


SMALL = """
layout: small
title: A small order
record: PurchaseOrder
document: ORDER
prefixes: small
dialect: {DIALECT}
records:
  HDR:
    name: The order
    occurs: one
    required: yes
    columns:
      document: {name: Always ORDER, codes: [ORDER], required: yes}
      po_id:    {name: Order number, max: 8, required: yes}
      day:      {name: Date, type: DT}
      at:       {name: Time, type: TM}
  NTE:
    name: A note
    columns:
      text: {name: Text, required: yes}
  LIN:
    name: A line
    required: yes
    columns:
      quantity: {name: Quantity, type: R, required: yes}
      count:    {name: Count, type: N0}
      gtin:     {name: GTIN, max: 14}
    records:
      LRF:
        name: A reference of the line
        occurs: one
        columns:
          id: {name: Reference}
"""


def small(dialect: str = "{}") -> Layout:
    return load_layout(SMALL.replace("{DIALECT}", dialect), file="small.yaml").must()


@pytest.fixture(scope="session")
def layout() -> Layout:
    return small()


@pytest.fixture(scope="session")
def german() -> Layout:
    return small("{delimiter: semicolon, decimal: ',', date: DD.MM.CCYY, encoding: cp1252, newline: crlf, headers: yes}")
