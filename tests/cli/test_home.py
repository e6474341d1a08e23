"""`init`, `doctor`, `password` and `partner`: a new home is good, and what is wrong with one is named with what to do."""

import http.server
import os
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import argon2
import pytest

from edi_gateway.bootstrap import House, read_terms
from edi_gateway.config import load_settings
from edi_gateway.demo.homes import Pair, free_port
from edi_gateway.home import read_password_hash
from edi_gateway.home.password import ALPHABET
from edi_gateway.testing.keys import write_key

from .conftest import Run

PASSWORD = "four random short words"


@pytest.fixture
def home(run: Run, tmp_path: Path) -> Path:
    """A new home."""
    target = tmp_path / "home"
    assert run("init", target, "--as2-id", "OURCO", "--port", free_port()).code == 0
    return target


@pytest.fixture
def trading(pair: Pair, tmp_path: Path) -> Path:
    """A copy of a home that has a partner, to be spoilt."""
    return Path(shutil.copytree(pair.supplier.home, tmp_path / "supplier"))


def password_of(home: Path) -> str:
    return read_password_hash(load_settings(home).console.password_file)


def test_a_fresh_home_is_good_in_every_check(home: Path, run: Run) -> None:
    doctor = run("doctor", "--home", home)
    assert (doctor.code, doctor.err) == (0, "")
    checks, notes = ([line for line in doctor.out.splitlines() if line.startswith(" ") is indented] for indented in (False, True))
    assert {line.split("  ")[0] for line in checks} == {"ok", "left out"}
    assert [line.split()[0] for line in notes] == ["CFG-NO-ADDRESS"]
    partners = run("partner", "check", "--home", home)
    assert (partners.code, partners.out, partners.err) == (0, "0 good partner files, 0 findings\n", "")


def test_a_home_that_trades_is_good_in_every_check(pair: Pair, run: Run) -> None:
    said = run("doctor", "--json", "--home", pair.supplier.home).json()
    assert (said["faults"], {one["status"] for one in said["checks"]}) == (0, {"ok", "left out"})
    assert run("partner", "check", "--json", "--home", pair.supplier.home).json() == {"partners": ["retailer"], "faults": []}


def test_init_makes_a_password_and_shows_it_once(run: Run, tmp_path: Path) -> None:
    ran = run("init", tmp_path / "home", "--as2-id", "OURCO")
    [line] = [line for line in ran.out.splitlines() if "shown this once" in line]
    shown = line.rpartition("  ")[2]
    assert set(shown) <= {*ALPHABET, "-"}
    assert argon2.PasswordHasher().verify(password_of(tmp_path / "home"), shown)


def test_init_takes_a_password_from_a_file_and_shows_none(run: Run, tmp_path: Path) -> None:
    ran = run("init", tmp_path / "home", "--as2-id", "OURCO", "--password-file", "-", stdin=f"{PASSWORD}\nsecond line\n".encode())
    assert ran.code == 0
    assert PASSWORD not in ran.out
    assert "shown this once" not in ran.out
    assert argon2.PasswordHasher().verify(password_of(tmp_path / "home"), PASSWORD)


def test_init_says_what_to_do_next(run: Run, tmp_path: Path) -> None:
    home = tmp_path / "home"
    given = ("--as2-id", "OUR CO", "--x12-id", "OURCO", "--qualifier", "01", "--url", "https://edi.ourco.example/as2", "--port", 9123)
    said = run("init", home, *given, "--json").json()
    assert (said["home"], Path(said["certificate"]).is_file()) == (str(home), True)
    assert [step.rpartition(": ")[2] for step in said["next"][2:]] == [
        f"edi-gateway doctor --home {home}",
        f"edi-gateway serve --home {home}",
    ]
    settings = load_settings(home)
    identity = settings.identity
    assert (identity.as2_id, identity.qualifier, identity.id) == ("OUR CO", "01", "OURCO")
    assert (identity.url, settings.server.port) == ("https://edi.ourco.example/as2", 9123)


REFUSED = {
    "a name that no ISA can hold": (["--as2-id", "OURCO", "--x12-id", "MORE THAN FIFTEEN CHARACTERS"], "CFG-IDENTITY"),
    "an address that is none": (["--as2-id", "OURCO", "--url", "edi.ourco.example"], "CFG-IDENTITY"),
    "a pass phrase that is nowhere": (["--as2-id", "OURCO", "--passphrase", "env:NOT_SET_ANYWHERE"], "CFG-SECRET-MISSING"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_init_refuses_what_does_not_fit_and_makes_nothing(case: str, run: Run, tmp_path: Path) -> None:
    given, code = REFUSED[case]
    ran = run("init", tmp_path / "home", *given)
    assert (ran.code, ran.err.split("  ")[0]) == (2, code)
    assert not (tmp_path / "home").exists()


def test_a_short_password_is_refused(run: Run, tmp_path: Path) -> None:
    ran = run("init", tmp_path / "home", "--as2-id", "OURCO", "--password-file", "-", stdin=b"short\n")
    assert (ran.code, ran.err.split("  ")[0]) == (2, "CFG-PASSWORD-SHORT")


def test_init_overwrites_nothing(home: Path, run: Run) -> None:
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    ran = run("init", home, "--as2-id", "OTHER")
    assert (ran.code, ran.err.split("  ")[0]) == (2, "CFG-HOME-TAKEN")
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before


def test_the_home_may_come_from_the_environment(home: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("partner", "list").code == 2
    monkeypatch.setattr(os, "environ", {**os.environ, "EDI_GATEWAY_HOME": str(home)})
    monkeypatch.chdir(home)
    assert run("partner", "list").code == 0


def test_the_password_can_be_changed(home: Path, run: Run) -> None:
    assert run("password", "--home", home, "--password-file", "-", stdin=f"{PASSWORD}\n".encode()).code == 0
    assert argon2.PasswordHasher().verify(password_of(home), PASSWORD)
    shown = run("password", "--home", home, "--generate").out.splitlines()[0].rpartition("  ")[2]
    assert argon2.PasswordHasher().verify(password_of(home), shown)


def test_a_password_is_not_asked_for_where_nobody_sits(home: Path, run: Run) -> None:
    before = password_of(home)
    assert run("password", "--home", home).code == 2
    assert run("password", "--home", home, "--generate", "--password-file", "-").code == 2
    assert run("password", "--home", home, "--password-file", "-", stdin=b"short\n").code == 2
    assert password_of(home) == before


def spoil(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))


SPOILT = {
    "settings": ("gateway.toml", "port = ", "prot = ", "CFG-KEY-UNKNOWN"),
    "partners": ("partners/retailer.yaml", "  url:", "  ulr:", "PRT-KEY-UNKNOWN"),
    "console": ("console.password", "$argon2", "$bcrypt", "CFG-PASSWORD-UNREADABLE"),
    "own key": ("certs/own.key.pem", "PRIVATE", "PUBLIC", "AS2-KEY-UNREADABLE"),
}


@pytest.mark.parametrize("check", SPOILT)
def test_the_doctor_names_what_is_wrong_and_what_to_do(check: str, trading: Path, run: Run) -> None:
    name, before, after, code = SPOILT[check]
    spoil(trading / name, before, after)
    ran = run("doctor", "--home", trading)
    lines = ran.out.splitlines()
    [at] = [number for number, line in enumerate(lines) if line.startswith("fault ") and line.split("  ", 1)[1].strip().startswith(check)]
    assert ran.code == 1
    assert lines[at + 1].strip().startswith(f"{code}  ")


def test_the_doctor_says_the_same_in_json(trading: Path, run: Run) -> None:
    name, before, after, code = SPOILT["settings"]
    spoil(trading / name, before, after)
    said = run("doctor", "--json", "--home", trading).json()
    assert [(one["name"], [fault["code"] for fault in one["faults"]]) for one in said["checks"]] == [("settings", [code])]


def test_the_doctor_names_a_certificate_that_has_ended(trading: Path, run: Run) -> None:
    ran = run("doctor", "--home", trading, "--now", "2055-01-01")
    assert ran.code == 1
    assert "PRT-CERT-EXPIRED" in ran.out
    assert "PRT-NO-SIGNING-KEY" in ran.out


def test_the_doctor_compiles_the_homes_own_maps(trading: Path, run: Run) -> None:
    (trading / "maps" / "flat").mkdir()
    (trading / "maps" / "flat" / "broken.yaml").write_text("map: flat/broken\nrecord: Invoice\n")
    ran = run("doctor", "--home", trading)
    assert ran.code == 1
    assert f"MAP-104  {trading / 'maps' / 'flat' / 'broken.yaml'}" in ran.out


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_the_doctor_finds_a_folder_that_cannot_be_written(trading: Path, run: Run) -> None:
    (trading / "data").chmod(0o500)
    assert "CFG-FOLDER" in run("doctor", "--home", trading).out


def test_the_doctor_finds_a_folder_that_is_missing(trading: Path, run: Run) -> None:
    (trading / "data").rmdir()
    ran = run("doctor", "--home", trading)
    assert ran.code == 1
    assert f"CFG-FOLDER  {trading / 'data'} cannot be used" in ran.out


def test_the_doctor_finds_a_database_that_is_none(trading: Path, run: Run) -> None:
    (trading / "data" / "gateway.db").write_bytes(b"this is no database" * 100)
    ran = run("doctor", "--home", trading)
    assert ran.code == 1
    assert "STO-10" in ran.out


def test_the_doctor_leaves_no_file_behind(trading: Path, run: Run) -> None:
    run("doctor", "--home", trading)
    assert list(trading.rglob("*doctor*")) == []


def test_the_doctor_opens_the_database_that_is_there(trading: Path, run: Run) -> None:
    assert "there is none yet" in run("doctor", "--home", trading).out
    House(read_terms(trading)).close()
    assert "0 work items wait for a person" in run("doctor", "--home", trading).out


def test_without_a_home_there_is_nothing_to_examine(run: Run, tmp_path: Path) -> None:
    ran = run("doctor", "--home", tmp_path)
    assert (ran.code, ran.out, ran.err.split("  ")[0]) == (2, "", "CFG-ABSENT")


def test_a_gateway_that_should_run_and_does_not_is_not_reachable(home: Path, run: Run) -> None:
    ran = run("doctor", "--home", home, "--running")
    assert ran.code == 3
    assert "CFG-UNREACHABLE" in ran.out


class Page(http.server.BaseHTTPRequestHandler):
    """A server that is no gateway."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>Welcome</html>")

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def stranger() -> Iterator[int]:
    """The port of a server that is no gateway."""
    with http.server.HTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_another_server_on_our_port_is_told_from_a_gateway(home: Path, stranger: int, run: Run) -> None:
    port = load_settings(home).server.port
    spoil(home / "gateway.toml", f"port = {port}", f"port = {stranger}")
    ran = run("doctor", "--home", home)
    assert ran.code == 1
    assert "CFG-OTHER-SERVER" in ran.out


def test_partners_are_listed_with_what_they_trade(pair: Pair, run: Run) -> None:
    [one] = run("partner", "list", "--json", "--home", pair.supplier.home).json()["partners"]
    assert (one["partner"], one["as2_id"], one["isa"]) == ("retailer", "RETAILER", "ZZ:RETAILER")
    assert (one["receive"], one["send"]) == (["850", "812"], ["855", "856", "810", "812"])
    shown = run("partner", "list", "--home", pair.supplier.home)
    assert "850 812" in shown.out


def test_a_partner_is_shown_with_its_defaults_and_fingerprints(pair: Pair, run: Run) -> None:
    said = run("partner", "show", "retailer", "--json", "--home", pair.supplier.home).json()
    assert (said["as2"]["security"]["sign"], said["as2"]["mdn"], said["retry"]["first"]) == ("sha256", "sync", "1s")
    fingerprint = said["certificates"][0]["fingerprint"]
    lines = run("partner", "show", "retailer", "--home", pair.supplier.home).out.splitlines()
    assert any(line.split() == ["certificates[1].fingerprint", fingerprint] for line in lines)
    assert any(line.split() == ["as2.security.sign", "sha256"] for line in lines)


def test_a_partner_is_shown_in_the_words_of_its_file(pair: Pair, run: Run) -> None:
    lines = dict(line.split(maxsplit=1) for line in run("partner", "show", "retailer", "--home", pair.supplier.home).out.splitlines())
    names = ("x12.suffix", "x12.usage", "retry.jitter", "retry.first", "as2.max_bytes")
    assert tuple(lines[name] for name in names) == ("lf", "production", "10%", "1s", "100MiB")


def test_the_doctor_lists_every_own_key(trading: Path, run: Run) -> None:
    older = write_key(trading / "certs", "older", datetime.now(UTC) - timedelta(days=30), timedelta(days=300))
    spoil(trading / "gateway.toml", '"certs/own.key.pem"', f'"certs/own.key.pem", "certs/{older.key.name}"')
    spoil(trading / "gateway.toml", '"certs/own.cert.pem"', f'"certs/own.cert.pem", "certs/{older.certificate.name}"')
    [line] = [line for line in run("doctor", "--home", trading).out.splitlines() if " own key " in line]
    assert "signs with SUPPLIER, RSA 2048" in line
    assert "also decrypts with older, RSA 2048" in line


def test_a_certificate_of_ours_that_ends_is_named_by_its_own_file(trading: Path, run: Run) -> None:
    soon = f"{datetime.now(UTC) + timedelta(days=3 * 365 - 20):%Y-%m-%d}"
    said = run("doctor", "--home", trading, "--now", soon).out
    assert f"PRT-CERT-ENDS-SOON  {trading / 'certs' / 'own.cert.pem'}" in said
    assert "own.key.pem" not in said


def test_the_doctor_notes_that_our_own_address_is_missing(trading: Path, run: Run) -> None:
    assert "CFG-NO-ADDRESS" not in run("doctor", "--home", trading).out
    spoil(trading / "gateway.toml", "\nurl = ", "\n# url = ")
    ran = run("doctor", "--home", trading)
    assert ran.code == 0
    assert "CFG-NO-ADDRESS" in ran.out


def test_an_unknown_partner_is_told_with_the_nearest_right_name(pair: Pair, run: Run) -> None:
    ran = run("partner", "show", "retialer", "--home", pair.supplier.home)
    assert (ran.code, ran.err.split("  ")[0]) == (2, "CFG-PARTNER-UNKNOWN")
    assert "Did you mean retailer?" in ran.err


def test_a_partner_file_can_be_checked_before_it_is_put_in_place(pair: Pair, run: Run, tmp_path: Path) -> None:
    home = pair.supplier.home
    fresh = tmp_path / "fresh.yaml"
    fresh.write_text((home / "partners" / "retailer.yaml").read_text().replace("RETAILER", "FRESH"))
    assert run("partner", "check", fresh, "--home", home).code == 0
    spoil(fresh, "mdn: sync", "mdn: snyc")
    ran = run("partner", "check", fresh, "--home", home)
    assert ran.code == 1
    assert ran.out.startswith(f"PRT-VALUE  {fresh}:")
    assert run("partner", "check", tmp_path / "none.yaml", "--home", home).code == 2


def test_a_faulty_partner_file_is_a_finding_of_the_whole_home(trading: Path, run: Run) -> None:
    spoil(trading / "partners" / "retailer.yaml", "certs/retailer.pem", "certs/retialer.pem")
    ran = run("partner", "check", "--home", trading)
    assert ran.code == 1
    assert ran.out.startswith(f"PRT-FILE-MISSING  {trading / 'partners' / 'retailer.yaml'}:")
    assert ran.out.endswith("0 good partner files, 1 finding\n")
