"""The web's parts over fakes: everything `create_app` needs, with the made-up traffic behind it."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from flask.testing import FlaskClient

from edi_gateway.as2.identity import Certificate, read_certificates
from edi_gateway.faults import Fault, Place
from edi_gateway.fileset import Entry
from edi_gateway.lifecycle.policy import Windows
from edi_gateway.lifecycle.states import Direction
from edi_gateway.lifecycle.windows import clock
from edi_gateway.partners.agreement import Agreement, As2Terms, Identity, MdnMode, Partner, Security, X12Identity, X12Terms
from edi_gateway.partners.book import Book
from edi_gateway.partners.certificates import Held
from edi_gateway.partners.making import make_own_key
from edi_gateway.ports.views import MessageDetail
from edi_gateway.ports.web import (
    WebParts,
    WebSettings,
)
from edi_gateway.testing.inspection import split_x12
from edi_gateway.testing.made import MIC, NOW, OURSELVES
from edi_gateway.testing.traffic import a_day
from edi_gateway.testing.views import FakeViews, healthy
from edi_gateway.testing.web_fakes import (
    FakeActions,
    FakeClock,
    FakeDocuments,
    FakeReceiver,
    sample_configuration,
    sample_held,
    sample_uploads,
)
from edi_gateway.web.app import create_app

PASSWORD = "four random short words"  # noqa: S105 - of the fakes


def sample_parts(**changes: Any) -> WebParts:
    """Parts with a day of traffic, two partners and a partner file with a fault; `changes` replace single parts."""
    day = a_day()
    parts = WebParts(
        views=FakeViews(day.messages, day.payloads, files=day.files, health=healthy(NOW)),
        receive=FakeReceiver(),
        book=lambda: sample_book(faulty=True),
        inspect=split_x12,
        recompute_mic=_recompute,
        actions=FakeActions(),
        documents=FakeDocuments(),
        held=sample_held(),
        uploads=sample_uploads(),
        configuration=sample_configuration(),
        clock=FakeClock(),
        settings=WebSettings(secret_key=b"a key for tests only", password_hash=quick_hash(PASSWORD)),
        certificates=sample_certificates,
        version="0.1",
    )
    return replace(parts, **changes)


def signed_in_client(parts: WebParts) -> FlaskClient:
    """A client of an application over these parts that has typed `PASSWORD`."""
    client = create_app(parts).test_client()
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)
    assert found is not None
    answer = client.post("/login", data={"password": PASSWORD, "csrf_token": found[1]})
    assert answer.status_code == 302
    return client


def as_operator(parts: WebParts) -> Callable[..., Any]:
    """The application for one who is signed in already, whoever asks: for browsers that cannot type."""
    client = signed_in_client(parts)
    kept = client.get_cookie("edi_gateway")
    assert kept is not None
    cookie = f"edi_gateway={kept.value}"

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        return client.application({**environ, "HTTP_COOKIE": cookie}, start_response)

    return application


@cache
def quick_hash(password: str) -> str:
    """An argon2 hash that costs next to nothing: for tests, never for a password."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(password)


def sample_book(*, faulty: bool = False) -> Book:
    """Ourselves and two partners; a third one's file has a fault where that is wanted."""
    identity = Identity(
        as2_id=OURSELVES,
        x12=X12Identity(qualifier="ZZ", id=OURSELVES, group_id=OURSELVES),
        keys=(Path("certs/own.key.pem"),),
        certificates=(Path("certs/own.cert.pem"),),
        url="https://edi.brightmill.example/as2",
    )
    fault = Fault.of(
        "PRT-CERT-UNREADABLE", Place(file="partners/harborline.yaml", line=4, column=17), "certs/harborline.pem", reason="no such file"
    )
    return Book(
        identity=identity,
        partners=(
            _partner("lakeshore", "Lakeshore Outfitters", ("855", "856", "810", "812"), legacy=True),
            _partner("northgate", "Northgate Stores", ("855", "856", "810")),
        ),
        faults=(fault,) if faulty else (),
    )


def _partner(key: str, name: str, sends: Iterable[str], *, legacy: bool = False) -> Partner:
    x12 = X12Identity(qualifier="ZZ", id=key.upper(), group_id=key.upper())
    takes = Agreement(
        set_id="850",
        direction=Direction.IN,
        map="x12/004010/850",
        erp_map="flat/order",
        layout="order",
        windows=Windows(answers={"855": clock(hours=24)}),
    )
    gives = (
        Agreement(set_id=one, direction=Direction.OUT, map=f"x12/004010/{one}", erp_map="flat/order-response", layout="order-response")
        for one in sends
    )
    as2 = As2Terms(
        id=key.upper(),
        url=f"https://as2.{key}.example/as2",
        certificates=(Path(f"certs/{key}.pem"),),
        security=Security(legacy=legacy),
        mdn=MdnMode.ASYNC if legacy else MdnMode.SYNC,
        mdn_url="https://edi.brightmill.example/as2" if legacy else None,
    )
    return Partner(key=key, name=name, as2=as2, x12=X12Terms(identity=x12), agreements=(takes, *gives), source=Path(f"partners/{key}.yaml"))


def sample_certificates(files: Iterable[Entry]) -> Held:
    """A certificate for each file, whatever stands there: Lakeshore's ends soon."""
    paths = [Path(str(file)) for file in files]
    found = tuple((_certificate(path.stem, ends_soon=path.stem == "lakeshore"), path) for path in paths)
    return Held(certificates=tuple(one for one, _ in found), files=tuple(file for _, file in found))


@cache
def _certificate(name: str, *, ends_soon: bool) -> Certificate:
    begin = NOW - timedelta(days=1080 if ends_soon else 200)
    read = read_certificates(make_own_key(name.upper(), begin).certificate)
    assert not isinstance(read, Fault), read
    return read[0]


def _recompute(message: MessageDetail) -> str | None:
    return MIC if message.transmission.mic else None
