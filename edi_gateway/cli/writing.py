"""Trees written as X12 for people to look at: a whole interchange, or the segments of its sets alone."""

from collections.abc import Sequence

from edi_gateway import x12
from edi_gateway.faults import Fault, Faulty
from edi_gateway.tree import Loop
from edi_gateway.x12.write import SetWriter


def as_x12(
    trees: Sequence[Loop], set_id: str, envelope: x12.Envelope, library: x12.Library, *, only_segments: bool
) -> tuple[bytes, tuple[Fault, ...]]:
    """The sets in bytes, none where they cannot be rendered, and what a receiver would find in them.

    Errors: Faulty where there is no schema for the set.
    """
    schema = library.set_schema(envelope.release, set_id)
    if schema is None:
        raise Faulty([Fault.of("STO-426", value=set_id, release=envelope.release)])
    sets = tuple(x12.SetOut(set_id=set_id, control=f"{number:04}", body=tree, shape=schema.shape) for number, tree in enumerate(trees, 1))
    faults = tuple(fault for one in sets for fault in x12.validate(one, envelope, library))
    if only_segments:
        writer = SetWriter(envelope)
        end = envelope.delimiters.terminator + envelope.delimiters.line_end
        text = "".join(segment + end for one in sets for segment in writer.set(one))
        unwritable = tuple(writer.faults)
        content = b"" if unwritable else text.encode(writer.encoding)
    else:
        group = x12.GroupOut(functional_id=schema.functional_id, control=envelope.control_number, sets=sets)
        rendered = x12.render(envelope, [group])
        content, unwritable = rendered.content, rendered.faults
    return content, (*faults, *(fault for fault in unwritable if fault not in faults))
