"""The one exception of this package: bytes that are not what they claim to be. It never leaves; the doors turn it into a fault."""


class Malformed(Exception):
    """Bytes that cannot be read as the form they claim. Its text is the cause in our own words, for our own log only."""
