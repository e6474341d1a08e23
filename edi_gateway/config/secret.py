"""Secrets by reference: settings say where a pass phrase stands, never what it is."""

import os
from dataclasses import dataclass
from pathlib import Path

from edi_gateway.faults import Fault, Faulty, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """Where a secret stands: `env:NAME`, or `file:PATH` seen from `base`. The secret is read when it is needed and kept nowhere."""

    reference: str
    base: Path

    def reveal(self) -> str:
        """The secret; of a file, its first line. Errors: Faulty CFG-SECRET-MISSING where there is none."""
        scheme, _, name = self.reference.partition(":")
        if scheme == "env":
            found = os.environ.get(name, "")
            reason = "the environment variable is not set"
        else:
            try:
                found = (self.base / name).read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
                reason = "the file's first line is empty"
            except (OSError, UnicodeDecodeError) as wrong:
                found = ""
                reason = str(wrong)
        if not found:
            raise Faulty([Fault.of("CFG-SECRET-MISSING", Place(), self.reference, reason=reason)])
        return found
