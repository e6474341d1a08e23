"""The kinds of value: what they take and what they refuse."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_gateway.config import keys, kinds
from edi_gateway.config.kinds import Kind, Unfit
from edi_gateway.config.placed import Bare, Placed
from edi_gateway.config.reference import duration_words, gateway_page
from edi_gateway.faults import Place
from edi_gateway.partners.keys import PARTNER_KEYS

ALL = [key.kind for key in (*keys.GATEWAY_KEYS, *PARTNER_KEYS)]


def read(kind: Kind[Any], content: Any) -> Any:
    return kind.read(Placed(content=content, place=Place()))


@given(
    st.sampled_from(ALL),
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.text().map(Bare), st.just({}), st.just(())),
)
def test_a_kind_reads_a_value_or_calls_it_unfit_and_nothing_else(kind: Kind[Any], content: Any) -> None:
    hint = "It fits."
    try:
        read(kind, content)
    except Unfit as unfit:
        hint = unfit.hint
    assert hint.endswith((".", "?"))


@given(st.integers(1, 10**7))
def test_a_time_is_written_as_it_is_read(seconds: int) -> None:
    assume_fits = timedelta(seconds=seconds)
    written = duration_words(assume_fits)
    if len(written.rstrip("smhdw")) <= 6:
        assert read(kinds.DURATION, written) == assume_fits


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("30m", 1800), ("24h", 86_400), ("3d", 259_200), ("1w", 604_800), ("1h30m", 5400)]
)
def test_times(text: str, seconds: int) -> None:
    assert read(kinds.DURATION, text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "30", "m", "-5m", "1.5h", "0s", "5 m", "30M", "1y", "9999999d"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(Unfit):
        read(kinds.DURATION, text)


@pytest.mark.parametrize(("text", "size"), [("1B", 1), ("256kB", 256_000), ("1KiB", 1024), ("100 MiB", 104_857_600), ("2GB", 2 * 10**9)])
def test_sizes(text: str, size: int) -> None:
    assert read(kinds.SIZE, text) == size


@pytest.mark.parametrize("separator", ["*", "|", "~", "\n", "\x1d", ":"])
def test_separators(separator: str) -> None:
    assert read(kinds.SEPARATOR, separator) == separator


@pytest.mark.parametrize("separator", ["", "A", "7", " ", "**", "\x00", "é", "\x7f"])
def test_what_is_no_separator(separator: str) -> None:
    with pytest.raises(Unfit):
        read(kinds.SEPARATOR, separator)


@pytest.mark.parametrize(
    "url",
    [
        "example.com",
        "ftp://example.com/",
        "https://",
        "https://user:pw@example.com/",
        "https://ex ample.com/",
        "https://example.com/#a",
        "http://x:99999/",
    ],
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(Unfit):
        read(kinds.URL, url)


@pytest.mark.parametrize("name", ["A", "OUR CO", "a" * 128, "#1-(x)"])
def test_as2_names(name: str) -> None:
    assert read(keys.AS2_NAME, name) == name


@pytest.mark.parametrize("name", ["", " A", "A ", 'A"B', "A\\B", "a" * 129, "Ä", "A\r\nB"])
def test_what_is_no_as2_name(name: str) -> None:
    with pytest.raises(Unfit):
        read(keys.AS2_NAME, name)


def test_a_number_in_quotes_is_a_number_in_yaml_only() -> None:
    port = kinds.integer(1, 9)
    assert read(port, Bare("7")) == 7
    with pytest.raises(Unfit):
        read(port, "7")


def test_a_lone_value_is_a_list_of_one() -> None:
    assert read(kinds.list_of(kinds.TEXT), "a") == ("a",)


def test_every_key_says_what_it_is_and_stands_once() -> None:
    for declared in (keys.GATEWAY_KEYS, PARTNER_KEYS):
        assert len({key.path for key in declared}) == len(declared)
        assert all(key.words.endswith(".") and key.example for key in declared)


def test_every_setting_stands_on_the_reference_page() -> None:
    page = gateway_page()
    assert all(f"| `{key.path.rpartition('.')[2]}` |" in page for key in keys.GATEWAY_KEYS)
