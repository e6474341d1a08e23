"""Partner files: what they give, and what is said of each mistake."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edi_gateway import x12
from edi_gateway.assets import Assets
from edi_gateway.config import Secret
from edi_gateway.faults import Fault
from edi_gateway.lifecycle.states import Direction
from edi_gateway.lifecycle.windows import clock
from edi_gateway.partners.agreement import Identity, MdnMode, Partner, Ta1, X12Identity, X12Terms
from edi_gateway.partners.book import Book, load_book
from edi_gateway.partners.homefiles import home_files
from edi_gateway.partners.load import load_partner
from edi_gateway.partners.load_documents import Known
from edi_gateway.testing.keys import write_key

ROOT = Path(__file__).parents[2]
US = Identity(as2_id="OURCO", x12=X12Identity(qualifier="ZZ", id="OURCO", group_id="OURCO"), keys=(), certificates=())
ANY_NAME = Known()
SHORT = """\
as2:
  id: ACME
  url: https://acme.example/as2
  certificates: acme.pem
x12:
  id: ACMEISA
documents:
  receive: [850]
  send: [855]
"""

Read = Callable[..., tuple[Partner | None, tuple[Fault, ...]]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write_key(tmp_path, "acme")
    (tmp_path / "partners").mkdir()
    return tmp_path


@pytest.fixture
def read(home: Path) -> Read:
    """Reads a text as the file of the partner `acme`."""

    def reading(
        text: str, *, known: Known = ANY_NAME, identity: Identity = US, name: str = "acme.yaml"
    ) -> tuple[Partner | None, tuple[Fault, ...]]:
        file = home / "partners" / name
        file.write_text(text, encoding="utf-8")
        return load_partner(file, base=home, known=known, identity=identity)

    return reading


def good(result: tuple[Partner | None, tuple[Fault, ...]]) -> Partner:
    partner, faults = result
    assert faults == ()
    assert partner is not None
    return partner


def the_fault(result: tuple[Partner | None, tuple[Fault, ...]]) -> Fault:
    partner, faults = result
    assert partner is None
    [fault] = faults
    return fault


def test_a_short_file_is_a_partner_with_defaults(read: Read, home: Path) -> None:
    partner = good(read(SHORT))
    assert (partner.key, partner.name, partner.active) == ("acme", "acme", True)
    assert partner.as2.certificates == (home / "acme.pem",)
    assert (partner.as2.security.sign, partner.as2.security.encrypt) == ("sha256", "aes256-cbc")
    assert partner.as2.require == {"signed", "encrypted"}
    assert partner.as2.mdn is MdnMode.SYNC
    assert partner.as2.receipt_urls == ()
    assert partner.as2.takes_receipt_at("https://acme.example/mdn")
    assert not partner.as2.takes_receipt_at("https://other.example/mdn")
    assert partner.x12.identity == X12Identity(qualifier="ZZ", id="ACMEISA", group_id="ACMEISA")
    assert (partner.x12.element, partner.x12.component, partner.x12.terminator, partner.x12.suffix) == ("*", ">", "~", "\n")
    assert [(one.set_id, one.direction) for one in partner.agreements] == [("850", Direction.IN), ("855", Direction.OUT)]
    order = partner.agreement("850", Direction.IN)
    assert order is not None
    assert (order.map, order.erp_map, order.layout, order.release) == ("x12/004010/850", "flat/order", "order", "004010")
    assert partner.agreement("850", Direction.OUT) is None
    assert partner.retry.attempts == 12


def test_every_term_can_be_set(read: Read, home: Path) -> None:
    (home / "ca.pem").touch()
    partner = good(
        read("""\
name: "Acme: Retail & Sons"
active: false
as2:
  id: ACME
  url: http://10.0.0.5:4080/as2
  certificates: [acme.pem]
  sign: sha1
  encrypt: des-ede3-cbc
  compress: true
  legacy: true
  require: []
  mdn: async
  mdn_signed: false
  mdn_url: https://edi.ourco.example/as2
  receipt_urls: [https://mdn.acme.example/in]
  timeout: 5m
  max_size: 1GiB
  headers: {X-Route: "7"}
  ca_file: ca.pem
x12:
  qualifier: 01
  id: 012345678
  group_id: ACMEGS
  version: "00501"
  release: "005010"
  element: "|"
  component: ":"
  repetition: "!"
  terminator: "\\n"
  suffix: none
  usage: test
  acknowledge: false
  control_low: 500
  control_high: 999
windows: {mdn: 2h, functional_ack: 48h}
retry: {first: 1m, factor: 1.5, cap: 10m, attempts: 3, duration: 1h, jitter: 5%}
documents:
  receive:
    850:
      map: acme/850
      erp_map: acme/order
      layout: acme/order
      guide: acme/850
      release: "004010"
      filename: "{key}.csv"
      answer: {855: 24h, 856: 3d}
  send:
    810: {functional_ack: 4h}
""")
    )
    assert partner.name == "Acme: Retail & Sons"
    assert not partner.active
    assert partner.as2.security.legacy
    assert partner.as2.require == frozenset()
    assert partner.as2.mdn_url == "https://edi.ourco.example/as2"
    assert partner.as2.headers == {"X-Route": "7"}
    assert partner.as2.max_bytes == 1024**3
    assert partner.as2.timeout == timedelta(minutes=5)
    assert partner.x12.identity == X12Identity(qualifier="01", id="012345678", group_id="ACMEGS")
    assert (partner.x12.terminator, partner.x12.suffix, partner.x12.usage) == ("\n", "", "T")
    assert partner.retry.jitter == 0.05
    order = partner.agreement("850", Direction.IN)
    invoice = partner.agreement("810", Direction.OUT)
    assert order is not None
    assert invoice is not None
    assert order.windows.answers == {"855": clock(hours=24), "856": clock(days=3)}
    assert (order.map, order.guide, order.filename) == ("acme/850", "acme/850", "{key}.csv")
    assert invoice.windows.functional_ack == clock(hours=4)
    assert invoice.map == "x12/005010/810"
    assert order.windows.mdn == clock(hours=2)


def test_none_turns_signing_and_encryption_off(read: Read) -> None:
    partner = good(read(SHORT.replace("  certificates: acme.pem\n", "  sign: none\n  encrypt: none\n  require: []\n")))
    assert (partner.as2.security.sign, partner.as2.security.encrypt) == (None, None)


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "column", "hint"),
    [
        ("  url: https://acme.example/as2", "  ulr: x", "PRT-KEY-UNKNOWN", 3, 3, "Did you mean url?"),
        ("documents:", "docments:", "PRT-KEY-UNKNOWN", 7, 1, "Did you mean documents?"),
        ("  receive:", "  recieve:", "PRT-KEY-UNKNOWN", 8, 3, "Did you mean receive?"),
        ("https://acme.example/as2", "acme.example", "PRT-VALUE", 3, 8, "https://as2.example.com/as2"),
        ("acme.pem", "acne.pem", "PRT-FILE-MISSING", 4, 17, "Did you mean acme.pem?"),
        ("  id: ACMEISA", "  id: ABCDEFGHIJKLMNOP", "PRT-VALUE", 6, 7, "1 to 15"),
        ("  id: ACMEISA", "  id: X\n  element: '>'", "PRT-SEPARATORS", 7, 12, "a character of its own"),
        ("  id: ACMEISA", "  id: X\n  control_low: 9\n  control_high: 9", "PRT-CONTROL-RANGE", 7, 16, "control_high"),
        ("[850]", "[850, 850]", "PRT-KEY-TWICE", 8, 18, "Keep one"),
        ("[850]", "[85O]", "PRT-VALUE", 8, 13, "three digits"),
        ("[850]", "{850: {answer: {855: 24}}}", "PRT-VALUE", 8, 33, "24h"),
        ("[850]", "{850: {answer: {PO: 24h}}}", "PRT-VALUE", 8, 28, "three digits"),
        ("[855]", "{810: {after_departure: 30m}}", "PRT-VALUE", 9, 33, "Only a ship notice"),
        ("[850]", "{850: {filename: '{key}_{sett}.csv'}}", "PRT-VALUE", 8, 29, "{sett} is not known. Did you mean set?"),
        ("[850]", "{850: {filename: '{key'}}", "PRT-VALUE", 8, 29, "not closed"),
        ("[850]", "{850: {filename: '{key.__class__}'}}", "PRT-VALUE", 8, 29, "is not known"),
        ("[850]", "{850: {filename: '{key!r:>9}'}}", "PRT-VALUE", 8, 29, "without a format"),
        ("[855]", "{855: {filename: x}}", "PRT-KEY-UNKNOWN", 9, 16, "Known: "),
        ("[850]", "{850: {map: ../x}}", "PRT-VALUE", 8, 24, "name of a map"),
        ("as2:\n", "as2:\n  sign: sha-256\n", "PRT-VALUE", 2, 9, "Did you mean sha256?"),
        ("as2:\n", "as2:\n  sign: md5\n", "PRT-WEAK", 2, 9, "legacy: true"),
        ("as2:\n", "as2:\n  encrypt: des-ede3-cbc\n", "PRT-WEAK", 2, 12, "legacy: true"),
        ("as2:\n", "as2:\n  mdn: async\n", "PRT-NO-MDN-URL", 2, 8, "as2.mdn_url"),
        ("as2:\n", "as2:\n  headers: {Content-Type: x}\n", "PRT-HEADER", 2, 13, "key that sets it"),
        ("as2:\n", "as2:\n  headers: {'X Y': x}\n", "PRT-HEADER", 2, 13, "key that sets it"),
        ("as2:\n", "as2:\n  id: OTHER\n", "PRT-KEY-TWICE", 3, 3, "Keep one"),
        ("id: ACME\n", "id: OURCO\n", "PRT-OURSELVES", 2, 7, "the partner's"),
        ("id: ACMEISA", "id: OURCO", "PRT-OURSELVES", 6, 7, "the partner's"),
        ("  url: https://acme.example/as2\n", "", "PRT-NO-URL", 1, 1, "as2.url"),
        ("  certificates: acme.pem\n", "", "PRT-NO-CERTIFICATE", 1, 1, "as2.certificates"),
        ("  id: ACME\n", "", "PRT-KEY-MISSING", 1, 1, "AS2 name"),
        ("  id: ACMEISA\n", "", "PRT-KEY-MISSING", 5, 1, "ISA id"),
        ("  id: ACMEISA", "  id: &a ACMEISA\n  group_id: *a", "PRT-SYNTAX", 7, 13, "Correct the line"),
        ("  id: ACMEISA", "  id: !!python/name:os.system x", "PRT-SYNTAX", 6, 7, "Correct the line"),
        ("x12:", "x12: {", "PRT-SYNTAX", 7, 10, "Correct the line"),
    ],
)
def test_a_mistake_is_placed_and_its_remedy_told(read: Read, old: str, new: str, code: str, line: int, column: int, hint: str) -> None:
    assert old in SHORT
    fault = the_fault(read(SHORT.replace(old, new, 1)))
    assert fault.place.file is not None
    assert fault.place.file.endswith("partners/acme.yaml")
    assert (fault.code, fault.place.line, fault.place.column) == (code, line, column), fault.line()
    assert hint in fault.fix, fault.fix


def test_the_x12_terms_are_read(read: Read) -> None:
    terms = """\
x12:
  release: "005010"
  version: "00501"
  mode: tolerant
  reject: [X12-507]
  tolerate: [X12-118, X12-506]
  acknowledge: false
  acknowledgment: "999"
  acknowledgment_release: "005010X231A1"
  acknowledge_detail: faulty_sets
  ta1: fault
  expect_acknowledgment: false
  duplicate_days: 0
  duplicate_sets: true
"""
    assert good(read(SHORT.replace("x12:\n", terms))).x12 == X12Terms(
        identity=X12Identity(qualifier="ZZ", id="ACMEISA", group_id="ACMEISA"),
        version="00501",
        release="005010",
        mode=x12.Mode.TOLERANT,
        reject=frozenset({"X12-507"}),
        tolerate=frozenset({"X12-118", "X12-506"}),
        acknowledge=False,
        acknowledgment=x12.Form.IMPLEMENTATION,
        acknowledgment_release="005010X231A1",
        acknowledge_detail=x12.Detail.FAULTY_SETS,
        ta1=Ta1.FAULT,
        expect_acknowledgment=False,
        duplicate_days=0,
        duplicate_sets=True,
    )


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("acknowledgment: 999", "needs x12.acknowledgment_release 005010"),
        ("tolerate: [X12-999]", "X12-"),
        ("mode: lenient", "strict, tolerant"),
    ],
)
def test_x12_terms_that_do_not_fit_are_told(read: Read, line: str, hint: str) -> None:
    [fault] = read(SHORT.replace("x12:\n", f"x12:\n  {line}\n"))[1]
    assert (fault.code, fault.place.line) == ("PRT-VALUE", 6)
    assert hint in f"{fault.message} {fault.fix}"


def test_a_guide_that_is_not_there_is_placed(read: Read) -> None:
    text = SHORT.replace("receive: [850]", "receive: {850: {guide: amazon/retail-805}}")
    [fault] = read(text, known=Known(guides=["amazon/retail-850"]))[1]
    assert fault.code == "PRT-NAME-UNKNOWN"
    assert "amazon/retail-850" in f"{fault.message} {fault.fix}"


def test_a_map_that_is_not_there_is_placed_and_the_nearest_named(read: Read) -> None:
    known = Known(maps={"x12/004010/850", "x12/004010/855", "flat/order", "flat/order_response"}, layouts={"order"})
    _, faults = read(SHORT.replace("[850]", "{850: {map: x12/004010/8500}}"), known=known)
    assert [(fault.code, fault.place.line, fault.value) for fault in faults] == [
        ("PRT-NAME-UNKNOWN", 8, "x12/004010/8500"),
        ("PRT-NAME-UNKNOWN", 9, "order_response"),
    ]
    assert "Did you mean x12/004010/850?" in faults[0].fix


def test_a_set_that_nothing_is_shipped_for_needs_its_names(read: Read) -> None:
    _, faults = read(SHORT.replace("[850]", "[830]"))
    assert [fault.value for fault in faults] == ["documents.receive.830.erp_map", "documents.receive.830.layout"]


@pytest.mark.parametrize("text", ["", "# nothing but a comment\n"])
def test_an_empty_file_says_what_it_needs(read: Read, text: str) -> None:
    partner, faults = read(text)
    assert partner is None
    assert {fault.value for fault in faults if fault.code == "PRT-KEY-MISSING"} == {"as2.id", "x12.id"}


@pytest.mark.parametrize("text", ["- a\n- b\n", "just text\n"])
def test_a_file_that_is_no_table_is_a_fault(read: Read, text: str) -> None:
    assert the_fault(read(text)).code == "PRT-SYNTAX"


def test_a_file_that_is_not_utf8_is_a_fault(home: Path) -> None:
    file = home / "partners" / "acme.yaml"
    file.write_bytes(b"name: \xff\n")
    assert the_fault(load_partner(file, base=home, known=Known(), identity=US)).code == "PRT-UNREADABLE"


@pytest.mark.parametrize("name", ["Acme.yaml", "acme retail.yaml", "-x.yaml", "订.yaml"])
def test_a_file_name_that_cannot_be_a_folder_is_a_fault(read: Read, name: str) -> None:
    assert the_fault(read(SHORT, name=name)).code == "PRT-FILE-NAME"


def test_a_certificate_that_cannot_be_read_is_a_fault_of_the_partner(read: Read, home: Path) -> None:
    (home / "acme.pem").write_text("not a certificate")
    fault = the_fault(read(SHORT))
    assert fault.code.startswith("AS2-CERT")
    assert fault.place.file == str(home / "acme.pem")


def test_asynchronous_mdns_come_to_our_public_address_by_default(read: Read) -> None:
    ours = Identity(
        as2_id="X",
        x12=US.x12,
        keys=(),
        certificates=(),
        url="https://edi.ourco.example/as2",
        passphrase=Secret(reference="env:X", base=Path()),
    )
    partner = good(read(SHORT.replace("as2:\n", "as2:\n  mdn: async\n"), identity=ours))
    assert partner.as2.mdn_url == "https://edi.ourco.example/as2"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from([*SHORT.splitlines(), "  -", " x: {", "'", "a: b: c", "\t", "&a", "*a", "? [x]", "---", "..."]), max_size=12),
    st.text(max_size=20),
)
def test_no_text_makes_the_reader_raise(home: Path, lines: list[str], tail: str) -> None:
    file = home / "partners" / "acme.yaml"
    file.write_text("\n".join([*lines, tail]), encoding="utf-8", errors="replace")
    partner, faults = load_partner(file, base=home, known=Known(), identity=US)
    assert (partner is None) == bool(faults)
    assert all(fault.message and fault.fix for fault in faults)


def test_the_shipped_examples_are_good_with_the_shipped_maps_and_layouts(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "partners", tmp_path / "partners")
    shutil.copytree(ROOT / "certs.example", tmp_path / "certs")
    assets = Assets()
    layouts = {name.removeprefix("flat/") for name in assets.names("schemas") if name.startswith("flat/")}
    book = load_book(home_files(tmp_path).files, home=tmp_path, known=Known(maps=assets.names("maps"), layouts=layouts), identity=US)
    assert book.faults == ()
    assert [partner.key for partner in book.partners] == ["acme-retail", "globex-supply"]


def test_where_a_receipt_may_go_is_decided_by_scheme_host_port_and_path(read: Read) -> None:
    terms = good(read(SHORT.replace("as2:\n", "as2:\n  receipt_urls: [https://mdn.acme.example/in]\n"))).as2
    assert terms.takes_receipt_at("https://mdn.acme.example/in")
    assert terms.takes_receipt_at("https://MDN.acme.example:443/in/deeper?x=1")
    for other in (
        "http://mdn.acme.example/in",
        "https://mdn.acme.example:444/in",
        "https://mdn.acme.example/inner",
        "https://mdn.acme.example.evil.example/in",
        "https://mdn.acme.example@evil.example/in",
        "https://mdn.acme.example/in/../admin",
        "https://mdn.acme.example/in/%2e%2e/admin",
        "mailto:mdn@acme.example",
        "https://[bad/in",
        "",
    ):
        assert not terms.takes_receipt_at(other), other


# --- the book ---


def book_of(home: Path, **texts: str) -> Book:
    for name, text in texts.items():
        (home / "partners" / f"{name}.yaml").write_text(text)
    return load_book(home_files(home).files, home=home, known=Known(), identity=US)


def test_a_bad_file_takes_no_other_down(home: Path) -> None:
    book = book_of(home, good=SHORT, bad="as2: [\n", worse=SHORT.replace("url:", "ulr:"))
    assert [partner.key for partner in book.partners] == ["good"]
    assert {Path(fault.place.file or "").name for fault in book.faults} == {"bad.yaml", "worse.yaml"}


def test_a_partner_is_found_by_its_names(home: Path) -> None:
    book = book_of(home, acme=SHORT)
    acme = book.partner("acme")
    assert acme is not None
    assert book.by_as2("ACME", "OURCO") is acme
    assert book.by_as2("acme", "OURCO") is None
    assert book.by_as2("ACME", "OTHER") is None
    assert book.partner("globex") is None


@pytest.mark.parametrize(("old", "code"), [("id: ACMEISA", "PRT-AS2-NAME-TAKEN"), ("id: ACME\n", "PRT-ISA-ID-TAKEN")])
def test_two_files_cannot_share_a_name(home: Path, old: str, code: str) -> None:
    book = book_of(home, a=SHORT, b=SHORT.replace(old, old.replace("ACME", "OTHER")))
    assert [partner.key for partner in book.partners] == ["a"]
    [fault] = book.faults
    assert fault.code == code
    assert "a.yaml" in fault.message
    assert (fault.place.file or "").endswith("b.yaml")


def test_a_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    assert [fault.code for fault in home_files(tmp_path).faults] == ["PRT-ABSENT"]


def test_a_file_with_another_ending_is_told_and_the_examples_folder_is_not_read(home: Path) -> None:
    (home / "partners" / "old.yml").write_text(SHORT)
    (home / "partners" / "OLD.YAML").write_text(SHORT)
    (home / "partners" / "notes.txt").write_text("call them on Monday")
    (home / "partners" / "examples").mkdir()
    (home / "partners" / "examples" / "x.yaml").write_text("as2: [")
    book = book_of(home)
    assert [fault.code for fault in book.faults] == ["PRT-FILE-ENDING", "PRT-FILE-ENDING"]
