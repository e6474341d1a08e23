"""Tokens of the API: made once and shown once, kept as a digest, known again by it, and revoked."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime

from edi_gateway.faults import Fault, Faulty
from edi_gateway.ports.rows import ApiToken
from edi_gateway.ports.store import Store

_PREFIX = "edigw_"
"""What tokens begin with, so that scanners of repositories find those that were put there."""
_BYTES = 32


def make_token(store: Store, name: str, partners: Iterable[str], now: datetime) -> tuple[ApiToken, str]:
    """A new token and its secret, which is told here and never again.

    Shape:  the secret has 256 random bits, so that its plain SHA-256 cannot be turned back.
    """
    secret = _PREFIX + secrets.token_urlsafe(_BYTES)
    with store.begin() as uow:
        return uow.api_tokens.add(ApiToken(name=name, digest=_digest(secret), created_at=now, partners=tuple(partners))), secret


def known_token(store: Store, secret: str) -> ApiToken | None:
    """The token in force of this secret, None where there is none."""
    if not secret.startswith(_PREFIX):
        return None
    with store.read() as uow:
        found = uow.api_tokens.find(digest=_digest(secret), revoked_at=None)
    return found[0] if found else None


def tokens(store: Store) -> list[ApiToken]:
    """All tokens, the oldest first, revoked ones among them."""
    with store.read() as uow:
        return uow.api_tokens.find()


def revoke_token(store: Store, token_id: int, now: datetime) -> ApiToken:
    """Ends a token; who bears it is turned away from here on. Errors: Faulty (ERP-415) where there is none in force."""
    with store.begin() as uow:
        found = uow.api_tokens.find(id=token_id, revoked_at=None)
        if not found:
            raise Faulty([Fault.of("ERP-415", value=str(token_id))])
        uow.api_tokens.change(token_id, revoked_at=now)
        return uow.api_tokens.get(token_id)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
