"""The configuration's revisions in the console: the history, one revision, and the way from a message to its own."""

from dataclasses import replace

import pytest

from edi_gateway.faults import Fault
from edi_gateway.testing.traffic import a_day
from edi_gateway.testing.views import FakeViews
from edi_gateway.testing.web import sample_parts
from edi_gateway.testing.web_fakes import FakeConfiguration, sample_configuration


def test_the_history_tells_who_when_from_where_why_and_what(client):
    page = client.get("/configuration").text
    for words in ("anna", "2026-03-", "another folder", "rollback to", "Northgate was not ready", "applied at start"):
        assert words in page
    assert "certs/northgate.pem new, maps/northgate-850.yaml new, partners/northgate.yaml changed" in page
    assert page.index('href="/configuration/3"') < page.index('href="/configuration/2"')
    assert "config rollback N" in page


def test_files_that_differ_from_what_is_in_force_are_named_with_what_to_do(client):
    page = client.get("/configuration").text
    assert "The files in the home differ from revision 3" in page
    for words in ("maps/northgate-850.yaml", "edi-gateway config plan", "edi-gateway config apply"):
        assert words in page


def test_where_the_files_are_those_in_force_the_page_is_calm(signed_in):
    client = signed_in(sample_parts(configuration=replace(sample_configuration(), differing=None)))
    page = client.get("/configuration").text
    assert "Revision 3 is in force, and the home has no other files." in page
    assert "config apply" not in page


def test_a_process_that_works_by_another_revision_is_told(signed_in):
    client = signed_in(sample_parts(configuration=replace(sample_configuration(), used=2)))
    assert "This process works by revision 2" in client.get("/configuration").text


def test_without_revisions_the_page_says_how_the_first_is_made(signed_in):
    page = signed_in(sample_parts(configuration=FakeConfiguration())).get("/configuration").text
    assert "No revision yet" in page
    assert "edi-gateway config apply" in page


def test_a_revision_shows_its_changes_by_meaning_its_files_and_the_way_back(client):
    page = client.get("/configuration/2").text
    for words in ("windows.mdn: 2m becomes 5m", "partners/northgate.yaml", "replaced", "config rollback 2", "config plan --revision 2"):
        assert words in page
    assert 'href="/configuration/1"' in page
    assert "The files in the home differ" not in page, "only the one in force is held against the files"


def test_changes_that_cannot_be_told_here_leave_the_page_whole(signed_in):
    fault = Fault.of("CFG-SET-SECRET")
    client = signed_in(sample_parts(configuration=replace(sample_configuration(), changes=(), faults=(fault,))))
    page = client.get("/configuration/2")
    assert page.status_code == 200
    assert "cannot be told on this machine" in page.text
    assert "maps/northgate-850.yaml" in page.text


@pytest.mark.parametrize("number", [0, 4, 99999999999999999999])
def test_a_revision_that_is_not_there_is_told(client, number):
    answer = client.get(f"/configuration/{number}")
    assert answer.status_code == 404
    assert f"no revision {number}" in answer.text


def test_a_message_leads_to_each_revision_that_it_went_by(signed_in):
    one = a_day().messages[13]
    went = replace(
        one,
        transmission=replace(one.transmission, revision=1),
        sets=tuple(replace(each, revision=2) for each in one.sets),
        documents=tuple(replace(each, revision=3) for each in one.documents),
    )
    page = signed_in(sample_parts(views=FakeViews([went]))).get(f"/messages/{one.transmission.id}").text
    for number in (1, 2, 3):
        assert f'href="/configuration/{number}"' in page
