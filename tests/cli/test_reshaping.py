"""`edi-gateway x12 diff`, `split` and `render`: files compared, taken apart and written otherwise."""

from pathlib import Path

import pytest

from .conftest import SAMPLES, Run


def test_a_file_is_the_same_as_itself_with_other_delimiters_and_numbers(order: Path, run: Run, tmp_path: Path) -> None:
    other = tmp_path / "other.edi"
    assert run("x12", "render", order, "--element", "|", "--terminator", "0x1C", "--out", other).code == 0
    other.write_bytes(other.read_bytes().replace(b"000000101", b"000000999"))
    ran = run("x12", "diff", order, other)
    assert (ran.code, ran.out, ran.err) == (0, "2 sets compared, none of them different\n", "")


def test_a_changed_element_is_named_with_both_values(order: Path, faulty: Path, run: Run) -> None:
    ran = run("x12", "diff", order, faulty)
    assert ran.code == 1
    assert ran.out.splitlines() == [
        "850 0001 in A, 0001 in B:",
        "  PO103: 'EA' becomes 'QQ' (loop PO1, segment 17 in A, 17 in B)",
        "2 sets compared, 1 of them different",
    ]
    [change] = run("x12", "diff", order, faulty, "--json").json()["sets"][0]["changes"]
    assert (change["kind"], change["segment"], change["element"], change["old"], change["new"]) == ("changed", "PO1", 3, "EA", "QQ")


def test_a_set_that_is_only_in_one_file_is_told(order: Path, run: Run) -> None:
    ran = run("x12", "diff", order, SAMPLES / "x12" / "997.edi")
    assert ran.code == 1
    assert "850 0001 is in A only" in ran.out
    assert "997 0001 is in B only" in ran.out


@pytest.mark.parametrize(
    "command", [["diff", "{}", "{}"], ["split", "{}", "--out", "parts"], ["render", "{}", "--element", "|"]], ids=lambda one: one[0]
)
def test_what_is_no_x12_is_unusable(command: list[str], run: Run, tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear sirs")
    ran = run("x12", *(one.format(file) for one in command))
    assert (ran.code, ran.out, ran.err.startswith("X12-1")) == (2, "", True)


def test_each_set_gets_a_file_of_its_own_that_is_good(order: Path, run: Run, tmp_path: Path) -> None:
    ran = run("x12", "split", order, "--out", tmp_path / "parts")
    files = [Path(line) for line in ran.out.splitlines()]
    assert [one.name for one in files] == ["000001-000000101-850-0001.edi", "000002-000000101-850-0002.edi"]
    assert run("x12", "check", *files).code == 0
    assert run("x12", "diff", order, files[0], "--json").json()["sets"][0]["changes"] == []


def test_interchanges_are_taken_apart_byte_for_byte(order: Path, run: Run, tmp_path: Path) -> None:
    first, second = (SAMPLES / "x12" / name for name in ("850.edi", "810.edi"))
    both = tmp_path / "both.edi"
    both.write_bytes(first.read_bytes() + second.read_bytes())
    ran = run("x12", "split", both, "--by", "interchange", "--out", tmp_path / "parts")
    parts = [Path(line).read_bytes().strip() for line in ran.out.splitlines()]
    assert parts == [first.read_bytes().strip(), second.read_bytes().strip()]


def test_each_group_gets_a_file_of_its_own_that_is_good(order: Path, run: Run, tmp_path: Path) -> None:
    invoice = (SAMPLES / "x12" / "810.edi").read_bytes()
    group = invoice[invoice.index(b"GS*") : invoice.index(b"IEA*")]
    order.write_bytes(order.read_bytes().replace(b"IEA*1*", group + b"IEA*2*"))
    ran = run("x12", "split", order, "--by", "group", "--out", tmp_path / "parts", "--json")
    files = [Path(one) for one in ran.json()["files"]]
    control = group.split(b"*")[6].decode()
    assert [one.name for one in files] == ["000001-000000101-PO-101.edi", f"000002-000000101-IN-{control}.edi"]
    assert run("x12", "check", *files).code == 0
    assert group in files[1].read_bytes()
    checked = run("x12", "check", *files, "--json").json()["sets"]
    assert [(one["set"], one["verdict"]) for one in checked] == [("850", "A"), ("850", "A"), ("810", "A")]


@pytest.mark.parametrize("by", ["interchange", "group", "set"])
def test_an_empty_or_a_missing_file_cannot_be_split(by: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.edi").touch()
    for name in ("empty.edi", "missing.edi"):
        ran = run("x12", "split", tmp_path / name, "--by", by, "--out", tmp_path / "parts")
        assert (ran.code, ran.out, bool(ran.err)) == (2, "", True)
    assert not (tmp_path / "parts").exists()


def test_splitting_overwrites_nothing(order: Path, run: Run, tmp_path: Path) -> None:
    assert run("x12", "split", order, "--out", tmp_path / "parts").code == 0
    first = next((tmp_path / "parts").iterdir())
    first.write_bytes(b"mine")
    ran = run("x12", "split", order, "--out", tmp_path / "parts")
    assert (ran.code, ran.out, ran.err.split("  ")[0]) == (2, "", "CFG-OUTPUT")
    assert first.read_bytes() == b"mine"


def test_a_partners_control_number_cannot_lead_out_of_the_folder(order: Path, run: Run, tmp_path: Path) -> None:
    order.write_bytes(order.read_bytes().replace(b"ST*850*0001", b"ST*850*../x"))
    ran = run("x12", "split", order, "--out", tmp_path / "parts")
    assert [Path(line).parent for line in ran.out.splitlines()] == [tmp_path / "parts"] * 2


def test_a_file_is_written_with_other_delimiters_and_back(order: Path, run: Run, tmp_path: Path) -> None:
    other, back = tmp_path / "other.edi", tmp_path / "back.edi"
    options = ("--terminator", "'", "--element", "+", "--component", ":", "--line-end", "crlf")
    assert run("x12", "render", order, *options, "--out", other).code == 0
    assert other.read_bytes().startswith(b"ISA+00+")
    assert other.read_bytes().endswith(b"+000000101'\r\n")
    assert run("x12", "check", other).code == 0
    options = ("--terminator", "~", "--element", "*", "--component", ">", "--line-end", "lf")
    assert run("x12", "render", other, *options, "--out", back).code == 0
    assert back.read_bytes() == order.read_bytes()


def test_a_delimiter_that_the_data_holds_is_refused(order: Path, run: Run, tmp_path: Path) -> None:
    out = tmp_path / "other.edi"
    ran = run("x12", "render", order, "--element", "P", "--out", out)
    assert (ran.code, out.exists()) == (1, False)
    assert ran.err.startswith("X12-60")


def test_a_delimiter_is_one_character(order: Path, run: Run) -> None:
    ran = run("x12", "render", order, "--element", "||")
    assert ran.code == 2
    assert "is not one character" in ran.err
