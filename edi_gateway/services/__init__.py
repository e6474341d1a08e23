"""Use cases: what the gateway does, told in terms of ports, rows and the core packages."""
