"""The API's description in OpenAPI 3.1, made here, served by the API itself and kept under docs/reference.

python -m edi_gateway.web.openapi > docs/reference/openapi.json
"""

import json
from collections.abc import Mapping
from typing import Any

from edi_gateway.lifecycle.states import FileState, Outbound, SetOut
from edi_gateway.services.results import DocumentResult

API_PATH = "/api"
DOCUMENTS_PATH = f"{API_PATH}/v1/documents"
OPENAPI_PATH = f"{API_PATH}/v1/openapi.json"

_TEXT: Mapping[str, Any] = {"type": "string"}
_OR_NULL_TEXT: Mapping[str, Any] = {"type": ["string", "null"]}
_OR_NULL_NUMBER: Mapping[str, Any] = {"type": ["integer", "null"]}
_IN = (FileState.CLAIMED, FileState.ACCEPTED, FileState.PARTLY, FileState.REFUSED, FileState.DUPLICATE)


def openapi() -> dict[str, Any]:
    """The whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "edi_gateway documents",
            "version": "1",
            "description": "Hand in the files that an ERP would drop into its folder, and ask what became of them.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"token": []}],
        "paths": {
            DOCUMENTS_PATH: {"post": _submit()},
            f"{DOCUMENTS_PATH}/{{id}}": {"get": _show()},
            OPENAPI_PATH: {
                "get": {
                    "operationId": "describe",
                    "summary": "This description",
                    "responses": {
                        "200": {"description": "OpenAPI 3.1", "content": {"application/json": {"schema": {"type": "object"}}}},
                        **_problems(401, 403, 429),
                    },
                }
            },
        },
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "Made with `edi-gateway token create`."}},
            "schemas": {"File": _file(), "Document": _document(), "Finding": _finding(), "Problem": _problem()},
        },
    }


def _submit() -> dict[str, Any]:
    answers = {
        "200": "A duplicate: every document was sent before, and nothing was sent again",
        "201": "Accepted: every document is on its way",
        "202": "Kept; a worker composes it (asked for by `Prefer: respond-async`)",
        "207": "Accepted in part: some documents are on their way, others are refused",
        "422": "Refused: nothing was sent; the findings say why",
    }
    return {
        "operationId": "submit",
        "summary": "Hand in a file: what its documents hold goes to the partner",
        "description": (
            "The same key again, with the same content and name, gets the same file again and sends nothing. "
            "Once an answer of 2xx or 422 came, the file is kept."
        ),
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": True,
                "description": "New for every file, the same for every try.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 255},
            },
            {
                "name": "partner",
                "in": "query",
                "description": "The partner's key; not needed where the token is for one partner alone.",
                "schema": _TEXT,
            },
            {
                "name": "name",
                "in": "query",
                "description": "A file name, by which the layout is known where the content does not say.",
                "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,149}$"},
            },
            {"name": "Prefer", "in": "header", "description": "`respond-async` for an answer at once.", "schema": _TEXT},
        ],
        "requestBody": {
            "required": True,
            "description": "The file, in the layout agreed for the document.",
            "content": {"application/octet-stream": {}, "text/csv": {}, "application/json": {}, "application/xml": {}},
        },
        "responses": {
            **{code: _with_file(words, located=True) for code, words in answers.items()},
            **_problems(400, 401, 403, 409, 413, 415, 429, 503),
        },
    }


def _show() -> dict[str, Any]:
    return {
        "operationId": "show",
        "summary": "What became of a file, and how far each of its documents has come",
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}],
        "responses": {"200": _with_file("The file as it stands now", located=False), **_problems(401, 403, 404, 429)},
    }


def _with_file(words: str, *, located: bool) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": words,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/File"}}},
    }
    if located:
        answer["headers"] = {
            "Location": {"description": "Where its state can be asked for", "schema": _TEXT},
            "Idempotent-Replayed": {"description": "`true` where the key was used before", "schema": _TEXT},
        }
    return answer


def _problems(*codes: int) -> dict[str, Any]:
    words = {
        400: "Something is missing in the request, or it is cut short",
        401: "No token, or none that is in force",
        403: "An address, or a partner, that is not open to you",
        404: "No such file",
        409: "The key was used for other content, or another name",
        413: "The file is too large",
        415: "A form instead of a file",
        429: "Too many requests; wait as long as `Retry-After` says",
        503: "Nothing was kept; try again later, under the same key",
    }
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {str(code): {"description": words[code], "content": content} for code in codes}


def _object(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties, "additionalProperties": False}


def _list_of(name: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}


def _file() -> dict[str, Any]:
    return _object(
        ("id", "state", "file", "partner", "documents"),
        id={"type": "integer"},
        state={"enum": [one.value for one in _IN]},
        file=_TEXT,
        partner=_TEXT,
        result={"enum": [one.value for one in _IN[1:]], "description": "Absent as long as the file is claimed"},
        received_at={"type": "string", "format": "date-time"},
        sha256=_TEXT,
        layout=_OR_NULL_TEXT,
        documents=_list_of("Document"),
        findings=_list_of("Finding"),
    )


def _document() -> dict[str, Any]:
    return _object(
        ("document", "number", "result", "first_line", "last_line", "message", "control_number", "findings"),
        document={"type": ["string", "null"], "description": "The transaction set, such as 810"},
        number={"type": ["string", "null"], "description": "Its business key"},
        result={"enum": [one.value for one in DocumentResult]},
        first_line={"type": "integer"},
        last_line={"type": "integer"},
        message={"type": ["integer", "null"], "description": "The message that carries it"},
        control_number=_OR_NULL_TEXT,
        message_state={"enum": [one.value for one in Outbound], "description": "How far the message has come; of queued documents"},
        set_state={"enum": [one.value for one in SetOut], "description": "What the partner's 997 says; of queued documents"},
        findings=_list_of("Finding"),
    )


def _finding() -> dict[str, Any]:
    return _object(
        ("line", "column", "field", "value", "code", "message", "fix"),
        line=_OR_NULL_NUMBER,
        column=_OR_NULL_NUMBER,
        field=_OR_NULL_TEXT,
        value=_OR_NULL_TEXT,
        code=_TEXT,
        message=_TEXT,
        fix=_TEXT,
    )


def _problem() -> dict[str, Any]:
    return _object(
        ("type", "title", "status", "detail", "code", "fix"),
        type=_TEXT,
        title=_TEXT,
        status={"type": "integer"},
        detail=_TEXT,
        code=_TEXT,
        fix=_TEXT,
    )


if __name__ == "__main__":
    print(json.dumps(openapi(), indent=1))
