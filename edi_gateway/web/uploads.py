"""Files that a person uploads in the ERP's stead: a template to fill in, a dry run first, then handed in; and every file's own page."""

import json
import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, session, url_for
from werkzeug.utils import secure_filename
from werkzeug.wrappers import Response

from edi_gateway.faults import Faulty
from edi_gateway.lifecycle.states import FileState
from edi_gateway.ports.web import Uploaded, WebParts
from edi_gateway.web.login import OPERATOR, Page
from edi_gateway.web.query import SQLITE_LARGEST
from edi_gateway.web.times import size
from edi_gateway.web.words import RESULTS, TRIED_RESULTS

FORM_ROOM = 64 * 1024
"""What a form may have beside its file. Units: bytes."""
READ_ROOM = 500_000
"""What the form's reader may hold in memory: a block of the file and what is left of the one before. Units: bytes."""
LONGEST_NAME = 150
_KEEP = "uploads.keep"
_SENTENCES: Mapping[str, str] = {
    FileState.ACCEPTED: "Every document is on its way, but for those that are held until a person releases them.",
    FileState.PARTLY: "The good documents are on their way; correct the others and upload the file again: nothing is sent twice.",
    FileState.REFUSED: "Nothing was sent. Correct what the findings name, and upload the file again.",
    FileState.DUPLICATE: "Every document in it was sent before, and nothing was sent again.",
    FileState.CLAIMED: "It is kept and is being read. Load the page again in a moment.",
}
_TRIED: Mapping[str, str] = {
    FileState.ACCEPTED: "Nothing has been sent yet. Handed in, the documents go as the table says.",
    FileState.PARTLY: "Nothing has been sent yet. Handed in, the good documents go; the others do not.",
    FileState.REFUSED: "Nothing has been sent, and nothing would be: correct what the findings name, and upload the file again.",
    FileState.DUPLICATE: "Nothing has been sent, and nothing would be: every document in it was sent before.",
}


def limit_uploads(app: Flask, parts: WebParts) -> None:
    """Turns an upload away before it is read where it is larger than the API takes; to be asked before anything reads a form."""
    most = parts.settings.api.max_body_bytes

    @app.before_request
    def look() -> None:
        if request.endpoint != _KEEP:
            return
        if (request.content_length or 0) > most + FORM_ROOM:
            abort(413, _too_large(most))
        request.max_content_length = most + FORM_ROOM
        request.max_form_memory_size = READ_ROOM


def upload_pages(parts: WebParts) -> Blueprint:
    """The form, the templates, a file's page, and handing it in."""
    pages = Blueprint("uploads", __name__)
    most = parts.settings.api.max_body_bytes

    def form(trouble: str | None = None) -> str:
        key = request.values.get("partner", "")
        known = parts.book().partners
        found = parts.book().partner(key)
        return render_template(
            "upload.html",
            partners=known,
            partner=found,
            unknown=key if key and found is None else "",
            documents=parts.uploads.documents(key) if found else (),
            chosen=request.values.get("document", ""),
            most=size(most),
            most_bytes=most,
            too_large=_too_large(most),
            trouble=trouble,
        )

    @pages.get("/files/upload")
    def new() -> Page:
        return form()

    @pages.post("/files/upload")
    def keep() -> Page:
        key, wanted = request.form.get("partner", ""), request.form.get("document", "")
        file = request.files.get("file")
        if wanted not in {one.set_id for one in parts.uploads.documents(key)}:
            return form("Choose a partner and a document of the list."), 400
        if file is None or not file.filename:
            return form("Choose a file."), 400
        content = file.read(most + 1)
        if len(content) > most:
            return form(_too_large(most)), 413
        if not content:
            return form(f"“{file.filename}” is empty: it has no byte. Nothing was kept; choose the file that holds the documents."), 400
        uploaded = Uploaded(partner=key, set_id=wanted, name=file_name(file.filename), content=content)
        return redirect(url_for("uploads.show", number=parts.uploads.keep(uploaded, actor=_who())))

    @pages.get("/files/template/<layout>")
    def template(layout: str) -> Response:
        try:
            content = parts.uploads.template(layout)
        except Faulty as faulty:
            abort(503, f"{faulty.faults[0].message} {faulty.faults[0].fix}")
        if content is None:
            abort(404, f"There is no template “{layout}”. The page “Upload a file” lists those that there are.")
        ending = "xlsx" if content.startswith(b"PK") else "csv"
        return _attached(content, f"{layout}.{ending}")

    @pages.get("/files/<int:number>")
    def show(number: int) -> Page:
        found = parts.uploads.file(number) if number <= SQLITE_LARGEST else None
        if found is None:
            abort(404, f"There is no file {number} from the ERP. The page “ERP files” lists them.")
        tried = found.row.state is FileState.TRIED
        state = str(found.result.get("result", found.row.state))
        return render_template(
            "file.html",
            now=parts.clock.now(),
            found=found,
            row=found.row,
            tried=tried,
            chips=TRIED_RESULTS if tried else RESULTS,
            sentence=(_TRIED if tried else _SENTENCES).get(state, ""),
            at=sheet_place if found.is_workbook else line_place,
            chosen=found.row.result.get("wanted", "") if tried else "",
        )

    @pages.get("/files/<int:number>/result.json")
    def result(number: int) -> Response:
        found = parts.uploads.file(number) if number <= SQLITE_LARGEST else None
        if found is None or found.row.state is FileState.TRIED or not found.result:
            abort(404, f"File {number} has no result: it is not there, or was not handed in.")
        content = json.dumps(found.result, indent=2, ensure_ascii=False) + "\n"
        return _attached(content.encode(), f"{found.row.name}.result.json")

    @pages.post("/files/<int:number>/hand-in")
    def hand_in(number: int) -> Page:
        found = parts.uploads.file(number) if number <= SQLITE_LARGEST else None
        if found is None:
            abort(404, f"There is no file {number} from the ERP. The page “ERP files” lists them.")
        if found.row.state is FileState.TRIED:
            if not found.may_go:
                abort(409, "Nothing of this file would be sent, so it is not handed in. Correct it, and upload it again.")
            parts.uploads.hand_in(number, actor=_who())
            flash("The file is handed in.")
        return redirect(url_for("uploads.show", number=number))

    return pages


def file_name(given: str) -> str:
    """A name that a file of the ERP may have: the last part of what the browser gave, its beginning cut where it is too long."""
    name = secure_filename(given.replace("\\", "/").rpartition("/")[2]) or "upload"
    ending = PurePath(name).suffix[:10]
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - len(ending)] + ending


def line_place(finding: Mapping[str, Any]) -> str:
    """Where a finding stands in a file of lines."""
    if finding["line"] is None:
        return "file"
    return f"line {finding['line']}" + (f", column {finding['column']}" if finding["column"] else "")


def sheet_place(finding: Mapping[str, Any]) -> str:
    """Where a finding stands in a workbook, as Excel names it: "cell C7", "row 7"."""
    if finding["line"] is None:
        return "file"
    return f"cell {sheet_column(finding['column'])}{finding['line']}" if finding["column"] else f"row {finding['line']}"


def sheet_column(number: int) -> str:
    """The letters of a sheet's column, counted from one: "A", "Z", "AA"."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _attached(content: bytes, name: str) -> Response:
    answer = Response(content, mimetype="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="{re.sub(r"[^A-Za-z0-9._-]", "_", name)}"'
    return answer


def _too_large(most: int) -> str:
    return (
        f"The file is larger than the {size(most)} that are taken here. Nothing was kept. Upload it in parts, "
        "drop it into the ERP's folder, or raise api.max_body in gateway.toml."
    )


def _who() -> str:
    return str(session.get("who", OPERATOR))
