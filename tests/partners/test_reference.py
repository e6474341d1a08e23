"""The reference pages say what the code does."""

import json
from pathlib import Path
from typing import Any

import pytest

from edi_gateway.partners.documents import ERP_DOCUMENTS
from edi_gateway.partners.keys import PARTNER_KEYS
from edi_gateway.partners.reference import pages, partner_page, partner_schema

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


@pytest.mark.parametrize("name", sorted(pages()))
def test_the_reference_is_current(name: str) -> None:
    """Made again with `python -m edi_gateway.partners.reference`."""
    assert (REFERENCE / name).read_text(encoding="utf-8") == pages()[name]


def test_every_key_of_a_partner_file_stands_on_its_page() -> None:
    page = partner_page()
    for key in PARTNER_KEYS:
        table, _, name = key.path.rpartition(".")
        section = page.split(f"## {table or 'Top level'}\n")[1].split("\n## ")[0]
        assert f"| `{name}` |" in section


def test_the_page_names_every_document_that_is_shipped() -> None:
    page = partner_page()
    assert all(f"{set_id} (`{name}`)" in page for set_id, name in ERP_DOCUMENTS.items())


def at(schema: dict[str, Any], path: str) -> dict[str, Any]:
    """The schema of a key."""
    for part in path.split("."):
        options = [schema, *schema.get("anyOf", [])]
        schema = next(
            found for one in options if (found := one.get("additionalProperties") if part == "*" else one.get("properties", {}).get(part))
        )
    return schema


def test_the_json_schema_knows_every_key_and_no_other() -> None:
    schema = partner_schema()
    assert json.loads(json.dumps(schema)) == schema
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["as2", "x12"]
    for key in PARTNER_KEYS:
        assert at(schema, key.path)["description"] == key.words
