"""Files that a person uploads: templates, a dry run first, then handed in; and what is wrong told in words."""

from dataclasses import replace
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from edi_gateway.faults import Fault, Faulty
from edi_gateway.lifecycle.states import FileState
from edi_gateway.ports.web import ApiSettings, WebParts
from edi_gateway.testing.web import sample_parts
from edi_gateway.testing.web_fakes import sample_uploads
from edi_gateway.web.uploads import FORM_ROOM, LONGEST_NAME, file_name, sheet_column

FORM = "/files/upload?partner=lakeshore"


@pytest.fixture
def upload(client: FlaskClient, token):
    """Uploads a file for Lakeshore, as a response unless another document is named."""
    seen = token(client, FORM)

    def go(content: bytes = b"DOC,855", name: str = "r.csv", **fields: str) -> TestResponse:
        told = {"csrf_token": seen, "partner": "lakeshore", "document": "855", **fields}
        return client.post("/files/upload", data={**told, "file": (BytesIO(content), name)})

    return go


def test_the_partner_is_chosen_first_then_its_documents_stand_with_their_forms_and_templates(client):
    first = client.get("/files/upload").text
    assert "choose one" in first
    assert 'type="file"' not in first
    second = client.get(FORM).text
    for words in ("Order acknowledgment", "Ship notice", "Excel workbook", "/files/template/order_response_xlsx", "IDoc, XML", "At most"):
        assert words in second
    assert "/files/template/advice" not in second, "no person fills in an IDoc"


def test_a_partner_without_documents_or_unknown_is_told_what_to_do(client):
    assert "Nothing to send is agreed" in client.get("/files/upload?partner=northgate").text
    assert "no partner “nobody”" in client.get("/files/upload?partner=nobody").text


def test_without_partners_the_page_says_how_to_begin(parts, signed_in):
    client = signed_in(replace(parts, book=lambda: replace(parts.book(), partners=())))
    assert "No partner yet" in client.get("/files/upload").text


def test_the_list_of_files_leads_to_the_form_and_to_each_file(client):
    page = client.get("/files").text
    assert 'href="/files/upload"' in page
    assert 'class="row" href="/files/' in page


@pytest.mark.parametrize(("layout", "ending"), [("order_response", "csv"), ("order_response_xlsx", "xlsx")])
def test_a_template_is_downloaded_under_its_layouts_name(client, layout, ending):
    answer = client.get(f"/files/template/{layout}")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{layout}.{ending}"'
    assert answer.data == sample_uploads().templates[layout]


def test_a_template_that_is_not_there_or_cannot_be_made_is_told(signed_in):
    uploads = sample_uploads()
    uploads.templates["broken"] = Faulty([Fault.of("ERP-126")])
    client = signed_in(sample_parts(uploads=uploads))
    assert client.get("/files/template/nothing").status_code == 404
    broken = client.get("/files/template/broken")
    assert broken.status_code == 503
    assert Fault.of("ERP-126").fix.split()[0] in broken.text


def test_an_upload_is_kept_for_its_partner_and_document_and_leads_to_its_dry_run(parts, upload):
    answer = upload(b"DOC,855", "order response.csv")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/files/7")
    [(kept, actor)] = parts.uploads.kept
    assert (kept.partner, kept.set_id, kept.name, kept.content, actor) == (
        "lakeshore", "855", "order_response.csv", b"DOC,855", "operator",
    )  # fmt: skip
    assert parts.uploads.handed_in == [], "nothing is handed in by uploading it"


def test_a_file_of_many_lines_is_kept_whole(parts, upload):
    content = b"LIN,1,20,EA\r\n" * 20_000
    assert upload(content).status_code == 302
    assert parts.uploads.kept[0][0].content == content


@pytest.mark.parametrize(
    ("content", "name", "fields", "words"),
    [
        (b"", "r.csv", {}, "is empty"),
        (b"x", "", {}, "Choose a file"),
        (b"x", "r.csv", {"partner": "nobody"}, "Choose a partner"),
        (b"x", "r.csv", {"document": "999"}, "Choose a partner and a document"),
        (b"x", "r.csv", {"document": ""}, "Choose a partner and a document"),
    ],
)
def test_what_is_wrong_with_an_upload_is_said_and_nothing_is_kept(parts, upload, content, name, fields, words):
    answer = upload(content, name, **fields)
    assert answer.status_code == 400
    assert words in answer.text
    assert parts.uploads.kept == []


def test_a_form_without_a_file_is_told(parts, client, token):
    answer = client.post("/files/upload", data={"csrf_token": token(client, FORM), "partner": "lakeshore", "document": "855"})
    assert (answer.status_code, "Choose a file" in answer.text) == (400, True)


@pytest.mark.parametrize("size", [11, FORM_ROOM + 1000])
def test_a_file_over_the_limit_is_answered_in_words_and_not_kept(parts: WebParts, signed_in, token, size: int):
    few = replace(parts.settings, api=ApiSettings(max_body_bytes=10))
    client = signed_in(replace(parts, settings=few))
    told = {"csrf_token": token(client, FORM), "partner": "lakeshore", "document": "855"}
    answer = client.post("/files/upload", data={**told, "file": (BytesIO(b"x" * size), "r.csv")})
    assert answer.status_code == 413
    assert "larger than the 10 B" in answer.text
    assert "api.max_body" in answer.text
    assert parts.uploads.kept == []
    just = client.post("/files/upload", data={**told, "file": (BytesIO(b"x" * 10), "r.csv")})
    assert just.status_code == 302


def test_an_upload_without_the_forms_token_or_a_password_is_not_kept(parts, client, stranger):
    told = {"partner": "lakeshore", "document": "855"}
    assert client.post("/files/upload", data={**told, "file": (BytesIO(b"x"), "r.csv")}).status_code == 400
    assert stranger.get("/files/upload").status_code == 302
    assert stranger.get("/files/7").status_code == 302
    assert parts.uploads.kept == []


def test_a_dry_run_says_what_would_become_of_each_document_with_cell_field_value_and_fix(client):
    page = client.get("/files/7").text
    for words in ("Dry run", "would be sent", "PO-4711", "would be refused", "cell D7", "quantity", "twenty", "Write it as 20.", "ERP-111"):
        assert words in page
    assert "Nothing has been sent yet" in page
    assert "Hand in for real" in page


def test_a_file_is_handed_in_by_whom_and_its_page_leads_to_the_messages(parts, client, token):
    answer = client.post("/files/7/hand-in", data={"csrf_token": token(client, "/files/7")})
    assert answer.headers["Location"] == "/files/7"
    assert parts.uploads.handed_in == [(7, "operator")]
    page = client.get("/files/8").text
    assert 'href="/messages/107"' in page
    assert "on its way" in page
    assert "Hand in for real" not in page


def test_what_was_handed_in_before_is_not_handed_in_again(parts, client, token):
    answer = client.post("/files/8/hand-in", data={"csrf_token": token(client, "/files/8")}, follow_redirects=True)
    assert answer.status_code == 200
    assert parts.uploads.handed_in == []


def test_a_file_of_which_nothing_would_go_cannot_be_handed_in(signed_in, token):
    uploads = sample_uploads()
    tried = uploads.files[7]
    refused = {**tried.result, "result": "refused", "documents": [], "findings": [tried.result["documents"][1]["findings"][0]]}
    uploads.files[7] = replace(tried, may_go=False, result=refused)
    client = signed_in(sample_parts(uploads=uploads))
    page = client.get("/files/7").text
    assert "Hand in for real" not in page
    assert "Upload the corrected file" in page
    answer = client.post("/files/7/hand-in", data={"csrf_token": token(client, "/files/7")})
    assert answer.status_code == 409
    assert uploads.handed_in == []


def test_a_file_that_is_being_read_says_so(signed_in):
    uploads = sample_uploads()
    uploads.files[9] = replace(uploads.files[8], row=replace(uploads.files[8].row, id=9, state=FileState.CLAIMED, result={}), result={})
    page = signed_in(sample_parts(uploads=uploads)).get("/files/9").text
    assert "is being read" in page


def test_the_result_comes_as_the_folder_would_have_it_once_the_file_is_handed_in(client, parts):
    answer = client.get("/files/8/result.json")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="responses.xlsx.result.json"'
    assert answer.get_json(force=True) == parts.uploads.files[8].result
    assert client.get("/files/7/result.json").status_code == 404


@pytest.mark.parametrize(
    "path", ["/files/6", "/files/6/result.json", "/files/99999999999999999999", "/files/99999999999999999999/result.json"]
)
def test_a_file_that_is_not_there_is_told(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("r.csv", "r.csv"),
        ("C:\\Users\\anna\\Bestätigung 7.xlsx", "Bestatigung_7.xlsx"),
        ("../../etc/passwd", "passwd"),
        ("...", "upload"),
        ("注文", "upload"),
        ("x" * 300 + ".xlsx", "x" * (LONGEST_NAME - 5) + ".xlsx"),
    ],
)
def test_a_file_gets_a_name_that_files_may_have(given: str, name: str):
    assert file_name(given) == name


def test_columns_of_a_sheet_are_named_as_excel_names_them():
    assert [sheet_column(number) for number in (1, 4, 26, 27, 52, 53, 702, 703)] == ["A", "D", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]
