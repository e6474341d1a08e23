"""Servers of other people that we post to: django-pyas2 with all its security, mock-edi without any."""

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pytest

from edi_gateway import as2
from edi_gateway.as2.quirks import PRESETS

SITE = Path(__file__).with_name("django_pyas2_site.py")
LINES = b"ISA*00*          *00*          *ZZ*GW             *ZZ*PEER           *261122*0416*U*00401*000000001*0*T*>~\r\n"
# ACME is one of the partners that mock-edi knows by itself.
ORDER = (
    b"ISA*00*          *00*          *ZZ*ACME           *ZZ*PEER           *261122*0416*U*00401*000000007*0*T*>~"
    b"GS*PO*ACME*PEER*20261122*0416*7*X*004010~ST*850*0001~BEG*00*SA*4500017**20261122~PO1*1*5*EA*12.50**VP*A-1~CTT*1~SE*5*0001~"
    b"GE*1*7~IEA*1*000000007~"
)
SECURITIES = [
    as2.Security(digest=digest, cipher=cipher, compression=compression)
    for digest, cipher, compression in product(
        [as2.Digest.SHA256, as2.Digest.SHA512],
        [None, as2.Cipher.AES128_CBC, as2.Cipher.AES256_CBC],
        [as2.Compression.NONE, as2.Compression.BEFORE_SIGNING],
    )
]


def name(security: as2.Security) -> str:
    return f"{security.digest} {security.cipher} {security.compression}"


@pytest.fixture(scope="module")
def django_pyas2(
    peer, serving, free_port: Callable[[], int], parties, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    """The address that django-pyas2 listens at, and the folder where it keeps what it received."""
    python = peer("pyas2") / "bin" / "python"
    folder = tmp_path_factory.mktemp("django-pyas2")
    parties.write(folder)
    port = free_port()
    with serving([str(python), str(SITE), str(folder), str(port)], port) as url:
        yield f"{url}/pyas2/as2receive", folder


@pytest.mark.parametrize("security", SECURITIES, ids=name)
def test_django_pyas2_takes_what_we_post_and_signs_for_it(django_pyas2: tuple[str, Path], parties, security: as2.Security):
    url, folder = django_pyas2
    assert PRESETS["pyas2"].faults(security) == ()
    payload = LINES + name(security).encode() + b"~\r\n"
    verdict = parties.post(url, parties.sealed(payload, security=security))
    assert (verdict.verdict, verdict.mic_matches) == (as2.Verdict.DELIVERED, True), verdict.faults
    assert verdict.signature is as2.Signature.VERIFIED
    kept = [one.read_bytes() for one in folder.rglob("*") if one.is_file() and "ours" not in one.name]
    assert payload in kept


def test_django_pyas2_refuses_what_was_not_sealed_for_it(django_pyas2: tuple[str, Path], parties):
    sealed = parties.sealed(LINES, security=as2.Security(), to="NOBODY")
    verdict = parties.post(django_pyas2[0], sealed)
    assert verdict.verdict is not as2.Verdict.DELIVERED


@pytest.fixture(scope="module")
def mock_edi(peer, serving, free_port: Callable[[], int]) -> Iterator[str]:
    program = peer("mock-edi") / "bin" / "mock-edi"
    port = free_port()
    with serving([str(program), "--port", str(port), "--as2-id", "PEER", "--quiet"], port) as url:
        yield f"{url}/as2"


def test_mock_edi_takes_the_plain_flow_and_reports_our_mic(mock_edi: str, parties):
    security = PRESETS["mock-edi"].suited(as2.Security())
    sealed = parties.sealed(ORDER, by="ACME", security=security)
    verdict = parties.post(mock_edi, sealed, signed=False)
    assert (verdict.verdict, verdict.mic_matches) == (as2.Verdict.DELIVERED, True), verdict.faults


@pytest.mark.parametrize("preset", ["pyas2", "mock-edi"])
def test_a_presets_default_is_what_the_product_takes(preset: str, request: pytest.FixtureRequest, parties):
    security = PRESETS[preset].suited(as2.Security(cipher=as2.Cipher.AES256_GCM, transport=as2.Transport.OAEP))
    plain = preset == "mock-edi"
    url = request.getfixturevalue("mock_edi") if plain else request.getfixturevalue("django_pyas2")[0]
    payload = ORDER.replace(b"000000007", b"000000008")
    sealed = parties.sealed(payload, by="ACME" if plain else "GW", security=security)
    verdict = parties.post(url, sealed, signed=not plain)
    assert verdict.verdict is as2.Verdict.DELIVERED, verdict.faults
