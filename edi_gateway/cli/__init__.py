"""The command line: `edi-gateway`. Each command's module is imported only when it is called, so that small ones start at once."""

from edi_gateway.cli.app import main

__all__ = ["main"]
