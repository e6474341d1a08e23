"""The gateway's settings, and the reading of declared keys that partner files share."""

from edi_gateway.config.alerting import AlertSettings, RouteSettings
from edi_gateway.config.secret import Secret
from edi_gateway.config.settings import (
    ConsoleSettings,
    DatabaseSettings,
    ErpSettings,
    IdentitySettings,
    LogSettings,
    ServerSettings,
    Settings,
    WorkSettings,
    load_settings,
)

__all__ = [
    "AlertSettings",
    "ConsoleSettings",
    "DatabaseSettings",
    "ErpSettings",
    "IdentitySettings",
    "LogSettings",
    "RouteSettings",
    "Secret",
    "ServerSettings",
    "Settings",
    "WorkSettings",
    "load_settings",
]
