"""All keys and certificates of a book, read once, and which of them to use at a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from edi_gateway.as2 import Certificate, OwnKey
from edi_gateway.faults import Fault, Faulty, Place
from edi_gateway.partners.agreement import Partner
from edi_gateway.partners.book import Book
from edi_gateway.partners.certificates import Held, HeldKeys, expiry, for_encryption, for_signing, read_held, read_own_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """Our own keys, and each partner's certificates by the partner's key."""

    ours: HeldKeys
    theirs: dict[str, Held]

    @classmethod
    def read(cls, book: Book) -> Self:
        """The files that the book names. What cannot be read is among the faults. Errors: Faulty for a pass phrase that is missing."""
        return cls(
            ours=read_own_keys(book.identity),
            theirs={partner.key: read_held(partner.as2.certificates) for partner in book.partners},
        )

    def faults(self, now: datetime) -> tuple[Fault, ...]:
        """Files that could not be read, and certificates that have ended or soon will."""
        held = (self.ours.certificates, *self.theirs.values())
        return (
            *self.ours.faults,
            *(fault for one in held for fault in one.faults),
            *(fault for one in held for fault in expiry(one, now)),
        )

    def own(self) -> tuple[OwnKey, ...]:
        """Our keys for decrypting, newest first: all that we still have."""
        return self.ours.keys

    def signing(self, now: datetime) -> OwnKey:
        """The key we sign with. Errors: Faulty (PRT-NO-SIGNING-KEY) where none is in force."""
        key = for_signing(self.ours.keys, now)
        if key is None:
            raise Faulty([Fault.of("PRT-NO-SIGNING-KEY")])
        return key

    def of(self, partner: Partner) -> tuple[Certificate, ...]:
        """A partner's certificates, whatever their dates: whoever verifies looks at the dates."""
        return self.theirs[partner.key].certificates

    def recipient(self, partner: Partner, now: datetime) -> Certificate:
        """The certificate we encrypt to. Errors: Faulty (PRT-NO-RECIPIENT) where none is in force."""
        certificate = for_encryption(self.of(partner), now)
        if certificate is None:
            raise Faulty([Fault.of("PRT-NO-RECIPIENT", Place(file=str(partner.source)), partner.key)])
        return certificate
