"""Writes Python source line by line, and holds the values that it refers to by name."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from edi_gateway.mapping.plan import Test


class Emitter:
    """Source under construction. Shape: `names` are the globals that the source runs with."""

    def __init__(self, names: dict[str, Any]) -> None:
        self._lines: list[str] = []
        self._indent = 0
        self.names = dict(names)
        self._shared: dict[int, str] = {}

    def line(self, text: str) -> None:
        self._lines.append("    " * self._indent + text)

    @contextmanager
    def block(self, opening: str) -> Iterator[None]:
        """Lines indented below an opening line; `pass` where none come."""
        self.line(opening)
        self._indent += 1
        before = len(self._lines)
        yield
        if len(self._lines) == before:
            self.line("pass")
        self._indent -= 1

    def name(self, prefix: str, value: Any) -> str:
        """A global name for a value; the same name for the same object."""
        known = self._shared.get(id(value))
        if known is None:
            known = f"{prefix}_{len(self._shared)}"
            self._shared[id(value)] = known
            self.names[known] = value
        return known

    def compile(self, file: str) -> dict[str, Any]:
        """The namespace that running the source leaves."""
        code = compile("\n".join(self._lines) + "\n", f"<map {file}>", "exec")
        space = dict(self.names)
        exec(code, space)  # noqa: S102 - the source is ours: names are checked fields, every text stands in it as a repr
        return space

    def source(self) -> str:
        return "\n".join(self._lines)


def meets(segment: str, tests: tuple[Test, ...]) -> str:
    """A condition that a segment in a variable meets all tests. Shape: "True" where there are none."""
    if not tests:
        return "True"
    parts = [f"len({segment}) > {max(number for number, _ in tests)}"]
    for number, values in tests:
        parts.append(f"{segment}[{number}] == {values[0]!r}" if len(values) == 1 else f"{segment}[{number}] in {values!r}")
    return " and ".join(parts)
