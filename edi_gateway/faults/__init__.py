"""Faults as values: a code, a place and detail.

Partners, ERP systems and operators cause faults; they are collected and returned, never raised on the way.
The words for each code stand once, in the register (`edi_gateway.faults.register`), from which the reference page is made.
Programming errors raise as usual.
"""

from edi_gateway.faults.fault import Fault, Faulty, Place
from edi_gateway.faults.register import Entry, Severity, entry, register

__all__ = ["Entry", "Fault", "Faulty", "Place", "Severity", "entry", "register"]
