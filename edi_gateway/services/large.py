"""What is too large for memory goes from file to file and is kept from there; what is not stays bytes."""

from dataclasses import dataclass
from typing import BinaryIO, TypeAlias

from edi_gateway.ports.store import Store, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Bytes that are kept already."""

    digest: str
    size: int


Content: TypeAlias = bytes | Stored


def store(kept: Store, file: BinaryIO) -> Stored:
    """The bytes of a file kept, in a transaction of their own: no other writer waits while they are written."""
    with kept.begin() as uow:
        digest = uow.payloads.put_file(file)
    return Stored(digest=digest, size=file.seek(0, 2))


def digest_of(uow: UnitOfWork, content: Content) -> str:
    """The digest under which a content is kept, from this transaction on at the latest."""
    return content.digest if isinstance(content, Stored) else uow.payloads.put(content)
