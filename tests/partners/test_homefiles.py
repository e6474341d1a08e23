"""The files of a home that its configuration is made of: gathered as a set, and written as files again."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edi_gateway.faults import Faulty
from edi_gateway.fileset import FileSet
from edi_gateway.partners.homefiles import home_files, write_files
from edi_gateway.testing.keys import made

NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True)
# What stands in our code is tried, too, and a secret is refused.
CONTENT = st.binary(max_size=60).filter(lambda content: b"KEY" not in content)
CERTIFICATE = made("acme").certificate


def partner(certificates: list[str]) -> bytes:
    return f"as2:\n  certificates: [{', '.join(certificates)}]\n".encode()


@st.composite
def sets(draw: st.DrawFn) -> FileSet:
    """A configuration as files may give it, good or not: gathering judges nothing."""
    certificates = {f"certs/{name}.pem" for name in draw(st.lists(NAMES, max_size=2))}
    files = {f"partners/{name}.yaml": partner(sorted(certificates)) for name in draw(st.lists(NAMES, min_size=1, max_size=3))}
    files |= dict.fromkeys(certificates, CERTIFICATE)
    for folder in ("maps/", "maps/x12/004010/", "schemas/flat/", "schemas/x12/guides/acme/", "tables/"):
        ending = ".csv" if folder == "tables/" else ".yaml"
        files |= {f"{folder}{name}{ending}": draw(CONTENT) for name in draw(st.lists(NAMES, max_size=2))}
    return FileSet(files=files, root=Path("home"))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sets())
def test_what_is_written_as_files_is_gathered_as_the_same_set(tmp_path_factory: pytest.TempPathFactory, one: FileSet) -> None:
    folder = tmp_path_factory.mktemp("set") / "out"
    write_files(one, folder)
    found = home_files(folder)
    assert found.faults == ()
    assert found.files.files == one.files
    assert found.files.digest == one.digest


def test_a_set_is_written_into_an_empty_folder_only(tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("mine")
    with pytest.raises(Faulty, match="CFG-SET-TAKEN"):
        write_files(FileSet(files={}, root=tmp_path), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["other.txt"]


def test_no_path_leads_out_of_the_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="leads out"):
        write_files(FileSet(files={"../x.yaml": b"x"}, root=tmp_path), tmp_path / "out")
    assert not (tmp_path / "x.yaml").exists()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for folder in ("partners/examples", "maps/.old", "certs"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "gateway.toml").write_text("")
    (tmp_path / "certs" / "acme.pem").write_bytes(CERTIFICATE)
    (tmp_path / "certs" / "own.key.pem").write_bytes(made("us").private)
    (tmp_path / "partners" / "examples" / "x.yaml").write_text("as2: {}")
    (tmp_path / "maps" / ".old" / "a.yaml").write_text("map: a")
    (tmp_path / "maps" / "notes.md").write_text("read me")
    return tmp_path


def test_settings_keys_examples_and_hidden_files_are_not_taken(home: Path) -> None:
    (home / "partners" / "acme.yaml").write_bytes(partner(["./certs/../certs/acme.pem"]))
    assert sorted(home_files(home).files.files) == ["certs/acme.pem", "partners/acme.yaml"]


def test_a_certificate_outside_the_home_is_left_where_it_stands(home: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "acme.pem"
    outside.write_bytes(CERTIFICATE)
    (home / "partners" / "acme.yaml").write_bytes(partner([str(outside), "../outside.pem"]))
    assert sorted(home_files(home).files.files) == ["partners/acme.yaml"]


@pytest.mark.parametrize("where", ["certs/acme.pem", "partners/acme.yaml", "maps/a.yaml"])
def test_a_private_key_is_never_taken(home: Path, where: str) -> None:
    (home / "partners" / "acme.yaml").write_bytes(partner(["certs/acme.pem"]))
    with (home / where).open("ab") as file:
        file.write(made("us").private)
    found = home_files(home)
    assert [(fault.code, fault.place.file) for fault in found.faults] == [("CFG-SET-SECRET", str(home / where))]
    assert not any(b"PRIVATE" in content for content in found.files.files.values())
