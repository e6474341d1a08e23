"""Files that a person uploads: the bytes kept first, then tried out as often as wanted, then handed in as a dropped file is."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from edi_gateway import flatfile
from edi_gateway.faults import Fault, Faulty, Place
from edi_gateway.flatfile import Format, Layout
from edi_gateway.lifecycle.states import Direction, FileState
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.partners.agreement import Agreement
from edi_gateway.ports.rows import ErpFile
from edi_gateway.ports.web import FileView, Form, Sendable, Uploaded
from edi_gateway.services.compose import compose
from edi_gateway.services.effects import enqueue
from edi_gateway.services.file_policy import settle, with_messages
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.journal import note
from edi_gateway.services.judge import judge_file, takes
from edi_gateway.services.results import DocumentResult, FileAnswer
from edi_gateway.services.submit import RESCUE
from edi_gateway.services.trace import traced

AT_ONCE = 256 * 1024
"""Up to this many bytes a file is composed while the person waits; a larger one is left to a worker."""
_WANTED = "wanted"
"""Under what the result of a file that is tried out has the document that was chosen."""
_FILLED_IN = (Format.CSV, Format.XLSX)
_GOING = frozenset({DocumentResult.QUEUED, DocumentResult.HELD})


class Uploads:
    """Fulfils `ports.web.Uploads`."""

    def __init__(self, now: Callable[[], Gateway]) -> None:
        self._now = now

    def documents(self, partner: str) -> tuple[Sendable, ...]:
        gateway = self._now()
        known = gateway.book.partner(partner)
        try:
            layouts = gateway.shelf.layouts()
        except Faulty:  # a layout of ours that cannot be read: every file is refused with the reason, however it comes
            layouts = ()
        agreed = [one for one in known.agreements if one.direction is Direction.OUT] if known is not None else []
        return tuple(Sendable(set_id=one.set_id, forms=tuple(_forms(one, layouts))) for one in agreed)

    def template(self, layout: str) -> bytes | None:
        shelf = self._now().shelf
        return flatfile.empty_file_of(shelf.layout(layout)) if layout in shelf.layout_names() else None

    def keep(self, uploaded: Uploaded, *, actor: str) -> int:
        gateway = self._now()
        with gateway.store.begin() as uow:
            now = gateway.clock.now()
            row = uow.erp_files.add(
                ErpFile(
                    direction=Direction.IN,
                    state=FileState.TRIED,
                    partner=uploaded.partner,
                    name=uploaded.name,
                    created_at=now,
                    content=uow.payloads.put(uploaded.content),
                    result={_WANTED: uploaded.set_id},
                )
            )
            assert row.id is not None
            words = f"ERP file {row.name} uploaded and tried out."
            note(uow, now, "erp.uploaded", words, partner=row.partner, erp_file_id=row.id, actor=actor)
        return row.id

    def file(self, file_id: int) -> FileView | None:
        gateway = self._now()
        with gateway.store.read() as uow:
            found = uow.erp_files.find(id=file_id, direction=Direction.IN)
            if not found:
                return None
            row = found[0]
            content = uow.payloads.get(row.content) if row.state is FileState.TRIED and row.content else b""
        if row.state is not FileState.TRIED:
            return FileView(row=row, result=row.result, is_workbook=_is_workbook(gateway, row.layout))
        answer = tried_out(gateway, row, content)
        may_go = any(one.result in _GOING for one in answer.documents)
        return FileView(row=row, result=answer.as_json(), may_go=may_go, is_workbook=_is_workbook(gateway, answer.layout))

    def hand_in(self, file_id: int, *, actor: str) -> None:
        gateway = self._now()
        with traced():
            with gateway.store.begin() as uow:
                row, now = uow.erp_files.get(file_id), gateway.clock.now()
                if not uow.erp_files.advance(file_id, FileState.TRIED, FileState.CLAIMED, result={}):
                    return
                at_once = row.content is not None and uow.payloads.size(row.content) <= AT_ONCE
                note(uow, now, "erp.handed_in", f"ERP file {row.name} handed in.", partner=row.partner, erp_file_id=row.id, actor=actor)
                enqueue(uow, Task.COMPOSE, file_id, run_at=now + RESCUE if at_once else None)
            if at_once:  # done here, so that the person sees the outcome
                compose(gateway, file_id)


def tried_out(gateway: Gateway, row: ErpFile, content: bytes) -> FileAnswer:
    """What would become of a file if it were handed in now. Nothing is claimed, kept or sent."""
    answer, judged = judge_file(gateway, row, content)
    wanted = row.result.get(_WANTED)
    others = sorted({one.answer.set_id for one in judged if one.answer.set_id not in (None, wanted)} if wanted else ())
    if others:
        other = Fault.of("ERP-416", Place(file=row.name), ", ".join(map(str, others)), wanted=wanted)
        return replace(answer, documents=(), faults=(*answer.faults, other))
    with gateway.store.read() as uow:
        judged = settle(uow, row, answer, judged, gateway.clock.now())
    return replace(answer, documents=with_messages([one.answer for one in judged]))


def _forms(agreement: Agreement, layouts: tuple[Layout, ...]) -> Iterator[Form]:
    for one in layouts:
        if takes(agreement, one):
            ending = one.format.value if one.format in _FILLED_IN else ""
            yield Form(layout=one.name, title=one.title, format=one.format.value, template=f"{one.name}.{ending}" if ending else "")


def _is_workbook(gateway: Gateway, layout: str | None) -> bool:
    try:
        return layout is not None and gateway.shelf.layout(layout).format is Format.XLSX
    except Faulty:  # a layout of then that is no more
        return False
