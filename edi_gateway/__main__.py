"""`python -m edi_gateway`: the command line."""

from edi_gateway.cli import main

raise SystemExit(main())
