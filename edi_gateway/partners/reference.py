"""The reference page of partner files, and a JSON Schema of them for editors; `python -m edi_gateway.partners.reference` writes both."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from edi_gateway.config.declared import ANY, Key
from edi_gateway.config.reference import gateway_page, page
from edi_gateway.partners.documents import ERP_DOCUMENTS
from edi_gateway.partners.keys import PARTNER_KEYS

INTRO = """\
A file of `HOME/partners/` for each trading partner, `NAME.yaml`; `NAME` (lower-case letters, digits, `-` and `_`) is also the name of
the partner's ERP folder. Scalars are read as the text that stands there: `01` stays `01`, `no` stays `no`. Paths are seen from the
home folder. Times have a unit: `30m`, `24h`, `3d`. A file with a fault is left out, with file, line and column of each; the others
are used. `partners/acme-retail.yaml` has every part, `partners/globex-supply.yaml` is the shortest that trades.

`documents.receive` and `documents.send` take a list of transaction sets, `[850, 812]`, or a table with terms for each. The maps and
layouts of these are shipped: {documents}.

Made from `edi_gateway/partners/keys/`; do not change it by hand."""


def partner_page() -> str:
    """The reference page of partner files."""
    shipped = ", ".join(f"{set_id} (`{name}`)" for set_id, name in ERP_DOCUMENTS.items())
    return page("Partner files", INTRO.format(documents=shipped), PARTNER_KEYS)


def partner_schema() -> dict[str, Any]:
    """The JSON Schema of a partner file. Source: JSON Schema 2020-12."""
    schema = _table([(tuple(key.path.split(".")), key) for key in PARTNER_KEYS])
    terms = schema["properties"]["documents"]["properties"]
    for direction in ("receive", "send"):
        terms[direction] = {"anyOf": [terms[direction], {"type": "array", "items": {"type": ["string", "integer"]}}]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Partner file", **schema}


def _table(keys: Iterable[tuple[tuple[str, ...], Key[Any]]]) -> dict[str, Any]:
    below: dict[str, list[tuple[tuple[str, ...], Key[Any]]]] = {}
    members: dict[str, Any] = {}
    required = []
    for parts, key in keys:
        if len(parts) == 1:
            members[parts[0]] = {**key.kind.json, "description": key.words}
        else:
            below.setdefault(parts[0], []).append((parts[1:], key))
        if key.required:
            required.append(parts[0])
    for name, inner in below.items():
        # What is a value or a table of terms.
        members[name] = (
            {"anyOf": [_table(inner), members[name]], "description": members[name]["description"]} if name in members else _table(inner)
        )
    free = members.pop(ANY, None)
    return {
        "type": ["object", "null"],
        "properties": members,
        "additionalProperties": free if free is not None else False,
        **({"required": sorted(set(required))} if required else {}),
    }


def pages() -> dict[str, str]:
    """The generated files of docs/reference by name."""
    return {
        "gateway-toml.md": gateway_page(),
        "partner-file.md": partner_page(),
        "partner-file.schema.json": json.dumps(partner_schema(), indent=2) + "\n",
    }


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/reference")
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in pages().items():
        (folder / name).write_text(content, encoding="utf-8")
