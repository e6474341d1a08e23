"""Ourselves as partners see us, from the gateway's settings."""

from edi_gateway.config import Settings
from edi_gateway.partners.agreement import Identity, X12Identity


def own_identity(settings: Settings) -> Identity:
    """The identity that gateway.toml gives us."""
    own = settings.identity
    return Identity(
        as2_id=own.as2_id,
        x12=X12Identity(qualifier=own.qualifier, id=own.id, group_id=own.group_id),
        keys=own.keys,
        certificates=own.certificates,
        url=own.url,
        passphrase=own.passphrase,
    )
