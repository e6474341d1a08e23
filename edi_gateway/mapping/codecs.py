"""Codecs: the last resort of a map, a pair of functions in Python for what a table cannot say. `PATH via !name`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from edi_gateway.mapping.values import BAD, Bad


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec:
    """A pair of functions on text; each gives BAD for what it does not take.

    Shape:  `encode(decode(text))` should be the text again; where it is not, `loses` says what is normalised.
    """

    name: str
    title: str
    decode: Callable[[str], str | Bad]
    encode: Callable[[str], str | Bad]
    loses: str = ""


_ZERO = ord("0")


def is_checked(text: str, *lengths: int) -> bool:
    """Whether a GTIN, SSCC or GLN has a known length and its last digit is its check digit.

    Source: GS1 General Specifications, standard check digit: weights 3 and 1.
    """
    return len(text) in lengths and _ends_in_its_check_digit(text)


# The articles of one order are those of the next, and what is read is checked again where it is written.
@lru_cache(maxsize=4096)
def _ends_in_its_check_digit(text: str) -> bool:
    return text.isascii() and text.isdecimal() and _weighed(text) % 10 == 0


def _weighed(digits: str) -> int:
    """The sum of a number's digits, from the last weighed 1, 3, 1 …"""
    codes = digits.encode()
    half = len(codes) // 2
    return sum(codes[-1::-2]) + 3 * sum(codes[-2::-2]) - _ZERO * (len(codes) + 2 * half)


def _sscc_in(text: str) -> str | Bad:
    bare = text[2:] if len(text) == 20 and text.startswith("00") else text
    return bare if is_checked(bare, 18) else BAD


def _sscc_with_identifier(text: str) -> str | Bad:
    return f"00{text}" if is_checked(text, 18) else BAD


def _checked(*lengths: int) -> Callable[[str], str | Bad]:
    return lambda text: text if is_checked(text, *lengths) else BAD


def _unit_out(text: str) -> str | Bad:
    return f"00{text}" if is_checked(text, 18) else text


def _unit_in(text: str) -> str | Bad:
    return text[2:] if len(text) == 20 and text.startswith("00") and is_checked(text[2:], 18) else text


def _unwritten(text: str) -> str | Bad:
    return BAD


def _upper(text: str) -> str | Bad:
    return text.upper()


CHECKS = ("sscc", "gtin", "gln")
"""The codecs that may stand after a question mark: a value that they do not take passes, and is warned about."""

CODECS: Mapping[str, Codec] = MappingProxyType(
    {
        codec.name: codec
        for codec in (
            Codec(
                name="sscc", title="SSCC of 18 digits, checked", decode=_sscc_in, encode=_checked(18), loses="the application identifier 00"
            ),
            Codec(name="sscc20", title="SSCC written with its application identifier 00", decode=_sscc_in, encode=_sscc_with_identifier),
            Codec(
                name="gtin", title="GTIN of 8, 12, 13 or 14 digits, checked", decode=_checked(8, 12, 13, 14), encode=_checked(8, 12, 13, 14)
            ),
            Codec(name="gln", title="GLN of 13 digits, checked", decode=_checked(13), encode=_checked(13)),
            Codec(
                name="sscc_unit",
                title="the number of a handling unit: an SSCC with 00 before it, and any other number as it is",
                decode=_unit_in,
                encode=_unit_out,
                loses="an SSCC of 18 digits without the 00",
            ),
            Codec(name="upper", title="text in capitals", decode=_upper, encode=_upper, loses="small letters"),
        )
    }
)
MEANS = "means_"
"""How the name of a codec begins that reads any value as one word: `via !means_original`."""


def codec_of(name: str) -> Codec | None:
    """The codec of a name; None where there is none. Shape: `means_WORD` reads whatever stands there as the word, and writes nothing."""
    word = name.removeprefix(MEANS)
    if word == name or not word:
        return CODECS.get(name)
    return Codec(name=name, title=f"{word}, whatever stands there", decode=lambda _: word, encode=_unwritten, loses="every other word")
