"""A gateway's home folder: making a new one, and the password of its console."""

from edi_gateway.home.make import MadeHome, NewIdentity, make_home
from edi_gateway.home.password import change_password, read_cookie_secret, read_password_hash

__all__ = ["MadeHome", "NewIdentity", "change_password", "make_home", "read_cookie_secret", "read_password_hash"]
