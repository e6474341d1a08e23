"""The keys of a partner file, declared: `load` reads by them, the reference page and the JSON Schema are made from them."""

from typing import Any

from edi_gateway.config.declared import Key
from edi_gateway.config.kinds import BOOLEAN, TEXT
from edi_gateway.partners.keys import as2, calendar, documents, times, x12

NAME = Key(
    path="name", kind=TEXT, default="", shown="the file's name", words="The partner's name, as people say it.", example="Acme Retail"
)
ACTIVE = Key(
    path="active", kind=BOOLEAN, default=True, example="false",
    words="Whether we trade now. An inactive partner's messages are kept and refused; nothing is sent.",
)  # fmt: skip

PARTNER_KEYS: tuple[Key[Any], ...] = (NAME, ACTIVE, *as2.KEYS, *x12.KEYS, *calendar.KEYS, *times.KEYS, *documents.KEYS)
