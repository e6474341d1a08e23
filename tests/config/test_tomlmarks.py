"""TOML with places: the same values as tomllib, each where it stands."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_gateway.config.placed import Placed
from edi_gateway.config.tomlmarks import TomlFault, read_toml

AWKWARD = '''\
# a = "comment"
top = 1
"quoted key" = 'a # no comment'   # a comment
dotted.inner.deep = [
  "one", # [not a header]
  'two # ]',
  [1, 2],
]
long = """
[not.a.table]
key = "no key" \\""" still inside
"""
raw = \'\'\'
a = 'b' \'\'\'

[table]
a = {x = 1, "y" = [ {z = 2} ]}
  indented = true
[ table . spaced ]
b=1
[[array]]
c = 2
[[array]]
c = 3
'''


def plain(value: Placed) -> Any:
    if value.is_table:
        return {name: plain(member) for name, member in value.members.items()}
    if isinstance(value.content, tuple):
        return [plain(item) for item in value.content]
    return value.content


def test_awkward_toml_reads_as_tomllib_reads_it() -> None:
    assert plain(read_toml(AWKWARD, "x.toml")) == tomllib.loads(AWKWARD)


@pytest.mark.parametrize(
    ("path", "key_line", "line", "column"),
    [
        (("top",), 2, 2, 7),
        (("quoted key",), 3, 3, 16),
        (("dotted", "inner", "deep"), 4, 4, 21),
        (("long",), 9, 9, 8),
        (("raw",), 13, 13, 7),
        (("table",), 16, 16, 1),
        (("table", "indented"), 18, 18, 14),
        (("table", "a", "x"), 17, 17, 5),
        (("table", "spaced", "b"), 20, 20, 3),
    ],
)
def test_keys_and_values_are_placed(path: tuple[str, ...], key_line: int, line: int, column: int) -> None:
    value = read_toml(AWKWARD, "x.toml")
    for name in path:
        value = value.members[name]
    assert (value.key_place.line, value.place.line, value.place.column) == (key_line, line, column)
    assert value.place.file == "x.toml"


@pytest.mark.parametrize(
    ("text", "line"), [("a = \n", 1), ("\n\nb = [1,\n", 4), ("a = 1\na = 2\n", 2), ("[x\n", 1), ('a = "\x00"', 1), ("a = " + "[" * 5000, 1)]
)
def test_what_is_not_toml_is_a_fault_with_its_line(text: str, line: int) -> None:
    with pytest.raises(TomlFault) as caught:
        read_toml(text, "x.toml")
    assert caught.value.place.line == line


scalars = st.one_of(st.integers(-99, 99), st.booleans(), st.text("ab#[]{}=.\"' \\\n", max_size=8))
names = st.text("ab.# \"'", min_size=1, max_size=4)


def literal(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


@given(
    st.lists(
        st.tuples(names, st.dictionaries(names, st.one_of(scalars, st.lists(scalars, max_size=3)), max_size=4)),
        max_size=4,
        unique_by=lambda pair: pair[0],
    )
)
def test_every_written_key_is_found_on_its_own_line(tables: list[tuple[str, dict[str, Any]]]) -> None:
    lines: list[str] = []
    expected: dict[tuple[str, str], int] = {}
    for table, members in tables:
        lines += ["", f"[{literal(table)}]"]
        for name, value in members.items():
            shown = "[\n" + ",\n".join(map(literal, value)) + "\n]" if isinstance(value, list) else literal(value)
            lines.append(f"{literal(name)} = {shown}")
            lines = "\n".join(lines).split("\n")
            expected[table, name] = len(lines) - shown.count("\n")
    text = "\n".join(lines)
    read = read_toml(text, "x.toml")
    assert plain(read) == tomllib.loads(text)
    found = {(table, name): read.members[table].members[name].key_place.line for table, name in expected if '"' not in table + name}
    assert found == {where: line for where, line in expected.items() if '"' not in "".join(where)}
