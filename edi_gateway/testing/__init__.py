"""Fakes that ship with the gateway: for its own tests, and for those of others who build on its ports."""
