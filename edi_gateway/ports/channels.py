"""What services need of the outside: an HTTP post, and folders that the ERP reads and writes."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import BinaryIO, Protocol


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an HTTP server said: the whole response."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreached:
    """No whole response came. `reason` is one of "connect", "timeout", "tls", "cut_off", "too_large", "forbidden_address"."""

    reason: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientKey:
    """The files of the TLS certificate that we show, PEM; the key stands in the certificate's file where `key` is None."""

    certificate: str
    key: str | None = None
    passphrase: str | None = field(default=None, repr=False)


class Poster(Protocol):
    """Posts bytes, follows nothing."""

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
    ) -> Answer | Unreached:
        """The response to one POST of exactly these headers and bytes, which may stand in a file and are then read from its place.

        Shape:  `authorities` are the CA certificates that an HTTPS server is checked against, as PEM; the system's where None.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A dropped file that is ours now: renamed out of `in/`, so that nobody else reads it. `semaphore` is what stands in its semaphore."""

    partner: str
    name: str
    path: str
    content: bytes
    semaphore: bytes = b""


class Drop(Protocol):
    """The folders `erp/<partner>/{in,out,archive,error,ack}`."""

    def partners(self) -> list[str]:
        """The partners' keys that have a folder with an `in/`, whoever made it."""

    def claim(self, partner: str, now: datetime) -> list[Claim]:
        """Files of `in/` that are complete, each claimed by an atomic rename; also those claimed before a crash."""

    def archive(self, claim: Claim, now: datetime) -> str:
        """Moves a claimed file to `archive/YYYY/MM/DD/`; where it stands now. Twice is once."""

    def reject(self, claim: Claim, now: datetime) -> str:
        """Moves a claimed file to `error/`; where it stands now. Twice is once."""

    def answer(self, partner: str, name: str, as_json: bytes, as_text: bytes) -> None:
        """Publishes `ack/<name>.result.json` and `.txt`, each whole or not at all."""

    def stage(self, partner: str, name: str, content: bytes, semaphore: str | None = None) -> None:
        """Writes a file on its way out, and its semaphore, to the spool, durable before this returns; the same name again replaces both.

        A name is its set's: who is not alone with that could put back what has just been released.
        """

    def discard(self, partner: str, name: str) -> None:
        """Takes a staged file, and its semaphore, out of the spool again: only of what no transaction has kept."""

    def alone(self, number: int, *, wait: bool = True) -> AbstractContextManager[bool]:
        """Nobody else who shares the folders is alone with the set of this number while the block lasts; whether we are.

        Shape:  with `wait`, which it is by default, we always are.
        """

    def release(self, partner: str, name: str) -> str:
        """Renames a staged file into `out/`; its path there.

        Only this moves a file out of the spool, so a file that is no longer there has been released before: released again
        after a crash, it is not published a second time, even where the ERP has taken it meanwhile.
        """

    def announce(self, partner: str, name: str, path: str) -> None:
        """Renames the staged semaphore of a released file to `<path>.done`. One that is no longer in the spool was announced before."""

    def stands(self, path: str) -> bool:
        """Whether a file that was released still stands where it was put; True where that cannot be told."""
