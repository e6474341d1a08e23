"""A file that a person hands in to be sent as it is. Where it is X12, its envelopes are kept, so that the partner's 997 settles them."""

from datetime import datetime

from edi_gateway import x12
from edi_gateway.lifecycle.set_out import SetOutEvent
from edi_gateway.lifecycle.states import Direction, Outbound, SetOut
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.partners.agreement import Partner
from edi_gateway.ports.rows import Group, Interchange, TransactionSet, Transmission
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.services.effects import begin_set, enqueue
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.journal import note
from edi_gateway.services.naming import named_by


def send_interchange(
    gateway: Gateway,
    partner: Partner,
    content: bytes,
    filename: str | None = None,
    *,
    content_type: str = "application/edi-x12",
    subject: str = "",
) -> Transmission:
    """Keeps the bytes as a message that is ready to be sent, with a row for each interchange, group and set that they hold.

    Shape:  nothing is judged or changed: who hands in a file answers for it, and what is not X12 is sent all the same.
    """
    reading = x12.read(content, gateway.library)
    now = gateway.clock.now()
    with gateway.store.begin() as uow:
        row = uow.transmissions.add(
            Transmission(
                direction=Direction.OUT,
                state=Outbound.READY,
                created_at=now,
                revision=gateway.revision,
                partner=partner.key,
                as2_from=gateway.book.identity.as2_id,
                as2_to=partner.as2.id,
                message_id=gateway.new_message_id(),
                subject=subject,
                filename=filename,
                content_type=content_type,
                url=partner.as2.url,
                content=uow.payloads.put(content),
            )
        )
        assert row.id is not None
        note(uow, now, "as2.given", "Given by a person to be sent as it is.", partner=partner.key, transmission_id=row.id)
        for found in reading.interchanges:
            _keep(uow, partner, row, found, now)
        enqueue(uow, Task.SEND, row.id)
    return row


def _keep(uow: UnitOfWork, partner: Partner, row: Transmission, found: x12.Interchange, now: datetime) -> None:
    kept = uow.interchanges.add(
        Interchange(
            direction=Direction.OUT,
            control_number=found.control_number,
            created_at=now,
            transmission_id=row.id,
            partner=partner.key,
            sender_qualifier=found.sender_qualifier,
            sender_id=found.sender,
            receiver_qualifier=found.receiver_qualifier,
            receiver_id=found.receiver,
            version=found.version,
            usage=found.usage,
            content=row.content,
            offset=found.offset,
            length=found.length,
        )
    )
    for group in found.groups:
        _keep_group(uow, partner, kept, group, now, row.revision)


def _keep_group(uow: UnitOfWork, partner: Partner, interchange: Interchange, found: x12.Group, now: datetime, revision: int | None) -> None:
    kept = uow.groups.add(
        Group(
            direction=Direction.OUT,
            functional_id=found.functional_id,
            control_number=found.control.lstrip("0") or found.control,
            created_at=now,
            interchange_id=interchange.id,
            transmission_id=interchange.transmission_id,
            partner=partner.key,
            release=found.release,
            sender=found.sender,
            receiver=found.receiver,
            set_count=len(found.sets),
        )
    )
    for one in found.sets:
        key, order = named_by(one)
        begin_set(
            uow,
            TransactionSet(
                direction=Direction.OUT,
                state=SetOut.COMPOSED,
                set_id=one.set_id,
                control_number=one.control,
                created_at=now,
                group_id=kept.id,
                interchange_id=interchange.id,
                transmission_id=interchange.transmission_id,
                revision=revision,
                partner=partner.key,
                business_key=key,
                po_number=order,
                offset=one.offset,
                length=one.length,
                segment_count=one.segment_count,
                faults=one.faults,
            ),
            SetOutEvent.ENVELOPED,
        )
