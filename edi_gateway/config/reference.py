"""Reference pages made from declared keys, so that they cannot say anything else than the code does."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import groupby
from typing import Any

from edi_gateway.config.declared import Key
from edi_gateway.config.keys import GATEWAY_KEYS


def gateway_page() -> str:
    """The reference page of gateway.toml."""
    return page(
        "gateway.toml",
        "The settings of one gateway, in the home folder that `edi-gateway init HOME` makes; they are read at the start. TOML 1.0.\n"
        "Paths are seen from the home folder. An unknown key, a value that does not fit or a missing file is a fault with file, line\n"
        "and column, and the gateway does not start. Made from `edi_gateway/config/keys.py`; do not change it by hand.",
        GATEWAY_KEYS,
    )


def page(title: str, intro: str, keys: Iterable[Key[Any]]) -> str:
    """A Markdown page: a table for each table of the file, a row for each key."""
    lines = [f"# {title}", "", intro, ""]
    for table, members in groupby(keys, key=lambda key: key.path.rpartition(".")[0]):
        lines += [f"## {table or 'Top level'}", "", "| Key | Kind | Default | What it says | Example |", "|---|---|---|---|---|"]
        for key in members:
            name = key.path.rpartition(".")[2]
            kind = key.kind.name + (": " + ", ".join(f"`{word}`" for word in key.kind.choices) if key.kind.choices else "")
            cells = (f"`{name}`", kind, default_words(key), key.words, f"`{key.example}`" if key.example else "")
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        lines.append("")
    return "\n".join(lines)


def default_words(key: Key[Any]) -> str:
    """What an absent key means, in Markdown."""
    if key.required:
        return "**required**"
    if key.shown:
        return key.shown
    match key.default:
        case bool():
            return f"`{str(key.default).lower()}`"
        case timedelta():
            return f"`{duration_words(key.default)}`"
        case tuple() | frozenset():
            return ", ".join(f"`{word}`" for word in sorted(key.default)) or "none"
        case None | "":
            return "none"
    return f"`{key.default}`"


def duration_words(time: timedelta) -> str:
    """A time as files write it: "24h", "90s"; the largest unit that divides it."""
    seconds = round(time.total_seconds())
    for unit, size in (("d", 86_400), ("h", 3600), ("m", 60)):
        if seconds % size == 0 and (seconds >= 2 * size or unit != "d"):
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
