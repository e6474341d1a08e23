"""Keys that a file may hold, declared once: the reading, the check for unknown keys and the reference page all come from it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from edi_gateway.config.kinds import Kind, Unfit
from edi_gateway.config.placed import Placed
from edi_gateway.faults import Fault, Place
from edi_gateway.fileset import Entry, FileSet
from edi_gateway.marked import nearest

T = TypeVar("T")
ANY = "*"


@dataclass(frozen=True, kw_only=True)
class Key(Generic[T]):
    """One key.

    Shape:  `path` is dotted, "as2.url"; a part "*" stands for names that the writer chooses. `default` is what an absent key
            means; `shown` says so in words where the value does not. A `required` key's default is never used.
    """

    path: str
    kind: Kind[T]
    default: T
    words: str
    shown: str = ""
    example: str = ""
    required: bool = False

    def parts(self, names: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The path's parts, each "*" replaced by the next of `names`."""
        chosen = iter(names)
        return tuple(next(chosen, ANY) if part == ANY else part for part in self.path.split("."))


class Reading:
    """One file's values read by their keys; what is wrong collects in `faults`.

    Shape:  `family` is the faults' prefix, "CFG" or "PRT"; relative paths are seen from `base`; `own` are the files of the
            configuration that this file belongs to.
    """

    def __init__(self, root: Placed, keys: Iterable[Key[Any]], *, family: str, base: Path, own: FileSet | None = None) -> None:
        self.root = root
        self.keys = tuple(keys)
        self.family = family
        self.base = base
        self.own = own
        self.faults: list[Fault] = []
        self._read: dict[tuple[str, ...], Any] = {}
        self._troubled: set[tuple[str, ...]] = set()

    def troubled(self, table: str) -> bool:
        """Whether a key directly in this table is unknown or does not fit: what seems to be missing may only be misspelt."""
        return tuple(table.split(".")) in self._troubled

    def fault(self, name: str, place: Place, value: str | None = None, **detail: object) -> None:
        """Adds a fault of this file's family."""
        self.faults.append(Fault.of(f"{self.family}-{name}", place, value, **detail))

    def find(self, parts: Iterable[str]) -> Placed | None:
        """The value at a path, None where nothing stands there."""
        here: Placed | None = self.root
        for part in parts:
            here = here.members.get(part) if here is not None else None
        return here

    def names(self, path: str) -> dict[str, Placed]:
        """The members of the table at a dotted path, by name."""
        here = self.find(path.split("."))
        return here.members if here is not None else {}

    def place(self, key: Key[Any], *names: str) -> Place:
        """Where a key's value stands; where it is absent, the nearest table that would hold it."""
        parts = key.parts(names)
        for length in range(len(parts), 0, -1):
            if (found := self.find(parts[:length])) is not None:
                return found.place if length == len(parts) else found.key_place
        return self.root.place

    def get(self, key: Key[T], *names: str) -> T:
        """The value of a key: its default where it is absent, and where it does not fit, which is then a fault."""
        parts = key.parts(names)
        if parts not in self._read:
            self._read[parts] = self._value(key, parts, names)
        found: T = self._read[parts]
        return found

    def _value(self, key: Key[T], parts: tuple[str, ...], names: tuple[str, ...]) -> T:
        found = self.find(parts)
        if found is None or found.content is None:
            if key.required:
                self.fault("KEY-MISSING", self.place(key, *names), ".".join(parts), hint=f"It holds {key.words[0].lower()}{key.words[1:]}")
            return key.default
        try:
            return key.kind.read(found)
        except Unfit as unfit:
            self._troubled.add(parts[:-1])
            self.fault("VALUE", unfit.at.place, _shown(unfit.at.content), key=".".join(parts), hint=unfit.hint)
            return key.default

    def path(self, written: str) -> Path:
        """A path as written, seen from the base."""
        return self.base / Path(written)

    def files(self, key: Key[tuple[str, ...]], *names: str) -> tuple[Path, ...]:
        """The files on the disk that a key lists, in its order; each one that is missing is a fault."""
        return tuple(self._present(written, place, key, names) for written, place in self._listed(key, names))

    def file(self, key: Key[str | None], *names: str) -> Path | None:
        """The file on the disk that a key names, None where it is absent; a missing file is a fault."""
        written = self.get(key, *names)
        return None if written is None else self._present(written, self.place(key, *names), key, names)

    def entries(self, key: Key[tuple[str, ...]], *names: str) -> tuple[Entry, ...]:
        """As `files`, those of the configuration before those on the disk."""
        return tuple(self._held(written) or self._present(written, place, key, names) for written, place in self._listed(key, names))

    def entry(self, key: Key[str | None], *names: str) -> Entry | None:
        """As `file`, that of the configuration before that on the disk."""
        written = self.get(key, *names)
        return None if written is None else self._held(written) or self._present(written, self.place(key, *names), key, names)

    def _listed(self, key: Key[tuple[str, ...]], names: tuple[str, ...]) -> list[tuple[str, Place]]:
        written: tuple[str, ...] = self.get(key, *names)
        found = self.find(key.parts(names))
        places = [item.place for item in found.items()] if found is not None else []
        return list(zip(written, places, strict=False))

    def _held(self, written: str) -> Entry | None:
        return self.own.find(written) if self.own is not None else None

    def _present(self, written: str, place: Place, key: Key[Any], names: tuple[str, ...]) -> Path:
        path = self.path(written)
        if not path.is_file():
            beside = [one.name for one in path.parent.iterdir() if one.is_file()] if path.parent.is_dir() else []
            hint = nearest(path.name, beside) if beside else f"The folder {path.parent} is empty or missing."
            self.fault("FILE-MISSING", place, written, key=".".join(key.parts(names)), path=path, hint=hint)
        return path

    def check_keys(self) -> None:
        """Makes each key that is not declared a fault, with the nearest that is."""
        self._check(self.root, [key.path.split(".") for key in self.keys], ())

    def _check(self, table: Placed, below: list[list[str]], path: tuple[str, ...]) -> None:
        known = {parts[0] for parts in below}
        for name, value in table.members.items():
            fitting = [parts[1:] for parts in below if parts[0] in (name, ANY)]
            deeper = [parts for parts in fitting if parts]
            if not fitting:
                self._troubled.add(path)
                hint = nearest(name, known - {ANY})
                self.fault("KEY-UNKNOWN", value.key_place, _shown(name), table=".".join(path) or "the file", hint=hint)
            elif deeper and value.is_table:
                self._check(value, deeper, (*path, name))
            elif deeper and value.content is not None and len(deeper) == len(fitting):
                self.fault(
                    "VALUE",
                    value.place,
                    str(value.content),
                    key=".".join((*path, name)),
                    hint=f"It needs a table of keys: {_listed(deeper)}.",
                )


def _shown(content: Any) -> str:
    """A value as a message may show it: one line, whatever was in it."""
    if isinstance(content, bool):
        return str(content).lower()
    if not isinstance(content, str | int | float):
        return "a list or table"
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in str(content)[:100])


def _listed(parts: list[list[str]]) -> str:
    return ", ".join(sorted({one[0] for one in parts}))


def moved(value: Placed, content: Any) -> Placed:
    """The same place, holding something else."""
    return replace(value, content=content)
