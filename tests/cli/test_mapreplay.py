"""`edi-gateway map replay` and `map new`: a change told before it is made, and a first map from a sample."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from edi_gateway.demo.homes import make_pair
from edi_gateway.testing.pair import Trade

from .conftest import SAMPLES, Run

SINCE = "2020-01-01"


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The retailer's and the supplier's home after two orders."""
    pair = make_pair(tmp_path_factory.mktemp("archive"), datetime.now(UTC))
    both = Trade(pair)
    both.clock.turn(datetime.now(UTC) - both.clock.now())
    order = (SAMPLES / "erp" / "order.csv").read_bytes()
    both.retailer.drop("order.csv", order)
    both.retailer.drop("order_2.csv", order.replace(b"4500017", b"4500018"))
    both.run()
    both.close()
    return pair.retailer.home, pair.supplier.home


def changed(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "changed.yaml"
    file.write_text(text)
    return file


def test_a_change_is_told_by_kind_with_how_many_documents_it_concerns(homes: tuple[Path, Path], run: Run, tmp_path: Path) -> None:
    candidate = changed(tmp_path, "map: x12/004010/850-new\nextends: x12/004010/850\nomit: [ship_to]\n")
    ran = run("map", "replay", "--map", candidate, "--against", "x12/004010/850", "--since", SINCE, "--home", homes[1])
    assert (ran.code, ran.err) == (1, "")
    assert "2 documents: ship_to disappears" in ran.out
    assert "    message 1, 850 4500017 (retailer, 850 in)\n" in ran.out
    assert ran.out.endswith("retailer, 850 in: 2 of 2 change\n2 of 2 change, 1 kind\n")


def test_what_went_out_is_written_by_both_maps(homes: tuple[Path, Path], run: Run, tmp_path: Path) -> None:
    candidate = changed(tmp_path, "map: x12/004010/850-new\nextends: x12/004010/850\nomit: [ship_to]\n")
    said = run("map", "replay", "--map", candidate, "--against", "x12/004010/850", "--since", SINCE, "--home", homes[0], "--json").json()
    assert (said["documents"], said["changed"]) == (2, 2)
    [cluster] = said["clusters"]
    assert "N1[ST] disappears" in cluster["kinds"]
    assert said["agreements"] == [{"agreement": "supplier, 850 out", "documents": 2, "changed": 2}]
    assert len(cluster["examples"]) == 2


@pytest.mark.parametrize("side", [0, 1])
def test_a_map_of_the_erp_file_is_tried_on_what_it_wrote_and_on_what_it_read(
    side: int, homes: tuple[Path, Path], run: Run, tmp_path: Path
) -> None:
    candidate = changed(tmp_path, "map: flat/order-new\nextends: flat/order\nomit: [ship_to]\n")
    said = run("map", "replay", "--map", candidate, "--against", "flat/order", "--since", SINCE, "--home", homes[side], "--json").json()
    assert (said["documents"], said["changed"]) == (2, 2)


def test_a_map_that_makes_the_same_of_all_changes_nothing(homes: tuple[Path, Path], run: Run, tmp_path: Path) -> None:
    candidate = changed(tmp_path, "map: x12/004010/850-new\nextends: x12/004010/850\nomit: [department]\n")
    ran = run("map", "replay", "--map", candidate, "--against", "x12/004010/850", "--since", SINCE, "--home", homes[1])
    assert (ran.code, ran.out) == (0, "retailer, 850 in: 0 of 2 change\n0 of 2 change, 0 kinds\n")


def test_an_empty_archive_says_so(homes: tuple[Path, Path], run: Run, tmp_path: Path) -> None:
    candidate = changed(tmp_path, "map: x12/004010/850-new\nextends: x12/004010/850\nomit: [ship_to]\n")
    ran = run("map", "replay", "--map", candidate, "--against", "x12/004010/850", "--since", "2999-01-01", "--home", homes[1])
    assert ran.code == 0
    assert "No archived document since then" in ran.out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--map", "x12/004010/850"), "CFG-MAP-SAME"),
        (("--map", "x12/004010/855", "--against", "x12/004010/850"), "CFG-MAP-OTHER"),
        (("--map", "none.yaml"), "CFG-INPUT"),
        (("--map", "amazon/850", "--against", "x12/004010/850", "--partner", "nobody"), "CFG-PARTNER-UNKNOWN"),
    ],
)
def test_what_cannot_be_compared_is_refused(arguments: tuple[str, ...], code: str, homes: tuple[Path, Path], run: Run) -> None:
    ran = run("map", "replay", *arguments, "--since", SINCE, "--home", homes[1])
    assert (ran.code, ran.err.split("  ")[0]) == (2, code)


def test_a_first_map_from_a_sample_compiles_and_lists_what_is_open(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "acme.yaml"
    assert run("map", "new", "acme/850", "--from", SAMPLES / "x12" / "850.edi", "--out", out).code == 0
    text = out.read_text()
    assert "map: acme/850" in text
    assert "extends: x12/004010/850" in text
    assert "#   " in text
    assert run("map", "lint", out).code == 0
    assert run("map", "read", out, SAMPLES / "maps" / "850.edi").code == 0


def test_a_first_map_can_be_made_from_a_flat_file(run: Run) -> None:
    ran = run("map", "new", "acme/order", "--from", SAMPLES / "erp" / "order.csv")
    assert ran.code == 0
    assert "extends: flat/order" in ran.out


@pytest.mark.parametrize(("content", "code"), [(b"", "CFG-INPUT-EMPTY"), (b"no document\n", "ERP-118")])
def test_a_sample_that_is_none_is_refused(content: bytes, code: str, run: Run, tmp_path: Path) -> None:
    sample = tmp_path / "sample.txt"
    sample.write_bytes(content)
    ran = run("map", "new", "acme/850", "--from", sample)
    assert (ran.code, ran.err.split("  ")[0]) == (2, code)


def test_a_name_that_no_map_can_have_is_refused(run: Run) -> None:
    ran = run("map", "new", "../850", "--from", SAMPLES / "x12" / "850.edi")
    assert (ran.code, ran.err.split("  ")[0]) == (2, "CFG-MAP-NAME")
