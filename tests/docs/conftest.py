"""Pages as tests read them."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```(?P<kind>\w*)(?: (?P<label>[^\n]+))?\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block. Shape: `label` follows the kind on the fence: the name of a file to save, or how the command above ends."""

    kind: str
    label: str
    text: str

    @property
    def is_file(self) -> bool:
        return "." in self.label


def blocks(text: str) -> list[Block]:
    """The fenced blocks of a page or a part of one, in order."""
    return [Block(kind=one["kind"], label=one["label"] or "", text=one["text"]) for one in FENCE.finditer(text)]
