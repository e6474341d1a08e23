"""Where an asynchronous receipt may go: nowhere that the partner's allow-list does not name, in no disguise."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_gateway.as2.delivery import Target, address_fault, receipt_target
from edi_gateway.faults import Fault

ALLOWED = ["https://as2.partner.example/mdn", "http://as2.partner.example:8080", "http://[2001:db8::1]:4080/as2", "http://192.0.2.7/"]

GOOD = {
    "https://as2.partner.example/mdn": "https://as2.partner.example/mdn",
    "https://AS2.Partner.Example:443/mdn/123?x=1": "https://as2.partner.example/mdn/123?x=1",
    "https://as2.partner.example./mdn": "https://as2.partner.example/mdn",
    "http://as2.partner.example:8080": "http://as2.partner.example:8080/",
    "http://as2.partner.example:8080/anything": "http://as2.partner.example:8080/anything",
    "http://[2001:DB8:0::1]:4080/as2": "http://[2001:db8::1]:4080/as2",
    "http://192.0.2.7/mdn": "http://192.0.2.7/mdn",
}


@pytest.mark.parametrize(("url", "target"), GOOD.items())
def test_a_url_on_the_allow_list_is_posted_to(url, target):
    found = receipt_target(url, ALLOWED)
    assert isinstance(found, Target), found
    assert found.url == target


BAD = [
    "http://127.0.0.1/mdn",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://[::1]:22/",
    "http://[::ffff:192.0.2.7]/mdn",
    "http://[fe80::1%25eth0]/",
    "https://as2.partner.example.evil.example/mdn",
    "https://as2.partner.example@evil.example/mdn",
    "https://evil.example/#as2.partner.example",
    "https://as2.partner.example:444/mdn",
    "https://as2.partner.example/mdnx",
    "https://as2.partner.example/mdn/../admin",
    "https://as2.partner.example/mdn/%2e%2e/admin",
    "https://as2.partner.example\\@evil.example/mdn",
    "http://as2.partner.example/mdn",
    "mailto:mdn@partner.example",
    "file:///etc/passwd",
    "gopher://as2.partner.example/mdn",
    "ftp://as2.partner.example/mdn",
    "/mdn",
    "::::",
    "http://",
    "http:///mdn",
    "http://as2.partner.example:99999/",
    "http://as2.partner.example:0/",
    "https://as2.partner.example/mdn\r\nX: y",
    "https://ａs2.partner.example/mdn",
    "",
    "h" * 3000,
]


@pytest.mark.parametrize("url", BAD)
def test_a_url_that_is_not_the_partners_is_never_posted_to(url):
    fault = receipt_target(url, ALLOWED)
    assert isinstance(fault, Fault)
    assert fault.code == "AS2-MDN-URL"


def test_without_an_allow_list_nothing_is_posted_to():
    assert isinstance(receipt_target("https://as2.partner.example/mdn", []), Fault)


@given(st.text(max_size=80))
def test_any_text_is_a_target_or_a_fault(url):
    assert isinstance(receipt_target(url, ALLOWED), Fault | Target)


PRIVATE = [
    "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "::1", "fe80::1", "fc00::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "fe80::1%eth0", "198.18.0.1",
]  # fmt: skip
NOWHERE = ["0.0.0.0", "::", "224.0.0.1", "ff02::1", "255.255.255.255", "240.0.0.1", "::ffff:0.0.0.0", "no address", ""]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_inside_is_connected_to_only_where_the_agreement_says_so(address):
    assert address_fault(address, private_allowed=False) is not None
    assert address_fault(address, private_allowed=True) is None


@pytest.mark.parametrize("address", NOWHERE)
def test_an_address_where_nothing_answers_is_never_connected_to(address):
    assert address_fault(address, private_allowed=True) is not None


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34", "2002:5db8:d822::1"])
def test_a_public_address_may_be_connected_to(address):
    assert address_fault(address, private_allowed=False) is None


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_no_private_address_ever_passes(address):
    if address_fault(str(address), private_allowed=False) is None:
        assert address.is_global or (isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None)
