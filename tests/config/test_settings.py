"""gateway.toml: what it gives, and what is said of each mistake."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from edi_gateway.config import Secret, Settings, load_settings
from edi_gateway.faults import Fault, Faulty

SHORT = """\
[identity]
as2_id = "OURCO"
id = "OURCOISA"
keys = ["certs/own.key.pem"]
certificates = ["certs/own.cert.pem"]
"""

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes gateway.toml into a home that has a key and a certificate; gives the home."""
    (tmp_path / "certs").mkdir()
    (tmp_path / "certs" / "own.key.pem").touch()
    (tmp_path / "certs" / "own.cert.pem").touch()

    def written(text: str) -> Path:
        (tmp_path / "gateway.toml").write_text(text, encoding="utf-8")
        return tmp_path

    return written


def faults_of(home: Path) -> list[Fault]:
    with pytest.raises(Faulty) as caught:
        load_settings(home)
    return list(caught.value.faults)


def the_fault(home: Path) -> Fault:
    [fault] = faults_of(home)
    assert fault.place.file == str(home / "gateway.toml")
    return fault


def test_a_short_file_has_defaults_for_all_else(write: Write) -> None:
    home = write(SHORT)
    settings = load_settings(home)
    assert isinstance(settings, Settings)
    assert settings.identity.group_id == "OURCOISA"
    assert settings.identity.qualifier == "ZZ"
    assert settings.identity.keys == (home / "certs" / "own.key.pem",)
    assert (settings.server.host, settings.server.port) == ("127.0.0.1", 8080)
    assert settings.database.url == f"sqlite:///{home}/data/gateway.db"
    assert settings.database.payloads == home / "data" / "payloads"
    assert settings.erp.folder == home / "erp"
    assert settings.work.scan == timedelta(seconds=5)
    assert settings.partners == home / "partners"


def test_every_key_can_be_set(write: Write) -> None:
    settings = load_settings(
        write(
            SHORT
            + """\
qualifier = "12"
group_id = "OURGS"
passphrase = "file:certs/phrase"
url = "https://edi.example.com/as2"

[server]
host = "0.0.0.0"
port = 9000
threads = 8
max_body = "500MiB"
proxies = 1

[console]
networks = ["10.0.0.0/8"]
password_file = "/etc/edi/password"
secret_file = "secret"
session = "1h30m"
secure_cookie = true

[database]
url = "postgresql+psycopg://edi@db/edi"
password = "env:EDI_DB"
payloads = "blobs"

[erp]
folder = "/srv/erp"
complete = "rename"

[work]
threads = 2
scan = "90s"

[log]
level = "debug"
format = "json"
"""
        )
    )
    assert (settings.identity.qualifier, settings.identity.group_id) == ("12", "OURGS")
    assert settings.identity.url == "https://edi.example.com/as2"
    assert settings.server.max_body == 500 * 1024 * 1024
    assert settings.console.session == timedelta(minutes=90)
    assert settings.console.password_file == Path("/etc/edi/password")
    assert settings.erp.folder == Path("/srv/erp")
    assert settings.erp.complete == "rename"
    assert settings.log.format == "json"
    assert settings.database.password == Secret(reference="env:EDI_DB", base=settings.home)


def test_without_a_file_the_way_to_make_one_is_told(tmp_path: Path) -> None:
    fault = the_fault(tmp_path)
    assert fault.code == "CFG-ABSENT"
    assert f"edi-gateway init {tmp_path}" in fault.fix


def test_text_that_is_not_toml_is_placed(write: Write) -> None:
    fault = the_fault(write(SHORT + "port 8080\n"))
    assert (fault.code, fault.place.line) == ("CFG-SYNTAX", 6)


def test_a_file_that_is_not_utf8_is_a_fault(write: Write) -> None:
    home = write("")
    (home / "gateway.toml").write_bytes(b"[identity]\nas2_id = '\xff'\n")
    assert the_fault(home).code == "CFG-UNREADABLE"


def test_a_file_from_a_windows_editor_reads_the_same(write: Write) -> None:
    home = write(SHORT)
    expected = load_settings(home)
    (home / "gateway.toml").write_bytes(b"\xef\xbb\xbf" + SHORT.replace("\n", "\r\n").encode())
    assert load_settings(home) == expected


def test_an_unknown_key_is_placed_and_the_nearest_named(write: Write) -> None:
    fault = the_fault(write(SHORT + "\n[server]\nhost = '127.0.0.1'\n  prot = 8080\n"))
    assert (fault.code, fault.place.line, fault.place.column) == ("CFG-KEY-UNKNOWN", 9, 3)
    assert "Did you mean port?" in fault.fix


def test_an_unknown_table_is_placed_and_the_nearest_named(write: Write) -> None:
    fault = the_fault(write(SHORT + "[sever]\nport = 1\n"))
    assert (fault.code, fault.place.line) == ("CFG-KEY-UNKNOWN", 6)
    assert "Did you mean server?" in fault.fix


@pytest.mark.parametrize(
    ("table", "line", "needs"),
    [
        ("server", 'port = "8080"', "whole number from 0 to 65535"),
        ("server", "port = 70000", "whole number from 0 to 65535"),
        ("server", "port = true", "whole number"),
        ("server", "host = 127", "text, in quotes"),
        ("server", 'max_body = "100"', "size with its unit"),
        ("console", 'session = "12"', "time with its unit"),
        ("console", 'session = "0h"', "time with its unit"),
        ("console", 'secure_cookie = "yes"', "true or false"),
        ("console", 'networks = ["10.0.0.0/99"]', "10.0.0.0/99"),
        ("console", 'networks = ["everywhere"]', "a network such as"),
        ("erp", 'complete = "renam"', "Did you mean rename?"),
        ("erp", 'folder = "../erp"', 'without ".."'),
        ("log", 'level = "loud"', "Known: debug, error, info, warning"),
        ("work", "scan = 5", "time with its unit"),
        ("database", 'url = "gateway.db"', "postgresql+psycopg://"),
        ("database", 'url = "postgresql://edi:hunter2@db/edi"', "under database.password"),
        ("database", 'password = "hunter2"', "never written here"),
    ],
)
def test_a_value_that_does_not_fit_is_placed_and_what_fits_is_told(write: Write, table: str, line: str, needs: str) -> None:
    fault = the_fault(write(f"{SHORT}\n[{table}]\n{line}\n"))
    assert (fault.code, fault.place.line) == ("CFG-VALUE", 8)
    assert fault.place.column is not None
    assert needs in fault.fix


@pytest.mark.parametrize("text", ["server = 1\n" + SHORT, SHORT + "[server.host]\nname = 'x'\n", "server = [1]\n" + SHORT])
def test_a_table_where_a_value_belongs_and_the_other_way_round(write: Write, text: str) -> None:
    assert the_fault(write(text)).code == "CFG-VALUE"


def test_required_keys_that_are_missing_are_all_told(write: Write) -> None:
    faults = faults_of(write("[identity]\nqualifier = '01'\n"))
    assert {fault.code for fault in faults} == {"CFG-KEY-MISSING"}
    assert {fault.value for fault in faults} == {"identity.as2_id", "identity.id", "identity.keys"}
    assert {fault.place.line for fault in faults} == {1}


def test_a_missing_file_is_placed_and_the_nearest_named(write: Write) -> None:
    fault = the_fault(write(SHORT.replace("own.key.pem", "own.kye.pem")))
    assert (fault.code, fault.place.line) == ("CFG-FILE-MISSING", 4)
    assert "Did you mean own.key.pem?" in fault.fix


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(write: Write) -> None:
    faults = faults_of(write(SHORT + "[server]\nport = 'x'\nthreds = 1\n[log]\nlevel = 1\n"))
    assert [fault.place.line for fault in faults] == [7, 8, 10]


def test_a_database_password_written_in_the_address_is_not_repeated_in_the_fault(write: Write) -> None:
    assert "hunter2" not in the_fault(write(SHORT + '[database]\nurl = "postgresql://edi:hunter2@db/edi"\n')).line()


# --- secrets ---


def test_a_secret_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EDI_PHRASE", "open sesame")
    assert Secret(reference="env:EDI_PHRASE", base=tmp_path).reveal() == "open sesame"


def test_a_secret_comes_from_the_first_line_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "phrase").write_text("open sesame\r\nsecond line\n")
    assert Secret(reference="file:phrase", base=tmp_path).reveal() == "open sesame"


@pytest.mark.parametrize("reference", ["env:EDI_NOT_SET", "file:none", "file:empty"])
def test_a_secret_that_is_not_there_is_a_fault(tmp_path: Path, reference: str) -> None:
    (tmp_path / "empty").touch()
    with pytest.raises(Faulty) as caught:
        Secret(reference=reference, base=tmp_path).reveal()
    assert caught.value.faults[0].code == "CFG-SECRET-MISSING"


def test_the_database_password_is_put_in_only_to_connect(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDI_DB", "p@ss/word")
    settings = load_settings(write(SHORT + '[database]\nurl = "postgresql+psycopg://edi@db:5432/edi"\npassword = "env:EDI_DB"\n'))
    assert "p@ss" not in repr(settings)
    assert settings.database.connect_url() == "postgresql+psycopg://edi:p%40ss%2Fword@db:5432/edi"


# --- where the console answers ---


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.168.1.5", False),
        ("2001:db8::1", False),
        ("", False),
        ("x", False),
    ],
)
def test_the_console_answers_this_machine_alone_by_default(write: Write, address: str, allowed: bool) -> None:
    assert load_settings(write(SHORT)).console.allows(address) is allowed


def test_the_console_answers_the_networks_it_is_given(write: Write) -> None:
    console = load_settings(write(SHORT + '[console]\nnetworks = ["10.1.0.0/16"]\n')).console
    assert console.allows("10.1.2.3")
    assert not console.allows("127.0.0.1")
