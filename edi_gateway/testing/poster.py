"""A poster that answers from a script and keeps what was posted."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import BinaryIO

from edi_gateway.ports.channels import Answer, ClientKey, Unreached

Outcome = Answer | Unreached


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """One POST as it was asked for."""

    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    timeout: timedelta
    authorities: str | None
    client: ClientKey | None
    chunked: bool
    allow_private: bool


@dataclass(slots=True)
class FakePoster:
    """Answers each POST with `answer`: an outcome, or what makes one of the POST."""

    answer: Outcome | Callable[[Posted], Outcome] = field(default_factory=lambda: Unreached(reason="connect", detail="nobody listens"))
    posted: list[Posted] = field(default_factory=list)

    def post(
        self,
        url: str,
        headers: Iterable[tuple[str, str]],
        body: bytes | BinaryIO,
        *,
        timeout: timedelta,
        authorities: str | None = None,
        client: ClientKey | None = None,
        chunked: bool = False,
        allow_private: bool = True,
    ) -> Outcome:
        one = Posted(
            url=url,
            headers=tuple(headers),
            body=body if isinstance(body, bytes) else body.read(),
            timeout=timeout,
            authorities=authorities,
            client=client,
            chunked=chunked,
            allow_private=allow_private,
        )
        self.posted.append(one)
        return self.answer(one) if callable(self.answer) else self.answer
