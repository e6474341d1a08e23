"""`edi-gateway file template` and `file convert`: workbooks to fill in, and a file in another form of the same layout."""

from pathlib import Path

import click

from edi_gateway import flatfile
from edi_gateway.cli.files import content_of, shown, write_result
from edi_gateway.cli.options import out_option, own_files_option
from edi_gateway.cli.outcome import FINDINGS, end, tell
from edi_gateway.faults import Fault, Faulty
from edi_gateway.services.shelf import shelf_of


@click.command()
@click.argument("layout")
@own_files_option
@out_option
def template(layout: str, home: Path | None, out: Path | None) -> None:
    """Write an Excel workbook to fill in for a layout: for each record a row of names, and one with examples to be overwritten.

    \b
    Example:  edi-gateway file template invoice_xlsx --out invoice.xlsx
    """
    write_result(out, flatfile.template_of(shelf_of(home).layout(layout)))


@click.command()
@click.argument("file", metavar="FILE")
@click.option("--to", "target", required=True, metavar="LAYOUT", help="The layout to write, such as invoice_xlsx.")
@click.option("--layout", "source", metavar="LAYOUT", help="The layout that the file has; seen from its content where it is not given.")
@own_files_option
@out_option
def convert(file: str, target: str, source: str | None, home: Path | None, out: Path | None) -> None:
    """Write a file in another form with the same records: CSV as an Excel workbook, a workbook as CSV, JSON or XML.

    Exits with 1 and writes nothing where the file has faults.

    \b
    Example:  edi-gateway file convert invoice.csv --to invoice_xlsx --out invoice.xlsx
    """
    shelf = shelf_of(home)
    wanted = shelf.layout(target)
    content = content_of(file)
    found = shelf.layout(source) if source else flatfile.recognise(content, shelf.layouts(), file=shown(file))
    if isinstance(found, Fault):
        raise Faulty([found])
    if (found.like or found.name) != (wanted.like or wanted.name):
        raise Faulty([Fault.of("CFG-LAYOUT-OTHER", value=target, file_layout=found.name)])
    reading = flatfile.read(content, found, file=shown(file))
    if reading.all_faults:
        tell(reading.all_faults)
        end(FINDINGS)
    write_result(out, flatfile.write([one.tree for one in reading.documents], wanted).content_or_faulty())
