"""Checking a set before it is sent, by the checker that judges what comes in."""

from edi_gateway.faults import Fault
from edi_gateway.x12.interchange import GroupHeader, InterchangeHeader
from edi_gateway.x12.judge import Judge
from edi_gateway.x12.lexis import lexis_of
from edi_gateway.x12.rules import Rules
from edi_gateway.x12.schema import Library
from edi_gateway.x12.write import Envelope, SetOut, SetWriter


def validate(one: SetOut, envelope: Envelope, library: Library, *, rules: Rules | None = None) -> tuple[Fault, ...]:
    """What a receiver would find wrong with a set, and what forbids writing it. Positions count in the set as it would be written."""
    rules = rules or Rules(charset=envelope.charset)
    writer = SetWriter(envelope)
    pieces = writer.set(one)
    if writer.faults:
        return tuple(writer.faults)
    end = envelope.delimiters.terminator + envelope.delimiters.line_end
    raw = end.join(pieces).encode(writer.encoding)
    delimiters = envelope.delimiters
    interchange = InterchangeHeader(
        delimiters=delimiters,
        sender_qualifier=envelope.sender_qualifier,
        sender=envelope.sender,
        receiver_qualifier=envelope.receiver_qualifier,
        receiver=envelope.receiver,
        date="",
        time="",
        version=envelope.version,
        control_number=envelope.control_number,
        ack_requested=envelope.ack_requested,
        usage=envelope.usage,
        elements=(),
        offset=0,
    )
    group = GroupHeader(
        functional_id="",
        sender=envelope.group_sender,
        receiver=envelope.group_receiver,
        date="",
        time="",
        control="",
        release=envelope.release,
        elements=(),
        offset=0,
    )
    lexis = lexis_of(delimiters, rules.charset)
    judged = Judge(library, rules, lexis, None, interchange, group).judge(raw, 0, has_trailer=True)
    return judged.faults
