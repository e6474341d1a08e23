"""What the standard asks for, in our own words, and the test that shows it: `docs/as2-conformance.md` is made from this list.

Set EDI_GATEWAY_WRITE_DOCS=1 to write the page anew.
"""

import ast
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "as2-conformance.md"

MUST, SHOULD = "MUST", "SHOULD"
NOT_YET = "not yet"


@dataclass(frozen=True)
class Row:
    """One demand. `shown_by` is a file under tests/ and a test in it, or NOT_YET with the reason in `note`."""

    section: str
    level: str
    demand: str
    shown_by: str
    note: str = ""


def must(section: str, demand: str, shown_by: str, note: str = "") -> Row:
    return Row(section, MUST, demand, shown_by, note)


def should(section: str, demand: str, shown_by: str, note: str = "") -> Row:
    return Row(section, SHOULD, demand, shown_by, note)


MESSAGE, RECEIPTS, ATTACKS, READING, LAB, OPENSSL = (
    f"as2/test_{name}.py::" for name in ("message", "receipts", "attacks", "reading", "lab", "openssl")
)
RECEIVING, DOOR, SERVER, RETRY, HTTP = (
    "services/test_receiving.py::",
    "web/test_as2_door.py::",
    "web/test_serve.py::",
    "lifecycle/test_retry.py::",
    "channels/test_http.py::",
)
WRAPPED = MESSAGE + "test_no_payload_byte_changes_on_the_way"
DISPOSITIONS = RECEIPTS + "test_every_disposition_that_we_write_is_read_as_meant"
SPELLINGS = RECEIPTS + "test_a_disposition_is_good_in_every_spelling_and_nothing_else_is"
DELIVERY = RECEIPTS + "test_a_signed_receipt_with_the_right_mic_is_delivery"
FIRST_MIC = MESSAGE + "test_the_mic_is_by_the_first_algorithm_asked_for_that_we_compute"
FORGED = ATTACKS + "test_a_forged_signature_is_refused_in_the_one_wording"
WEAK = ATTACKS + "test_weak_algorithms_pass_for_a_legacy_partner_only"
UNWRITTEN = "partners/test_load.py::test_a_mistake_is_placed_and_its_remedy_told"

ROWS = (
    # 2 Overview
    must("2.4.2", "Sign and verify with SHA-256.", OPENSSL + "test_openssl_verifies_our_signature"),
    should("2.4.2", "Sign and verify with SHA-384 or stronger.", OPENSSL + "test_we_verify_what_openssl_signed"),
    must("2.4.2", "Generate no MD5.", UNWRITTEN, "MD5 is written for a partner marked legacy only; the default never does."),
    should("2.4.2", "Generate no SHA-1 unless a partner strictly needs it.", UNWRITTEN),
    must(
        "2.4.2",
        "A signed receipt holds a MIC, except where the message could not be read.",
        RECEIPTS + "test_a_receipt_that_lacks_or_doubles_what_decides_is_no_delivery",
    ),
    must("2.4.2", "Every combination of signed, encrypted, compressed and receipt.", WRAPPED),
    # 4 Structure
    must("4.2", "Read compression before signing and after it.", WRAPPED),
    must("4.2", "Read multipart/signed, multipart/report, disposition-notification, pkcs7-signature and pkcs7-mime.", DELIVERY),
    must(
        "4.2",
        "Carry application/edi-x12, edifact, edi-consent and xml.",
        MESSAGE + "test_any_payload_in_any_wrapping_comes_back",
        "The content type is carried verbatim, whatever it is.",
    ),
    # 5 HTTP
    should(
        "5.1",
        "Be ready for a reply that asks for authentication.",
        NOT_YET,
        "Basic authentication is sent with every POST where the partner's file has it; a 401 is not answered, and there is no Digest.",
    ),
    must("5.1", "With TLS the URL says https; TLS 1.2 or higher.", HTTP + "test_https_is_posted_to_where_its_certificate_is_trusted"),
    must(
        "5.2.1",
        "A missing Content-Transfer-Encoding is no error, and one on HTTP changes nothing.",
        MESSAGE + "test_an_encoding_announced_on_http_and_not_applied_leaves_the_bytes_alone",
    ),
    must("5.2.1", "Parts inside may be encoded.", MESSAGE + "test_transfer_encodings_inside_an_encryption_are_taken_off"),
    must(
        "5.2.2",
        "Multiparts have nothing after their closing delimiter; ours have not, and theirs is not read.",
        ATTACKS + "test_what_stands_before_and_after_the_parts_is_never_delivered",
    ),
    should("5.2.2", "Handle large files.", "as2/test_streams.py::test_a_large_document_takes_less_than_64_mebibytes_of_memory"),
    must(
        "5.3.1",
        "Content-Length is right, and a body that is shorter is not taken.",
        LAB + "test_a_declared_length_that_does_not_come_or_is_too_large_is_a_refusal",
    ),
    must("5.3.1", "Chunked bodies are read.", SERVER + "test_a_chunked_message_arrives_whole"),
    should(
        "5.3.2",
        "Original and final recipient are the same.",
        RECEIPTS + "test_a_receipt_goes_the_other_way_and_echoes_nothing_that_breaks_a_line",
    ),
    must(
        "5.3.3",
        "A Message-ID is unique, within angle brackets, without spaces or control characters.",
        MESSAGE + "test_message_ids_are_unique_and_may_stand_in_a_header",
    ),
    must(
        "5.3.3",
        "A Message-ID is no longer than 998 characters; ours no longer than 255.",
        MESSAGE + "test_a_message_id_that_no_header_may_hold_is_a_programming_error",
    ),
    should(
        "5.3.3",
        "A malformed Message-ID is answered with processed/error: invalid-message-id.",
        RECEIPTS + "test_a_bad_message_id_is_answered_with_the_disposition_for_it",
        "Control characters and length count; spaces inside are read, as three products write them.",
    ),
    should("5.3.3", "A Message-ID without brackets is not refused.", READING + "test_message_ids_are_the_same_with_and_without_brackets"),
    must("5.3.3", "Original-Message-ID repeats the Message-ID exactly as it came.", DELIVERY),
    must("5.3.4", "A Host header goes with every POST.", HTTP + "test_the_headers_and_bytes_are_exactly_those_given"),
    must(
        "5.4",
        "HTTP status codes tell of the transfer alone.",
        RECEIVING + "test_a_body_that_cannot_be_opened_is_kept_refused_by_mdn_and_harms_no_other",
    ),
    must("5.4", "Interim 102 responses decide nothing.", LAB + "test_interim_responses_before_the_receipt_are_passed_over"),
    must(
        "5.5",
        "A retry posts the same Message-ID.",
        RECEIVING + "test_an_asynchronous_mdn_that_is_not_taken_is_posted_again_with_the_same_bytes",
        "Shown for receipts; messages go the same way.",
    ),
    must(
        "5.5",
        "A duplicate is not processed again; it gets the first receipt.",
        RECEIVING + "test_a_duplicate_after_days_gets_the_first_mdn_byte_for_byte",
    ),
    should("5.5", "Retry intervals grow, and end.", RETRY + "test_intervals_grow_and_never_pass_the_cap"),
    should("5.5", "The number of attempts is limited and configurable.", RETRY + "test_as_many_attempts_as_agreed_and_no_more"),
    # 6 Headers
    must(
        "6.1",
        "A missing AS2-Version means 1.0; any 1.x is read alike.",
        RECEIPTS + "test_what_a_sender_asks_for_is_read_in_every_spelling",
        "The version decides nothing.",
    ),
    must("6.1", "Compression is read and written, as version 1.1 announces.", WRAPPED),
    must("6.1", "Unknown values of EDIINT-Features are no error.", ATTACKS + "test_any_headers_at_all_are_opened_or_refused"),
    must(
        "6.1",
        "Under version 1.3 no weak algorithm is generated.",
        UNWRITTEN,
        "We announce 1.2; weak algorithms need a legacy agreement all the same.",
    ),
    must(
        "6.2",
        "AS2-Product where version 1.3 is announced.",
        MESSAGE + "test_product_and_version_are_told_with_every_message_and_receipt",
        "We announce version 1.2, where it is optional, and send it all the same.",
    ),
    must(
        "6.3",
        "AS2-From and AS2-To are 1 to 128 printable ASCII characters, never folded, quoted where needed.",
        READING + "test_every_as2_name_comes_back_from_its_header",
    ),
    must("6.3", "Names are compared with case.", LAB + "test_another_name_is_an_unknown_relationship"),
    must(
        "6.3",
        "Both names are in every message and every receipt; a receipt turns them round.",
        RECEIPTS + "test_a_receipt_goes_the_other_way_and_echoes_nothing_that_breaks_a_line",
    ),
    should(
        "6.3",
        "Any textual value is read, also one that was not quoted.",
        READING + "test_as2_names_are_read_quoted_escaped_and_forgotten_to_be",
    ),
    should(
        "6.3",
        "Unknown names may be answered with unknown-trading-relationship.",
        RECEIVING + "test_an_unknown_as2_name_is_told_so_and_its_bytes_are_kept",
    ),
    # 7 Algorithms
    must("7.2", "AES-128-CBC.", OPENSSL + "test_openssl_opens_our_envelope"),
    should("7.2", "AES-256-CBC, AES-128-GCM and AES-256-GCM.", OPENSSL + "test_we_open_what_openssl_encrypted"),
    should("7.2", "AES-CCM.", NOT_YET, "No product that we met sends it."),
    must("7.2", "3DES and RC2 are not generated.", UNWRITTEN, "3DES for a partner marked legacy only; RC2 is neither written nor read."),
    should(
        "7.2",
        "Encrypt for several recipients, a copy for the originator among them.",
        MESSAGE + "test_a_copy_for_the_originator_opens_with_the_originators_key",
    ),
    # 8 Receipts
    must("8", "Read the forms of RFC 3798 as well as RFC 8098.", SPELLINGS),
    must("8.1", "Make a multipart/report with a MIC, sign it, and return it.", DELIVERY),
    must("8.1", "Decrypt with our key, verify with the sender's.", MESSAGE + "test_the_right_own_key_is_found_among_several"),
    must("8.1", "A signature that does not verify is refused.", FORGED),
    must(
        "8.1",
        "The MIC of a message of several parts is over all of them with their headers.",
        MESSAGE + "test_several_documents_travel_in_one_message",
    ),
    must("8.2", "Send and take synchronous receipts.", RECEIVING + "test_fifty_equal_posts_at_once_are_one_order_and_equal_mdns"),
    must(
        "8.2",
        "Send and take asynchronous receipts, on a connection of their own.",
        RECEIVING + "test_a_refusal_too_is_posted_where_the_mdn_was_asked_for",
    ),
    must(
        "8.2",
        "An asynchronous receipt names message and recipient, so that it finds its message.",
        RECEIPTS + "test_a_receipt_is_told_from_a_message_before_anything_is_opened",
    ),
    must("8.3", "Disposition-Notification-To is never judged.", RECEIPTS + "test_what_a_sender_asks_for_is_read_in_every_spelling"),
    must(
        "8.3",
        "Receipt-Delivery-Option is a URL; a receipt goes only where the agreement allows.",
        RECEIVING + "test_an_mdn_is_never_posted_to_an_address_that_the_partner_file_does_not_name",
    ),
    must("8.3", "The MIC is by the first algorithm of the list that we support, others are ignored.", FIRST_MIC),
    must(
        "8.3",
        "No algorithm that is not on the list; where none fits, the message is refused.",
        RECEIPTS + "test_a_receipt_that_we_cannot_give_is_said_so",
    ),
    should("8.3", "Without a list, SHA-256.", MESSAGE + "test_without_a_list_the_mic_is_by_the_signatures_algorithm_or_sha_256"),
    must(
        "8.3",
        "Both receipt options are sent where a signed receipt is wanted.",
        MESSAGE + "test_headers_of_a_message_say_who_what_and_which_receipt",
    ),
    must(
        "8.3.1",
        "A receipt asked for signed is signed, also for a message that failed.",
        DISPOSITIONS,
    ),
    should(
        "8.3.1",
        "A receipt that cannot be given as required is refused with its reason.",
        RECEIPTS + "test_a_receipt_that_we_cannot_give_is_said_so",
    ),
    must(
        "8.3.1",
        "The MIC of a signed message is over headers and content as signed.",
        MESSAGE + "test_the_mic_of_a_signed_message_is_over_its_headers_and_content",
    ),
    must(
        "8.3.1",
        "The MIC of an encrypted message is over headers and content after decryption.",
        MESSAGE + "test_the_mic_of_an_encrypted_message_is_over_its_headers_and_content",
    ),
    must(
        "8.3.1",
        "The MIC of a message with neither is over the content alone.",
        MESSAGE + "test_the_mic_of_a_message_neither_signed_nor_encrypted_is_over_its_content_alone",
    ),
    must(
        "8.4.3",
        "For a signed message the MIC is by the signature's algorithm.",
        MESSAGE + "test_an_agreement_may_ask_for_the_mic_by_the_signatures_algorithm",
        "Section 8.3 asks for the first of the list; that is the default, as products refuse the other. A partner's record turns it.",
    ),
    must("8.4.3", "Field names and values are read without regard to case.", RECEIPTS + "test_honest_spellings_of_a_receipt_are_delivery"),
    must("8.4.3", "Every defined error modifier is written and read.", DISPOSITIONS),
    must(
        "8.4.3",
        "An Explanation field tells people what a modifier that RFC 4130 did not have means.",
        RECEIPTS + "test_every_error_is_explained_to_people_in_the_report",
    ),
    must("8.4.3", "A receipt holds words for people.", DISPOSITIONS),
    must(
        "8.4.4",
        "Final-Recipient is the message's AS2-To.",
        RECEIPTS + "test_a_receipt_goes_the_other_way_and_echoes_nothing_that_breaks_a_line",
    ),
    must("8.4.4", "Original-Message-ID is there and exact.", RECEIPTS + "test_a_receipt_that_lacks_or_doubles_what_decides_is_no_delivery"),
    must("8.5.2", "automatic-action/MDN-sent-automatically; processed, where all went well.", DELIVERY),
    must(
        "8.5.3",
        "failed/Failure: unsupported format, unsupported MIC-algorithms.",
        RECEIPTS + "test_a_receipt_that_we_cannot_give_is_said_so",
    ),
    must("8.5.4", "processed/error with the modifier that fits.", ATTACKS + "test_what_really_happened_is_held_against_the_agreement"),
    must("8.5.5", "A warning is processed, and noted.", DISPOSITIONS),
    must("8.5.6", "Historic spellings of dispositions are read.", SPELLINGS),
    should(
        "8.6",
        "200 with the receipt, also where the message failed.",
        RECEIVING + "test_a_body_that_cannot_be_opened_is_kept_refused_by_mdn_and_harms_no_other",
    ),
    should("8.6", "No receipt that was not asked for.", RECEIVING + "test_a_message_that_asks_for_no_mdn_gets_none"),
    should("8.6", "A receipt has a Message-ID of its own and tells subject and date of the message.", DELIVERY),
    # 9 Certificates
    must(
        "9",
        "X.509 certificates, self-signed ones among them, kept per partner.",
        "partners/test_certificates.py::test_certificates_are_read_in_every_form_that_partners_send",
    ),
    must(
        "9.1", "RSA keys of at least 2048 bits; curves of P-256 or better.", ATTACKS + "test_a_short_key_passes_for_a_legacy_partner_only"
    ),
    must("9.1", "Certificates for TLS and for messages are kept apart.", HTTP + "test_https_is_posted_to_where_its_certificate_is_trusted"),
    should("9.2", "Certificate Exchange Messaging (RFC 6017).", NOT_YET, "Certificates are exchanged by hand."),
    should("9.3", "Warn before a certificate ends.", "partners/test_certificates.py::test_the_warning_that_is_due"),
    # 10 Security
    must("10", "A certificate out of force is an error at once.", ATTACKS + "test_a_signature_of_a_certificate_out_of_force_is_refused"),
    must(
        "10",
        "Every cryptographic failure is handled, and tells nothing.",
        ATTACKS + "test_everything_that_goes_wrong_behind_an_encryption_gives_one_answer",
    ),
    must("10.2", "A server's certificate is checked: chain and host name.", HTTP + "test_a_certificate_for_another_host_is_refused"),
    must(
        "10.2",
        "A self-signed server certificate can be trusted by agreement.",
        HTTP + "test_https_is_posted_to_where_its_certificate_is_trusted",
    ),
    should("10.4", "Duplicates are found by Message-ID.", RECEIVING + "test_other_content_under_a_known_message_id_is_refused_and_kept"),
    should(
        "10.4",
        "Duplicates are found by the business document's number.",
        "services/test_repeats.py::test_the_same_interchange_under_a_new_message_id_is_no_second_order",
        "By the numbers of interchange and group, and of sets where agreed, for as many days as agreed.",
    ),
    # Appendix B and the RFCs below
    should("B", "A weak algorithm from a partner not marked legacy is refused with insufficient-message-security.", WEAK),
    must("RFC 5652 5.4, 11", "Signed attributes are complete, stand once, and are about this content.", FORGED),
    must(
        "RFC 5083, 5084",
        "Authenticated encryption is checked before anything is used; tags of 12 to 16 bytes.",
        ATTACKS + "test_no_bit_of_an_authenticated_encryption_can_be_changed",
    ),
    must(
        "RFC 3274", "zlib compression, within limits of size and ratio.", ATTACKS + "test_what_does_not_unpack_within_the_limits_is_refused"
    ),
    must(
        "RFC 2231, 6266", "File names beyond ASCII travel and arrive.", MESSAGE + "test_a_file_name_travels_as_ascii_and_arrives_as_it_was"
    ),
    should("RFC 6362", "Several documents in one message.", MESSAGE + "test_several_documents_travel_in_one_message"),
    should(
        "RFC 6362",
        "Each document of a message is processed.",
        "services/test_several_documents.py::test_each_document_of_a_message_is_translated",
        "Documents that are not X12 are told of and stay in the message as it came. The gateway itself sends one document at a time.",
    ),
    should(
        "RFC 7617",
        "Basic authentication with UTF-8, where a partner's server asks for it.",
        "services/test_partner_terms.py::test_the_password_goes_over_the_line_and_is_kept_nowhere",
        "The password stands in the environment or a file of its own.",
    ),
)

HEAD = """# AS2 conformance

What the standard asks for, in our own words, and the test that shows it. The standard is the IETF draft
`draft-ietf-ediint-rfc4130bis`, which would replace RFC 4130; sections are its own unless an RFC is named.
This page is made by `tests/as2/test_conformance.py` and held to it; every test named here is run with the others.

"""


@cache
def named_tests(file: str) -> frozenset[str]:
    path = ROOT / "tests" / file
    if not path.exists():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))


def page() -> str:
    shown = sum(row.shown_by != NOT_YET for row in ROWS)
    lines = [HEAD, f"{len(ROWS)} demands: {shown} shown by a test, {len(ROWS) - shown} not yet met.\n\n"]
    lines.append("| Section | | Demand | Shown by | Note |\n|---|---|---|---|---|\n")
    for row in ROWS:
        file, _, test = row.shown_by.partition("::")
        where = f"[{test.removeprefix('test_').replace('_', ' ')}](../tests/{file})" if test else "**not yet**"
        lines.append(f"| {row.section} | {row.level} | {row.demand} | {where} | {row.note} |\n")
    return "".join(lines)


@pytest.mark.parametrize("row", [row for row in ROWS if row.shown_by != NOT_YET], ids=lambda row: f"{row.section} {row.demand[:40]}")
def test_every_demand_that_is_met_names_a_test_that_exists(row):
    file, _, test = row.shown_by.partition("::")
    assert test in named_tests(file)


def test_every_demand_that_is_not_met_says_why():
    assert all(row.note for row in ROWS if row.shown_by == NOT_YET)


def test_the_page_says_what_the_tests_show():
    if os.environ.get("EDI_GATEWAY_WRITE_DOCS"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(), "run this test with EDI_GATEWAY_WRITE_DOCS=1 to write the page anew"
