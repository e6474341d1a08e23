"""Certificates and own keys from the files that agreements name, and which of them to use at a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from edi_gateway.as2.identity import Certificate, OwnKey, read_certificates, read_own_key, read_p12
from edi_gateway.faults import Fault, Place
from edi_gateway.fileset import Entry
from edi_gateway.partners.agreement import Identity

WARNING_DAYS = (60, 30, 14, 7, 1)
"""How many days before a certificate's end a person is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The certificates of one party, in the order of its files, each with its file; the faults of the files that gave none."""

    certificates: tuple[Certificate, ...] = ()
    files: tuple[Path, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldKeys:
    """Our own keys, newest first, each with its file and that of its certificate; the faults of the files that gave none."""

    keys: tuple[OwnKey, ...] = ()
    files: tuple[Path, ...] = ()
    certificate_files: tuple[Path, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def certificates(self) -> Held:
        """The certificates of the keys, as those of any party."""
        return Held(certificates=tuple(key.certificate for key in self.keys), files=self.certificate_files)


def read_held(files: Iterable[Entry]) -> Held:
    """The certificates of these files."""
    certificates: list[Certificate] = []
    origins: list[Path] = []
    faults: list[Fault] = []
    for file in files:
        content = _content(file)
        found = read_certificates(content, file=str(file)) if isinstance(content, bytes) else content
        if isinstance(found, Fault):
            faults.append(found)
            continue
        fresh = [one for one in found if one not in certificates]
        certificates += fresh
        origins += [Path(str(file))] * len(fresh)
    return Held(certificates=tuple(certificates), files=tuple(origins), faults=tuple(faults))


def read_own_keys(identity: Identity) -> HeldKeys:
    """Our keys, each with the certificate that was made for it. Errors: Faulty where the pass phrase's reference leads nowhere."""
    passphrase = identity.passphrase.reveal() if identity.passphrase else None
    found = [(file, _own_key(file, identity.certificates, passphrase)) for file in identity.keys]
    good = [(file, *one) for file, one in found if not isinstance(one, Fault)]
    return HeldKeys(
        keys=tuple(key for _, key, _ in good),
        files=tuple(file for file, _, _ in good),
        certificate_files=tuple(certificate for _, _, certificate in good),
        faults=tuple(one for _, one in found if isinstance(one, Fault)),
    )


def _own_key(file: Path, certificates: Iterable[Path], passphrase: str | None) -> tuple[OwnKey, Path] | Fault:
    """A key and the file that its certificate stands in."""
    content = _content(file)
    if isinstance(content, Fault):
        return content
    if file.suffix.lower() in (".p12", ".pfx"):
        bundle = read_p12(content, passphrase=passphrase, file=str(file))
        return bundle if isinstance(bundle, Fault) else (bundle, file)
    unread: Fault | None = None
    for path in certificates:
        certificate = _content(path)
        if isinstance(certificate, Fault):
            unread = unread or certificate
            continue
        found = read_own_key(content, certificate, passphrase=passphrase, file=str(file))
        if isinstance(found, OwnKey):
            return found, path
        if found.code == "AS2-CERT-UNREADABLE":
            return found.at(file=str(path))
        if found.code != "AS2-KEY-MISMATCH":
            return found
    # A certificate that cannot be read may be the key's.
    return unread or Fault.of("PRT-KEY-ALONE", Place(file=str(file)))


def _content(file: Entry) -> bytes | Fault:
    try:
        return file.read_bytes()
    except OSError as wrong:
        return Fault.of("PRT-CERT-UNREADABLE", Place(file=str(file)), reason=wrong.strerror or wrong)


def in_force(certificates: Iterable[Certificate], when: datetime) -> tuple[Certificate, ...]:
    """Those valid at a time: what a signature may be verified with."""
    return tuple(one for one in certificates if one.in_force(when))


def for_encryption(certificates: Iterable[Certificate], when: datetime) -> Certificate | None:
    """The newest that is in force and whose key may and can encrypt; None where there is none."""
    fitting = [one for one in in_force(certificates, when) if isinstance(one.key, rsa.RSAPublicKey) and _may_encrypt(one)]
    return max(fitting, key=lambda one: one.not_before, default=None)


def _may_encrypt(certificate: Certificate) -> bool:
    """Whether the certificate's key usage, where it has one, allows key encipherment. Source: RFC 5280 section 4.2.1.3."""
    extensions = x509.load_der_x509_certificate(certificate.der).extensions
    try:
        return extensions.get_extension_for_class(x509.KeyUsage).value.key_encipherment
    except x509.ExtensionNotFound:
        return True


def for_signing(keys: Iterable[OwnKey], when: datetime) -> OwnKey | None:
    """The first of our keys whose certificate is in force; None where there is none."""
    return next((one for one in keys if one.certificate.in_force(when)), None)


def warning_step(certificate: Certificate, now: datetime) -> int | None:
    """The warning that is due: 60, 30, 14, 7 or 1 (days before the end), 0 after the end, None before the first."""
    days = (certificate.not_after - now).total_seconds() / 86_400
    if days < 0:
        return 0
    return min((step for step in WARNING_DAYS if days <= step), default=None)


def successor(certificate: Certificate, certificates: Iterable[Certificate]) -> Certificate | None:
    """The one that takes over when a certificate ends: of those in force at its end the one that lasts longest; None where none is."""
    others = [one for one in certificates if one != certificate and one.not_after > certificate.not_after]
    return max(in_force(others, certificate.not_after), key=lambda one: one.not_after, default=None)


def expiry(held: Held, now: datetime) -> tuple[Fault, ...]:
    """What a person should know of a party's certificates: expired ones, those that end soon or begin later; none in force.

    Shape:  of one whose successor is held already, only a note.
    """
    faults: list[Fault] = []
    for certificate, file in zip(held.certificates, held.files, strict=True):
        heir = successor(certificate, held.certificates)
        fault = _ending(certificate, heir if heir and heir.in_force(max(now, certificate.not_after)) else None, now)
        if fault is not None:
            faults.append(fault.at(file=str(file)))
    if held.certificates and not in_force(held.certificates, now):
        faults.append(Fault.of("PRT-CERT-NONE-IN-FORCE", Place(file=str(held.files[0])), str(len(held.certificates))))
    return tuple(faults)


def _ending(certificate: Certificate, heir: Certificate | None, now: datetime) -> Fault | None:
    """What is to be said of one certificate's dates."""
    facts: dict[str, object] = {"subject": certificate.common_name, "serial": certificate.serial}
    ending: dict[str, object] = {**facts, "until": _words(certificate.not_after)}
    if heir is not None:
        ending |= {"heir": heir.common_name, "heir_serial": heir.serial, "heir_until": _words(heir.not_after)}
    step = warning_step(certificate, now)
    if step == 0:
        return Fault.of("PRT-CERT-EXPIRED" if heir is None else "PRT-CERT-PAST", None, None, **ending)
    if certificate.not_before > now:
        return Fault.of("PRT-CERT-EARLY", None, None, since=_words(certificate.not_before), **facts)
    if step is not None:
        code = "PRT-CERT-ENDS-SOON" if heir is None else "PRT-CERT-RELIEVED"
        return Fault.of(code, None, None, days=(certificate.not_after - now).days, step=step, **ending)
    return None


def _words(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC"
