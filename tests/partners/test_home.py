"""A new home: complete, private, and never over another."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import argon2
import pytest

from edi_gateway.config import Secret, load_settings
from edi_gateway.config.keys import GATEWAY_KEYS
from edi_gateway.faults import Faulty
from edi_gateway.home import MadeHome, NewIdentity, change_password, make_home, read_cookie_secret, read_password_hash
from edi_gateway.home.make import EXAMPLE_NAME
from edi_gateway.partners.book import load_book
from edi_gateway.partners.certificates import read_own_keys
from edi_gateway.partners.homefiles import home_files
from edi_gateway.partners.identity import own_identity
from edi_gateway.partners.load_documents import Known

NOW = datetime(2026, 3, 1, tzinfo=UTC)
US = NewIdentity(as2_id="OUR CO", id="OURCO")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeHome:
    return make_home(tmp_path_factory.mktemp("homes") / "deep" / "gateway", US, NOW, port=9000)


def codes(caught: pytest.ExceptionInfo[Faulty]) -> list[str]:
    return [fault.code for fault in caught.value.faults]


def test_a_new_home_has_settings_that_load(made: MadeHome) -> None:
    settings = load_settings(made.folder)
    assert (settings.identity.as2_id, settings.identity.id, settings.server.port) == ("OUR CO", "OURCO", 9000)


def test_a_new_home_has_a_key_of_its_own_in_force(made: MadeHome) -> None:
    found = read_own_keys(own_identity(load_settings(made.folder)))
    assert found.faults == ()
    [key] = found.keys
    assert key.certificate.common_name == "OUR CO"
    assert key.certificate.in_force(NOW)


def test_a_new_home_has_every_folder_and_no_partner(made: MadeHome) -> None:
    assert {path.name for path in made.folder.iterdir() if path.is_dir()} == {"partners", "certs", "maps", "schemas", "erp", "data"}
    settings = load_settings(made.folder)
    book = load_book(home_files(made.folder).files, home=made.folder, known=Known(), identity=own_identity(settings))
    assert (book.partners, book.faults) == ((), ())


def test_the_example_partners_are_there_to_copy(made: MadeHome) -> None:
    assert (made.folder / "partners" / "examples" / "acme-retail.yaml").is_file()
    assert (made.folder / "certs" / "examples" / "acme-retail.pem").is_file()


@pytest.mark.parametrize("name", ["certs/own.key.pem", "console.password", "console.secret"])
def test_what_is_secret_is_readable_by_its_owner_alone(made: MadeHome, name: str) -> None:
    assert stat.S_IMODE((made.folder / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(made.folder.stat().st_mode) == 0o700


def test_the_settings_explain_every_key(made: MadeHome) -> None:
    lines = (made.folder / "gateway.toml").read_text().splitlines()
    names = {line.removeprefix("# ").split(" = ")[0] for line in lines if " = " in line}
    assert names == {key.path.partition(".")[2].replace("*", EXAMPLE_NAME) for key in GATEWAY_KEYS}


def test_every_commented_example_can_be_switched_on(made: MadeHome, tmp_path: Path) -> None:
    names = {key.path.partition(".")[2].replace("*", EXAMPLE_NAME) for key in GATEWAY_KEYS}
    lines = (made.folder / "gateway.toml").read_text().splitlines()
    switched = [line.removeprefix("# ") if line.removeprefix("# ").split(" = ")[0] in names else line for line in lines]
    (tmp_path / "gateway.toml").write_text("\n".join(switched))
    (tmp_path / "certs").mkdir()
    (tmp_path / "certs" / "own.key.pem").touch()
    (tmp_path / "certs" / "own.cert.pem").touch()
    assert load_settings(tmp_path).erp.complete == "rename"


def test_a_password_that_was_made_is_shown_once_and_opens(made: MadeHome) -> None:
    assert made.password is not None
    assert made.password not in repr(made)
    encoded = read_password_hash(made.folder / "console.password")
    assert argon2.PasswordHasher().verify(encoded, made.password)
    assert made.password not in (made.folder / "console.password").read_text()
    assert len(read_cookie_secret(made.folder / "console.secret")) == 64


def test_a_password_that_was_given_is_not_shown(tmp_path: Path) -> None:
    home = make_home(tmp_path / "h", US, NOW, password="correct horse battery")
    assert home.password is None
    assert argon2.PasswordHasher().verify(read_password_hash(home.folder / "console.password"), "correct horse battery")


def test_a_short_password_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(Faulty) as caught:
        make_home(tmp_path / "h", US, NOW, password="1234")
    assert codes(caught) == ["CFG-PASSWORD-SHORT"]
    assert not (tmp_path / "h").exists()


def test_a_folder_that_holds_anything_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(Faulty) as caught:
        make_home(tmp_path, US, NOW)
    assert codes(caught) == ["CFG-HOME-TAKEN"]
    assert "notes.txt" in caught.value.faults[0].message
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_folder_that_cannot_be_made_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Faulty) as caught:
        make_home(tmp_path / "file" / "home", US, NOW)
    assert codes(caught) == ["CFG-HOME-UNMADE"]


def test_names_that_do_not_fit_are_all_told(tmp_path: Path) -> None:
    wrong = NewIdentity(as2_id='OUR"CO', id="X" * 16, qualifier="Z", url="edi.example.com")
    with pytest.raises(Faulty) as caught:
        make_home(tmp_path / "h", wrong, NOW)
    assert [dict(fault.detail)["key"] for fault in caught.value.faults] == [
        "identity.as2_id",
        "identity.qualifier",
        "identity.id",
        "identity.url",
    ]


def test_the_private_key_is_encrypted_where_a_pass_phrase_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDI_PHRASE", "open sesame")
    home = make_home(tmp_path / "h", US, NOW, passphrase="env:EDI_PHRASE")
    assert b"ENCRYPTED PRIVATE KEY" in (home.folder / "certs" / "own.key.pem").read_bytes()
    settings = load_settings(home.folder)
    assert settings.identity.passphrase == Secret(reference="env:EDI_PHRASE", base=home.folder)
    assert len(read_own_keys(own_identity(settings)).keys) == 1


# --- the password afterwards ---


def test_a_changed_password_takes_the_place_of_the_old(tmp_path: Path) -> None:
    file = tmp_path / "console.password"
    change_password(file, "first password")
    change_password(file, "second password")
    hasher = argon2.PasswordHasher()
    assert hasher.verify(read_password_hash(file), "second password")
    with pytest.raises(argon2.exceptions.VerifyMismatchError):
        hasher.verify(read_password_hash(file), "first password")
    assert [path.name for path in tmp_path.iterdir()] == ["console.password"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"letmein\n", b"\xff\xfe", b"$2b$12$abcdefghijklmnopqrstuv\n"])
def test_a_password_file_without_an_argon2_hash_is_a_fault(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "console.password"
    file.write_bytes(content)
    with pytest.raises(Faulty) as caught:
        read_password_hash(file)
    assert codes(caught) == ["CFG-PASSWORD-UNREADABLE"]
    assert caught.value.faults[0].place.file == str(file)


def test_a_password_file_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(Faulty) as caught:
        read_password_hash(tmp_path / "none")
    assert codes(caught) == ["CFG-PASSWORD-UNREADABLE"]


def test_a_short_cookie_secret_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("short\n")
    with pytest.raises(Faulty) as caught:
        read_cookie_secret(tmp_path / "secret")
    assert codes(caught) == ["CFG-PASSWORD-UNREADABLE"]
