"""Lists of files changed in the text of a partner file or of gateway.toml: one line, the rest of the text as it stands."""

import json
import re
from collections.abc import Iterable

_PLAIN = re.compile(r"[A-Za-z0-9_./-]+")
_YAML_LINE = re.compile(r"^([ ]+certificates:[ ]*)(\[[^\]\n]*\]|[^\s\[{#|>&*!][^#\n]*?)([ ]*(?:#.*)?)$", re.MULTILINE)


def with_certificates(text: str, names: Iterable[str]) -> str | None:
    """A partner file with these under as2.certificates; None where the list is not on one line, and a person must change it."""
    if len(found := list(_YAML_LINE.finditer(text))) != 1:
        return None
    [line] = found
    written = ", ".join(name if _PLAIN.fullmatch(name) else json.dumps(name) for name in names)
    return f"{text[: line.start()]}{line[1]}[{written}]{line[3]}{text[line.end() :]}"


def with_identity_list(text: str, key: str, names: Iterable[str]) -> str | None:
    """gateway.toml with these under a key of [identity]; None where it is not on one line, and a person must change it."""
    table = re.search(r"^\[identity\][ ]*(?:#.*)?\n", text, re.MULTILINE)
    if table is None:
        return None
    end = re.search(r"^\[", text[table.end() :], re.MULTILINE)
    inner = text[table.end() : table.end() + end.start() if end else len(text)]
    written = f"{key} = {json.dumps(list(names))}"
    if re.search(rf"^[ ]*{key}[ ]*=", inner, re.MULTILINE) is None:
        changed = f"{written}\n{inner}"
    else:
        changed, count = re.subn(rf"^[ ]*{key}[ ]*=[ ]*\[[^\]\n]*\]", lambda _: written, inner, flags=re.MULTILINE)
        if count != 1:
            return None
    return text[: table.end()] + changed + text[table.end() + len(inner) :]
