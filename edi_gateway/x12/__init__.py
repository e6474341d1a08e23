"""The X12 engine: reads any bytes, judges them exactly, acknowledges by the book, writes what a receiver accepts.

It knows bytes and values only: no files but the schemas, no clock, no database.
"""

from edi_gateway.x12.acknowledge import Acknowledgment, Detail, acknowledge, is_owed_ta1, ta1
from edi_gateway.x12.acks import AckCode, Form, Note, ack_code, ack_text
from edi_gateway.x12.business import BusinessNumber, business_number
from edi_gateway.x12.charset import Charset
from edi_gateway.x12.delimiters import Delimiters
from edi_gateway.x12.guide import Guide, GuideRule, Use
from edi_gateway.x12.guidefile import GuideFile, load_guide
from edi_gateway.x12.guidepath import Step as GuideStep
from edi_gateway.x12.inspect import ElementLine, Line, interchange_lines, lines, set_lines
from edi_gateway.x12.interchange import Group, GroupHeader, Interchange, InterchangeHeader, Reading, TransactionSet
from edi_gateway.x12.read import Event, read, read_chunks, stream
from edi_gateway.x12.rules import Mode, Rules, Verdict
from edi_gateway.x12.schema import Library, SetSchema
from edi_gateway.x12.settle import (
    Answer,
    ElementNote,
    InterchangeSettlement,
    SegmentNote,
    SetSettlement,
    Settlement,
    settle,
    settle_interchange,
)
from edi_gateway.x12.validate import validate
from edi_gateway.x12.write import Envelope, GroupOut, Rendered, SetOut, render

__all__ = [
    "AckCode",
    "Acknowledgment",
    "Answer",
    "BusinessNumber",
    "Charset",
    "Delimiters",
    "Detail",
    "ElementLine",
    "ElementNote",
    "Envelope",
    "Event",
    "Form",
    "Group",
    "GroupHeader",
    "GroupOut",
    "Guide",
    "GuideFile",
    "GuideRule",
    "GuideStep",
    "Interchange",
    "InterchangeHeader",
    "InterchangeSettlement",
    "Library",
    "Line",
    "Mode",
    "Note",
    "Reading",
    "Rendered",
    "Rules",
    "SegmentNote",
    "SetOut",
    "SetSchema",
    "SetSettlement",
    "Settlement",
    "TransactionSet",
    "Use",
    "Verdict",
    "ack_code",
    "ack_text",
    "acknowledge",
    "business_number",
    "interchange_lines",
    "is_owed_ta1",
    "lines",
    "load_guide",
    "read",
    "read_chunks",
    "render",
    "set_lines",
    "settle",
    "settle_interchange",
    "stream",
    "ta1",
    "validate",
]
