"""The application over fakes, and clients that are signed in or not."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from edi_gateway.ports.web import WebParts
from edi_gateway.testing.web import sample_parts, signed_in_client
from edi_gateway.web.app import create_app

SignedIn = Callable[[WebParts], FlaskClient]
Token = Callable[[FlaskClient, str], str]


@pytest.fixture(scope="session")
def token() -> Token:
    """The form's token on a page."""

    def read(client: FlaskClient, path: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
        assert found is not None, f"no form on {path}"
        return found[1]

    return read


@pytest.fixture(scope="session")
def signed_in() -> SignedIn:
    """A client of an application over these parts that knows the password."""
    return signed_in_client


@pytest.fixture
def parts() -> WebParts:
    return sample_parts()


@pytest.fixture
def stranger(parts: WebParts) -> FlaskClient:
    return create_app(parts).test_client()


@pytest.fixture
def client(parts: WebParts, signed_in: SignedIn) -> FlaskClient:
    return signed_in(parts)
