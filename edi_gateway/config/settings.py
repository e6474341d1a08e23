"""The gateway's own settings: gateway.toml of a home folder, read and checked."""

import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from edi_gateway.config import keys
from edi_gateway.config.alerting import AlertSettings, read_alerts
from edi_gateway.config.declared import Key, Reading
from edi_gateway.config.retaining import RetentionSettings, read_retention
from edi_gateway.config.secret import Secret
from edi_gateway.config.tomlmarks import TomlFault, read_toml
from edi_gateway.faults import Fault, Faulty, Place

FILE_NAME = "gateway.toml"
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentitySettings:
    """Who we are: AS2 name, X12 identity, key and certificate files (newest first), public address."""

    as2_id: str
    qualifier: str
    id: str
    group_id: str
    keys: tuple[Path, ...]
    certificates: tuple[Path, ...]
    passphrase: Secret | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """The HTTP server. Units: `max_body` in bytes."""

    host: str = keys.HOST.default
    port: int = keys.PORT.default
    processes: int = keys.PROCESSES.default
    threads: int = keys.SERVER_THREADS.default
    max_body: int = keys.MAX_BODY.default
    proxies: int = keys.PROXIES.default


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleSettings:
    """The console: served beside AS2, open to these networks only."""

    password_file: Path
    secret_file: Path
    networks: tuple[Network, ...]
    session: timedelta = keys.SESSION.default
    secure_cookie: bool = keys.SECURE_COOKIE.default

    def allows(self, address: str) -> bool:
        """Whether the console may be used from an address."""
        return _stands_in(address, self.networks)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiSettings:
    """The API of documents. Units: `max_body` in bytes, `rate` in requests a minute."""

    networks: tuple[Network, ...]
    max_body: int = keys.API_MAX_BODY.default
    rate: int = keys.API_RATE.default

    def allows(self, address: str) -> bool:
        """Whether the API may be used from an address."""
        return _stands_in(address, self.networks)


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsSettings:
    """The page for Prometheus."""

    networks: tuple[Network, ...]

    def allows(self, address: str) -> bool:
        """Whether it may be read from an address."""
        return _stands_in(address, self.networks)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSettings:
    """The database and the folder for large payloads. `url` has no password in it; `connect_url()` has."""

    url: str
    payloads: Path
    password: Secret | None = None

    def connect_url(self) -> str:
        """The address to connect with. Errors: Faulty where the password's reference leads nowhere."""
        if self.password is None:
            return self.url
        parts = urlsplit(self.url)
        user, _, address = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=f"{user}:{quote(self.password.reveal(), safe='')}@{address}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpSettings:
    """The folders shared with the ERP. `complete` is "stable", "rename" or "semaphore"."""

    folder: Path
    complete: str = keys.COMPLETE.default


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkSettings:
    """The worker and the scan of the ERP folders."""

    processes: int = keys.WORK_PROCESSES.default
    threads: int = keys.WORK_THREADS.default
    scan: timedelta = keys.SCAN.default


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """What is logged, and how."""

    level: str = keys.LOG_LEVEL.default
    format: str = keys.LOG_FORMAT.default


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that gateway.toml says, paths resolved against the home folder."""

    home: Path
    identity: IdentitySettings
    server: ServerSettings
    console: ConsoleSettings
    api: ApiSettings
    metrics: MetricsSettings
    database: DatabaseSettings
    erp: ErpSettings
    work: WorkSettings
    log: LogSettings
    alerts: AlertSettings
    retention: RetentionSettings

    @property
    def partners(self) -> Path:
        """The folder of the partner files."""
        return self.home / "partners"


def load_settings(home: Path) -> Settings:
    """The settings of a home folder. Errors: Faulty with every CFG- fault found, each with file, line and column."""
    home = home.absolute()
    file = home / FILE_NAME
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise Faulty([Fault.of("CFG-ABSENT", Place(file=str(file)), home=home)]) from None
    except (OSError, UnicodeDecodeError) as wrong:
        raise Faulty([Fault.of("CFG-UNREADABLE", Place(file=str(file)), reason=wrong)]) from None
    try:
        root = read_toml(text, str(file))
    except TomlFault as wrong:
        raise Faulty([Fault.of("CFG-SYNTAX", wrong.place, reason=wrong.words)]) from None
    reading = Reading(root, keys.GATEWAY_KEYS, family="CFG", base=home)
    reading.check_keys()
    settings = _settings(reading, home)
    if reading.faults:
        raise Faulty(sorted(reading.faults, key=lambda fault: (fault.place.line or 0, fault.place.column or 0)))
    return settings


def _settings(reading: Reading, home: Path) -> Settings:
    get = reading.get
    our_id = get(keys.ID)
    password, passphrase = get(keys.DATABASE_PASSWORD), get(keys.PASSPHRASE)
    return Settings(
        home=home,
        identity=IdentitySettings(
            as2_id=get(keys.AS2_ID),
            qualifier=get(keys.QUALIFIER),
            id=our_id,
            group_id=get(keys.GROUP_ID) or our_id,
            keys=reading.files(keys.KEYS),
            certificates=reading.files(keys.CERTIFICATES),
            passphrase=Secret(reference=passphrase, base=home) if passphrase else None,
            url=get(keys.PUBLIC_URL),
        ),
        server=ServerSettings(
            host=get(keys.HOST),
            port=get(keys.PORT),
            processes=get(keys.PROCESSES),
            threads=get(keys.SERVER_THREADS),
            max_body=get(keys.MAX_BODY),
            proxies=get(keys.PROXIES),
        ),
        console=ConsoleSettings(
            password_file=reading.path(get(keys.PASSWORD_FILE)),
            secret_file=reading.path(get(keys.SECRET_FILE)),
            networks=_networks(reading, keys.NETWORKS),
            session=get(keys.SESSION),
            secure_cookie=get(keys.SECURE_COOKIE),
        ),
        api=ApiSettings(networks=_networks(reading, keys.API_NETWORKS), max_body=get(keys.API_MAX_BODY), rate=get(keys.API_RATE)),
        metrics=MetricsSettings(networks=_networks(reading, keys.METRICS_NETWORKS)),
        database=DatabaseSettings(
            url=get(keys.DATABASE_URL) or f"sqlite:///{home / 'data' / 'gateway.db'}",
            payloads=reading.path(get(keys.PAYLOADS)),
            password=Secret(reference=password, base=home) if password else None,
        ),
        erp=ErpSettings(folder=reading.path(get(keys.ERP_FOLDER)), complete=get(keys.COMPLETE)),
        work=WorkSettings(processes=get(keys.WORK_PROCESSES), threads=get(keys.WORK_THREADS), scan=get(keys.SCAN)),
        log=LogSettings(level=get(keys.LOG_LEVEL), format=get(keys.LOG_FORMAT)),
        alerts=read_alerts(reading),
        retention=read_retention(reading),
    )


def _networks(reading: Reading, key: Key[tuple[str, ...]]) -> tuple[Network, ...]:
    networks: list[Network] = []
    for written in reading.get(key):
        try:
            networks.append(ipaddress.ip_network(written, strict=False))
        except ValueError as wrong:
            reading.fault("VALUE", reading.place(key), written, key=key.path, hint=f"{wrong}.")
    return tuple(networks)


def _stands_in(address: str, networks: tuple[Network, ...]) -> bool:
    """Whether an address is of one of these networks; what is no address is of none."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found.version == network.version and found in network for network in networks)
