"""`edi-gateway file template` and `file convert`: a workbook to fill in, and a file in another form."""

from pathlib import Path

import pytest

from edi_gateway.testing.pair import Trade

from .conftest import SAMPLES, Run


def test_a_file_comes_back_from_a_workbook_as_it_was(tmp_path: Path, run: Run) -> None:
    book, back, again = tmp_path / "order.xlsx", tmp_path / "order.csv", tmp_path / "again.csv"
    assert run("file", "convert", SAMPLES / "erp" / "order.csv", "--to", "order_xlsx", "--out", book).code == 0
    assert run("file", "convert", book, "--to", "order", "--out", back).code == 0
    assert run("file", "convert", back, "--to", "order", "--out", again).code == 0
    assert back.read_bytes() == again.read_bytes()
    assert "4500017" in back.read_text()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["convert", "absent.csv", "--to", "order_xlsx"], 2, "CFG-"),
        (["convert", "empty.csv", "--to", "order_xlsx"], 2, "ERP-101"),
        (["convert", "good.csv", "--to", "invoice_xlsx"], 2, "CFG-LAYOUT-OTHER"),
        (["convert", "good.csv", "--to", "nothing"], 2, "STO-425"),
        (["convert", "bad.csv", "--to", "order_xlsx", "--out", "bad.xlsx"], 1, "ERP-111"),
        (["template", "nothing"], 2, "STO-425"),
    ],
)
def test_what_cannot_be_done_is_told(
    words: list[str], code: int, said: str, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    good = (SAMPLES / "erp" / "order.csv").read_text()
    Path("empty.csv").touch()
    Path("good.csv").write_text(good)
    Path("bad.csv").write_text(good.replace("LIN,1,24", "LIN,1,many"))
    ran = run("file", *words)
    assert ran.code == code
    assert said in ran.err
    assert not Path("bad.xlsx").exists()


def test_a_workbook_in_the_folder_is_sent_as_a_file_of_lines_would_be(own_pair, tmp_path: Path, run: Run) -> None:  # type: ignore[no-untyped-def]
    book = tmp_path / "order.xlsx"
    run("file", "convert", SAMPLES / "erp" / "order.csv", "--to", "order_xlsx", "--out", book)
    both = Trade(own_pair)
    both.retailer.drop("order.xlsx", book.read_bytes())
    both.run()
    answer = both.retailer.result("order.xlsx")
    both.close()
    assert (answer["result"], answer["layout"]) == ("accepted", "order_xlsx")
