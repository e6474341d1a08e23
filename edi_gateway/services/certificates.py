"""Watching the certificates: what has ended, or soon will, goes into the log at every look."""

import structlog

from edi_gateway.services.gateway import Gateway

_log = structlog.get_logger(__name__)


def check_certificates(gateway: Gateway) -> int:
    """Logs every certificate that a person should look at; how many."""
    faults = gateway.keys.faults(gateway.clock.now())
    for fault in faults:
        _log.warning("certificate", code=fault.code, place=fault.place.words(), message=fault.message, fix=fault.fix)
    return len(faults)
