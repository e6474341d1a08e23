"""The keys of gateway.toml, declared: `settings` reads by them, the reference page is made from them."""

from datetime import timedelta
from typing import Any

from edi_gateway.config.alerting import ALERT_KEYS
from edi_gateway.config.declared import Key
from edi_gateway.config.kinds import BOOLEAN, DATABASE, DURATION, PATH, REFERENCE, SIZE, TEXT, URL, choice, integer, list_of, pattern
from edi_gateway.config.retaining import RETENTION_KEYS

X12_QUALIFIER = pattern("qualifier", "a two-character qualifier in quotes, such as ZZ, 01 or 12", "[A-Z0-9]{2}")
X12_ID = pattern("identifier", "1 to 15 printable characters in quotes, without spaces at the ends", r"[!-~](?:[ -~]{0,13}[!-~])?")
AS2_NAME = pattern(
    "AS2 name",
    "an AS2 name: 1 to 128 printable characters without quotes or backslashes",
    r"[!#-\[\]-~](?:[ !#-\[\]-~]{0,126}[!#-\[\]-~])?",
)

AS2_ID = Key(
    path="identity.as2_id",
    kind=AS2_NAME,
    default="",
    required=True,
    words="Our AS2 name: AS2-From of what we send, AS2-To of what we receive.",
    example='"OURCO"',
)
QUALIFIER = Key(
    path="identity.qualifier", kind=X12_QUALIFIER, default="ZZ", words="Our ISA qualifier, as ISA05 or ISA07 holds it.", example='"ZZ"'
)
ID = Key(path="identity.id", kind=X12_ID, default="", required=True, words="Our ISA id, without the padding.", example='"OURCO"')
GROUP_ID = Key(
    path="identity.group_id", kind=X12_ID, default="", shown="the ISA id", words="Our GS id, as GS02 or GS03 holds it.", example='"OURCO"'
)
KEYS = Key[tuple[str, ...]](
    path="identity.keys",
    kind=list_of(PATH),
    default=(),
    required=True,
    words="Our private keys, newest first: the first signs, all of them decrypt. PEM, DER or P12.",
    example='["certs/own.key.pem"]',
)
CERTIFICATES = Key[tuple[str, ...]](
    path="identity.certificates",
    kind=list_of(PATH),
    default=(),
    shown="none: each key is a P12 file with its own",
    words="Our certificates, in any order; each key needs the one that was made for it, unless it is in the same P12. PEM, DER or P7B.",
    example='["certs/own.cert.pem"]',
)
PASSPHRASE = Key[str | None](
    path="identity.passphrase",
    kind=REFERENCE,
    default=None,
    shown="the keys are not encrypted",
    words="Where the pass phrase of the keys stands: an environment variable or a file, never the phrase itself.",
    example='"env:EDI_KEY_PASSPHRASE"',
)
PUBLIC_URL = Key[str | None](
    path="identity.url",
    kind=URL,
    default=None,
    shown="not known",
    words="The address partners post to, as they see it. Needed where a partner is asked for asynchronous MDNs.",
    example='"https://edi.example.com/as2"',
)

HOST = Key(
    path="server.host",
    kind=TEXT,
    default="127.0.0.1",
    words="The address the server listens on. Put a reverse proxy before it to serve the internet.",
    example='"127.0.0.1"',
)
PORT = Key(
    path="server.port", kind=integer(0, 65_535), default=8080, words="The port the server listens on; 0 takes a free one.", example="8080"
)
PROCESSES = Key(
    path="server.processes",
    kind=integer(1, 64),
    default=1,
    words="How many processes answer requests. More than one leaves worker and clock a process of their own: one a processor is most.",
    example="2",
)
SERVER_THREADS = Key(
    path="server.threads", kind=integer(1, 256), default=16, words="How many requests a process handles at once.", example="16"
)
MAX_BODY = Key(
    path="server.max_body",
    kind=SIZE,
    default=100 * 1024**2,
    shown='"100MiB"',
    words="The largest request body that is taken; a larger one is answered with 413.",
    example='"100MiB"',
)
PROXIES = Key(
    path="server.proxies",
    kind=integer(0, 8),
    default=0,
    words="How many reverse proxies of ours stand before the server, whose X-Forwarded-For is then believed.",
    example="1",
)

NETWORKS = Key[tuple[str, ...]](
    path="console.networks",
    kind=list_of(pattern("network", "a network such as 10.0.0.0/8 or ::1/128", r"[0-9A-Fa-f.:]+/[0-9]{1,3}")),
    default=("127.0.0.0/8", "::1/128"),
    shown="this machine only",
    words="Where the console may be used from. The AS2 endpoint answers everyone.",
    example='["127.0.0.0/8", "10.1.0.0/16"]',
)
PASSWORD_FILE = Key(
    path="console.password_file",
    kind=PATH,
    default="console.password",
    words="The file that holds the hash of the console's password; `edi-gateway init` makes it.",
    example='"console.password"',
)
SECRET_FILE = Key(
    path="console.secret_file",
    kind=PATH,
    default="console.secret",
    words="The file whose content signs the console's cookies; `edi-gateway init` makes it.",
    example='"console.secret"',
)
SESSION = Key(
    path="console.session",
    kind=DURATION,
    default=timedelta(hours=12),
    shown='"12h"',
    words="How long a login to the console lasts.",
    example='"12h"',
)
SECURE_COOKIE = Key(
    path="console.secure_cookie",
    kind=BOOLEAN,
    default=False,
    words="Whether the console's cookie is sent over HTTPS only. Set it where a proxy ends TLS.",
    example="true",
)

API_NETWORKS = Key[tuple[str, ...]](
    path="api.networks",
    kind=NETWORKS.kind,
    default=NETWORKS.default,
    shown="this machine only",
    words="Where the API of documents may be used from; every request needs a token besides (`edi-gateway token create`).",
    example='["10.1.0.0/16"]',
)
METRICS_NETWORKS = Key[tuple[str, ...]](
    path="metrics.networks",
    kind=NETWORKS.kind,
    default=NETWORKS.default,
    shown="this machine only",
    words="Where Prometheus may read `/metrics` from. There is no password.",
    example='["10.2.0.7/32"]',
)
API_MAX_BODY = Key(
    path="api.max_body",
    kind=SIZE,
    default=10 * 1024**2,
    shown='"10MiB"',
    words="The largest file that the API takes; a larger one is answered with 413. Never more than `server.max_body`.",
    example='"10MiB"',
)
API_RATE = Key(
    path="api.rate",
    kind=integer(1, 100_000),
    default=120,
    words=(
        "How many requests a minute a token may make of each server process, as many at once; more are answered with 429. Each process"
        " counts in its own memory, as a count in the database would cost a write a request: with four `server.processes` a token may make"
        " up to four times as many."
    ),
    example="120",
)

DATABASE_URL = Key[str | None](
    path="database.url",
    kind=DATABASE,
    default=None,
    shown="SQLite in `data/gateway.db`",
    words="The database, as SQLAlchemy writes it, without a password.",
    example='"postgresql+psycopg://edi@db.example.com/edi"',
)
DATABASE_PASSWORD = Key[str | None](
    path="database.password",
    kind=REFERENCE,
    default=None,
    shown="none",
    words="Where the database password stands: an environment variable or a file.",
    example='"env:EDI_DATABASE_PASSWORD"',
)
PAYLOADS = Key(
    path="database.payloads",
    kind=PATH,
    default="data/payloads",
    words="The folder that holds payloads above 256 kB. On PostgreSQL all stand in the database, for every host to reach.",
    example='"data/payloads"',
)

ERP_FOLDER = Key(
    path="erp.folder", kind=PATH, default="erp", words="The folder that holds `<partner>/{in,out,archive,error,ack}`.", example='"erp"'
)
COMPLETE = Key(
    path="erp.complete",
    kind=choice("stable", "rename", "semaphore"),
    default="stable",
    words=(
        "How a file in `in/` is known to be whole. `rename`: the ERP writes another name (ending in .tmp or .part, or in"
        " another folder) and renames, so each file is taken on sight. `semaphore`: a file `<name>.done` follows it, empty or with its"
        " `sha256:`, `size:`, `records:` and `total:`, which are checked."
        " `stable`: its size and time are the same in two scans."
    ),
    example='"rename"',
)

WORK_PROCESSES = Key(
    path="work.processes",
    kind=integer(1, 64),
    default=1,
    words="How many processes translate and send. More than one leaves the folders, windows and alerts to the gateway's own process,"
    " and the work to as many further ones: one a processor is most.",
    example="2",
)
WORK_THREADS = Key(path="work.threads", kind=integer(1, 64), default=4, words="How many work items a process handles at once.", example="4")
SCAN = Key(
    path="work.scan",
    kind=DURATION,
    default=timedelta(seconds=5),
    shown='"5s"',
    words="How often the ERP folders are looked at.",
    example='"5s"',
)

LOG_LEVEL = Key(
    path="log.level",
    kind=choice("debug", "info", "warning", "error"),
    default="info",
    words="The least weight of what is logged.",
    example='"info"',
)
LOG_FORMAT = Key(
    path="log.format",
    kind=choice("text", "json"),
    default="text",
    words="A line of text or of JSON per event, on standard error.",
    example='"json"',
)

GATEWAY_KEYS: tuple[Key[Any], ...] = (
    AS2_ID, QUALIFIER, ID, GROUP_ID, KEYS, CERTIFICATES, PASSPHRASE, PUBLIC_URL,
    HOST, PORT, PROCESSES, SERVER_THREADS, MAX_BODY, PROXIES,
    NETWORKS, PASSWORD_FILE, SECRET_FILE, SESSION, SECURE_COOKIE,
    API_NETWORKS, API_MAX_BODY, API_RATE,
    METRICS_NETWORKS,
    DATABASE_URL, DATABASE_PASSWORD, PAYLOADS,
    ERP_FOLDER, COMPLETE,
    WORK_PROCESSES, WORK_THREADS, SCAN,
    LOG_LEVEL, LOG_FORMAT,
    *ALERT_KEYS,
    *RETENTION_KEYS,
)  # fmt: skip
