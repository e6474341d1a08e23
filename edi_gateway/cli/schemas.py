"""Schemas and guides as the `x12` commands use them: the operator's own before the shipped ones."""

from collections.abc import Iterable
from pathlib import Path

import click

from edi_gateway import x12
from edi_gateway.assets import Assets
from edi_gateway.cli.files import text_of
from edi_gateway.faults import Fault, Faulty
from edi_gateway.fileset import Entry
from edi_gateway.marked import nearest

_GUIDES = "x12/guides/"
mode_option = click.option(
    "--mode",
    type=click.Choice([mode.value for mode in x12.Mode]),
    default="strict",
    show_default=True,
    help="tolerant: faults of segments and elements reject nothing.",
)
charset_option = click.option(
    "--charset",
    type=click.Choice([charset.value for charset in x12.Charset]),
    default=x12.Charset.UTF8.value,
    show_default=True,
    help="The characters that data may hold.",
)
guide_option = click.option(
    "--guide", "guides", multiple=True, metavar="GUIDE", help="A partner's guide to hold sets to: a name, or a file; several may be given."
)
form_option = click.option(
    "--form",
    type=click.Choice([form.value for form in x12.Form]),
    default="997",
    show_default=True,
    help="The acknowledgment of groups: a 997 with AK304 and AK403, or a 999 with IK304 and IK403.",
)


def library_of(home: Path | None) -> x12.Library:
    """The X12 schemas."""
    return x12.Library(Assets(home=home).roots("schemas"))


def guides_of(names: Iterable[str], home: Path | None, library: x12.Library) -> tuple[x12.Guide, ...]:
    """The guides of these names ("amazon/retail-850") or files. Errors: Faulty where there is none, or it has faults."""
    return tuple(_guide(name, home, library) for name in names)


def _guide(name: str, home: Path | None, library: x12.Library) -> x12.Guide:
    path: Entry | None = Path(name)
    if not name.endswith((".yaml", ".yml")):
        assets = Assets(home=home)
        path = assets.find("schemas", f"{_GUIDES}{name}.yaml")
        if path is None:
            known = [one.removeprefix(_GUIDES) for one in assets.names("schemas") if one.startswith(_GUIDES)]
            raise Faulty([Fault.of("CFG-GUIDE-UNKNOWN", None, name, hint=nearest(name, known))])
    found = x12.load_guide(text_of(str(path)), library, file=str(path))
    if found.guide is None:
        raise Faulty(found.faults)
    return found.guide
