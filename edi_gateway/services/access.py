"""What a partner's server asks of whoever posts to it: a user's name and password, and a TLS certificate."""

from base64 import b64encode
from dataclasses import dataclass, field

from edi_gateway.partners.agreement import As2Terms, Partner
from edi_gateway.ports.channels import ClientKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What lets a POST in. It is read anew for each and kept nowhere."""

    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    client: ClientKey | None = None


def access_to(partner: Partner) -> Access:
    """What lets us post to a partner's `as2.url`. Errors: Faulty (CFG-SECRET-MISSING) where a password is not there.

    Source: RFC 7617 section 2, with UTF-8.
    """
    auth, shown = partner.as2.basic_auth, partner.as2.client
    headers: tuple[tuple[str, str], ...] = ()
    if auth is not None:
        credentials = b64encode(f"{auth.user}:{auth.password.reveal()}".encode()).decode()
        headers = (("Authorization", f"Basic {credentials}"),)
    if shown is None:
        return Access(headers=headers)
    client = ClientKey(
        certificate=str(shown.certificate),
        key=str(shown.key) if shown.key else None,
        passphrase=shown.passphrase.reveal() if shown.passphrase else None,
    )
    return Access(headers=headers, client=client)


def authorities_of(terms: As2Terms) -> str | None:
    """The CA certificates that a partner's server is checked against, as PEM; None where the system's are.

    Shape:  of a file that cannot be read any more, text that holds no certificate: no server passes then.
    """
    if terms.ca_file is None:
        return None
    try:
        content = terms.ca_file.read_bytes()
    except OSError:
        content = b""
    # Comments between the certificates may be in any encoding.
    return content.decode("ascii", errors="ignore") or "unreadable"
