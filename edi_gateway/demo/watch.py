"""Looking at a running gateway from beside it: its timeline as it grows, and where each document stands."""

from dataclasses import dataclass

from edi_gateway.bootstrap import Terms
from edi_gateway.lifecycle.states import Direction, Outbound, SetIn, SetOut
from edi_gateway.ports.channels import Clock
from edi_gateway.ports.rows import Event, Receipt, TransactionSet
from edi_gateway.store import open_store


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One document on its way from one side to the other, as far as it has come.

    Shape:  control numbers as ISA13, GS06 and ST02; `receipt` is the MDN that the sender got and judged; `answer` is what the
            receiver's 997 said; `file` is what the receiver's ERP got. None, or "", where it has not come so far.
    """

    sender: str
    set_id: str
    business_key: str
    interchange: str
    group: str
    control: str
    state: Outbound
    receipt: Receipt | None
    mic_sent: str | None
    answer: SetOut
    file: str | None

    @property
    def mic_agrees(self) -> bool:
        return self.receipt is not None and self.receipt.mic is not None and self.receipt.verdict == "delivered"

    @property
    def final(self) -> bool:
        """Whether every promise about it is kept: delivered with a verified MDN, accepted by the 997, handed to the ERP."""
        return self.state is Outbound.DELIVERED and self.mic_agrees and self.answer is SetOut.ACCEPTED and self.file is not None


class Watched:
    """One side's store, opened beside the gateway that writes it."""

    def __init__(self, name: str, terms: Terms, clock: Clock) -> None:
        self.name = name
        settings = terms.settings
        self._store = open_store(settings.database.connect_url(), settings.database.payloads, clock)
        self._seen = 0

    def news(self) -> list[Event]:
        """The timeline's lines since the last look."""
        with self._store.read() as uow:
            fresh = [event for event in uow.events.find() if event.id is not None and event.id > self._seen]
        if fresh and fresh[-1].id is not None:
            self._seen = fresh[-1].id
        return fresh

    def sent(self) -> list[TransactionSet]:
        """The business documents that this side sends."""
        with self._store.read() as uow:
            return [row for row in uow.sets.find(direction=Direction.OUT) if row.document_id is not None]

    def file_of(self, set_id: str, control: str) -> str | None:
        """The ERP file that a document from the other side was published as; None before."""
        with self._store.read() as uow:
            for row in uow.sets.find(direction=Direction.IN, set_id=set_id, control_number=control):
                if row.state is SetIn.DELIVERED and row.erp_file_id is not None:
                    return uow.erp_files.get(row.erp_file_id).name
        return None

    def passage(self, row: TransactionSet, other: "Watched") -> Passage:
        """A sent document with all that has become of it on both sides."""
        assert row.transmission_id is not None
        assert row.interchange_id is not None
        assert row.group_id is not None
        assert isinstance(row.state, SetOut)
        with self._store.read() as uow:
            message = uow.transmissions.get(row.transmission_id)
            receipts = uow.receipts.find(transmission_id=message.id, direction=Direction.IN)
            interchange, group = uow.interchanges.get(row.interchange_id), uow.groups.get(row.group_id)
        assert isinstance(message.state, Outbound)
        return Passage(
            sender=self.name,
            set_id=row.set_id,
            business_key=row.business_key or "",
            interchange=interchange.control_number,
            group=group.control_number,
            control=row.control_number,
            state=message.state,
            receipt=receipts[-1] if receipts else None,
            mic_sent=message.mic,
            answer=row.state,
            file=other.file_of(row.set_id, row.control_number),
        )

    def close(self) -> None:
        self._store.close()
