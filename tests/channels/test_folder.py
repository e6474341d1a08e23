"""The folder contract with the ERP, on a real file system."""

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edi_gateway.channels.files import LONGEST_NAME, safe_name
from edi_gateway.channels.folder import FolderDrop
from edi_gateway.ports.channels import Claim, Drop

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def erp(tmp_path: Path) -> Path:
    return tmp_path / "erp"


def dropped(erp: Path, name: str, content: bytes = b"H,1\n", age: int = 0) -> Path:
    """A file as the ERP leaves it in `in/`, that many seconds old."""
    path = erp / "acme" / "in" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))
    return path


def names(claims: list[Claim]) -> list[str]:
    return [claim.name for claim in claims]


def test_the_drop_is_what_the_port_asks_for(erp: Path) -> None:
    drop: Drop = FolderDrop(erp)
    assert drop.claim("acme", NOON) == []


def test_preparing_makes_the_folders_of_a_partner(erp: Path) -> None:
    FolderDrop(erp).prepare("acme")
    assert {path.name for path in (erp / "acme").iterdir()} == {"in", "out", "archive", "error", "ack", "work"}


@pytest.mark.parametrize("key", ["", "..", "a/b", "/etc", "ACME", ".hidden"])
def test_what_is_not_a_partners_key_is_no_folder(erp: Path, key: str) -> None:
    with pytest.raises(ValueError, match="not a partner's key"):
        FolderDrop(erp).prepare(key)
    assert not erp.exists()


def test_a_renamed_file_is_taken_on_sight_and_leaves_the_in_folder(erp: Path) -> None:
    path = dropped(erp, "order.csv", b"H,77\n")
    [claim] = FolderDrop(erp, complete="rename").claim("acme", NOON)
    assert (claim.partner, claim.name, claim.content) == ("acme", "order.csv", b"H,77\n")
    assert not path.exists()
    assert Path(claim.path).read_bytes() == b"H,77\n"


def test_the_oldest_file_comes_first(erp: Path) -> None:
    dropped(erp, "a.csv", age=1)
    dropped(erp, "b.csv", age=9)
    dropped(erp, "c.csv", age=5)
    assert names(FolderDrop(erp, complete="rename").claim("acme", NOON)) == ["b.csv", "c.csv", "a.csv"]


@pytest.mark.parametrize("name", [".order.csv", "order.csv.tmp", "order.csv.TMP", "order.part", "order.csv.filepart", "order.csv~"])
def test_unfinished_and_hidden_files_are_left_alone(erp: Path, name: str) -> None:
    path = dropped(erp, name)
    drop = FolderDrop(erp)
    assert drop.claim("acme", NOON) == []
    assert drop.claim("acme", NOON) == []
    assert path.exists()


def test_folders_and_links_are_left_alone(erp: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("not for the ERP")
    drop = FolderDrop(erp, complete="rename")
    inside = drop.prepare("acme") / "in"
    (inside / "folder.csv").mkdir()
    (inside / "link.csv").symlink_to(secret)
    assert drop.claim("acme", NOON) == []
    assert secret.exists()


def test_a_file_that_still_grows_is_taken_when_two_looks_agree(erp: Path) -> None:
    path = dropped(erp, "order.csv", b"H,1")
    drop = FolderDrop(erp, complete="stable")
    assert drop.claim("acme", NOON) == []
    path.write_bytes(b"H,1\nL,2")
    assert drop.claim("acme", NOON) == []
    path.write_bytes(b"H,1\nL,2\n")
    assert drop.claim("acme", NOON) == []
    [claim] = drop.claim("acme", NOON)
    assert claim.content == b"H,1\nL,2\n"


def test_looks_at_one_partner_do_not_count_for_another(erp: Path) -> None:
    dropped(erp, "order.csv")
    drop = FolderDrop(erp, complete="stable")
    drop.claim("acme", NOON)
    drop.claim("globex", NOON)
    assert names(drop.claim("acme", NOON)) == ["order.csv"]


def test_a_file_waits_for_its_semaphore_which_then_goes(erp: Path) -> None:
    dropped(erp, "order.csv")
    drop = FolderDrop(erp, complete="semaphore")
    assert drop.claim("acme", NOON) == []
    semaphore = dropped(erp, "order.csv.done", b"")
    assert names(drop.claim("acme", NOON)) == ["order.csv"]
    assert not semaphore.exists()


def test_a_semaphore_left_by_a_crash_lets_no_later_file_in(erp: Path) -> None:
    dropped(erp, "order.csv")
    semaphore = dropped(erp, "order.csv.done", b"")
    home = FolderDrop(erp, complete="semaphore").prepare("acme")
    (home / "work" / "in-1" / "0a1b").mkdir()
    (home / "in" / "order.csv").rename(home / "work" / "in-1" / "0a1b" / "order.csv")
    drop = FolderDrop(erp, complete="semaphore")
    [claim] = drop.claim("acme", NOON)
    assert not semaphore.exists()
    drop.archive(claim, NOON)
    dropped(erp, "order.csv", b"half of it")
    assert drop.claim("acme", NOON) == []


def test_files_claimed_before_a_crash_are_claimed_again(erp: Path) -> None:
    dropped(erp, "order.csv")
    first = FolderDrop(erp, complete="rename").claim("acme", NOON)
    assert FolderDrop(erp, complete="rename").claim("acme", NOON) == first


def test_a_name_that_is_no_utf8_is_claimed_under_one_that_is(erp: Path) -> None:
    inside = FolderDrop(erp).prepare("acme") / "in"
    (Path(os.fsdecode(os.fsencode(inside) + b"/bestellung-\xfc.csv"))).write_bytes(b"H")
    [claim] = FolderDrop(erp, complete="rename").claim("acme", NOON)
    assert claim.name == "bestellung-\ufffd.csv"
    assert claim.path.encode("utf-8")


def test_two_workers_never_claim_the_same_file(erp: Path) -> None:
    dropped(erp, "order.csv")
    assert names(FolderDrop(erp, complete="rename", worker="one").claim("acme", NOON)) == ["order.csv"]
    assert FolderDrop(erp, complete="rename", worker="two").claim("acme", NOON) == []


def test_two_files_of_a_name_are_two_claims(erp: Path) -> None:
    drop = FolderDrop(erp, complete="rename")
    dropped(erp, "order.csv", b"same", age=2)
    [first] = drop.claim("acme", NOON)
    dropped(erp, "order.csv", b"same", age=1)
    both = drop.claim("acme", NOON)
    assert [claim.name for claim in both] == ["order.csv", "order.csv"]
    assert both[0] == first
    assert both[1].path != first.path


def test_a_folder_that_a_crash_left_empty_goes(erp: Path) -> None:
    work = FolderDrop(erp).prepare("acme") / "work" / "in-1"
    (work / "0a1b").mkdir()
    (work / "stray.txt").touch()
    assert FolderDrop(erp).claim("acme", NOON) == []
    assert [path.name for path in work.iterdir()] == ["stray.txt"]


def test_an_archived_file_stands_under_its_day_and_twice_is_once(erp: Path) -> None:
    dropped(erp, "order.csv")
    drop = FolderDrop(erp, complete="rename")
    [claim] = drop.claim("acme", NOON)
    where = drop.archive(claim, NOON)
    assert Path(where) == erp / "acme" / "archive" / "2026" / "03" / "01" / "order.csv"
    assert drop.archive(claim, NOON) == where
    assert drop.claim("acme", NOON) == []


def test_archiving_twice_leaves_the_next_file_of_that_name_alone(erp: Path) -> None:
    drop = FolderDrop(erp, complete="rename")
    dropped(erp, "order.csv", b"first")
    [first] = drop.claim("acme", NOON)
    drop.archive(first, NOON)
    dropped(erp, "order.csv", b"second")
    [second] = drop.claim("acme", NOON)
    drop.archive(first, NOON)
    assert drop.claim("acme", NOON) == [second]


def test_a_refused_file_goes_to_error_and_names_that_are_taken_get_a_number(erp: Path) -> None:
    drop = FolderDrop(erp, complete="rename")
    places = []
    for content in (b"one", b"two", b"three"):
        dropped(erp, "order.csv", content)
        [claim] = drop.claim("acme", NOON)
        places.append(Path(drop.reject(claim, NOON)))
    assert [path.name for path in places] == ["order.csv", "order-2.csv", "order-3.csv"]
    assert [path.read_bytes() for path in places] == [b"one", b"two", b"three"]


def test_a_folder_that_cannot_be_used_is_told_once_and_stops_no_other(erp: Path, caplog: pytest.LogCaptureFixture) -> None:
    dropped(erp, "order.csv")
    (erp / "broken").write_text("a file where the partner's folder should be")
    drop = FolderDrop(erp, complete="rename")
    assert drop.claim("broken", NOON) == []
    assert drop.claim("broken", NOON) == []
    assert names(drop.claim("acme", NOON)) == ["order.csv"]
    [record] = caplog.records
    assert "CFG-FOLDER" in record.message
    assert str(erp / "broken") in record.message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_we_may_not_read_stops_no_other(erp: Path, caplog: pytest.LogCaptureFixture) -> None:
    dropped(erp, "locked.csv").chmod(0)
    dropped(erp, "order.csv")
    drop = FolderDrop(erp, complete="rename")
    assert names(drop.claim("acme", NOON)) == ["order.csv"]
    assert "locked.csv" in caplog.text


def test_an_answer_is_published_whole_and_replaces_the_one_before(erp: Path) -> None:
    drop = FolderDrop(erp)
    drop.answer("acme", "order.csv", b"{}", b"first")
    drop.answer("acme", "order.csv", b'{"ok": true}', b"second")
    ack = erp / "acme" / "ack"
    assert {path.name: path.read_bytes() for path in ack.iterdir()} == {
        "order.csv.result.json": b'{"ok": true}',
        "order.csv.result.txt": b"second",
    }


def test_a_staged_file_is_not_the_erps_before_it_is_released(erp: Path) -> None:
    drop = FolderDrop(erp)
    drop.stage("acme", "850_PO1.csv", b"H,1\n")
    out = erp / "acme" / "out"
    assert list(out.iterdir()) == []
    assert drop.release("acme", "850_PO1.csv") == str(out / "850_PO1.csv")
    assert (out / "850_PO1.csv").read_bytes() == b"H,1\n"


def test_staging_again_replaces_what_was_staged(erp: Path) -> None:
    drop = FolderDrop(erp)
    drop.stage("acme", "a.csv", b"old")
    drop.stage("acme", "a.csv", b"new")
    assert Path(drop.release("acme", "a.csv")).read_bytes() == b"new"


def test_a_file_that_the_erp_has_taken_is_not_released_again_after_a_crash(erp: Path) -> None:
    FolderDrop(erp).stage("acme", "a.csv", b"once")
    path = Path(FolderDrop(erp).release("acme", "a.csv"))
    path.unlink()
    assert FolderDrop(erp).release("acme", "a.csv") == str(path)
    assert not path.exists()


def test_a_release_never_overwrites_what_the_erp_has_not_taken(erp: Path) -> None:
    drop = FolderDrop(erp)
    for content in (b"one", b"two"):
        drop.stage("acme", "a.csv", content)
        drop.release("acme", "a.csv")
    out = erp / "acme" / "out"
    assert (out / "a.csv").read_bytes() == b"one"
    assert (out / "a-2.csv").read_bytes() == b"two"


def test_a_semaphore_follows_its_file_and_says_what_was_staged(erp: Path) -> None:
    drop = FolderDrop(erp)
    drop.stage("acme", "a.csv", b"one", "records: 1\n")
    path = drop.release("acme", "a.csv")
    out = erp / "acme" / "out"
    assert [one.name for one in out.iterdir()] == ["a.csv"]
    drop.announce("acme", "a.csv", path)
    assert {one.name: one.read_bytes() for one in out.iterdir()} == {"a.csv": b"one", "a.csv.done": b"records: 1\n"}


@pytest.mark.parametrize("name", ["a.csv", "a-2.csv"])
def test_a_semaphore_that_a_crash_kept_back_follows_after_it(erp: Path, name: str) -> None:
    out = FolderDrop(erp).prepare("acme") / "out"
    if name != "a.csv":
        (out / "a.csv").write_bytes(b"left by the ERP")
    FolderDrop(erp).stage("acme", "a.csv", b"one", "records: 1\n")
    FolderDrop(erp).release("acme", "a.csv")
    again = FolderDrop(erp)
    path = again.release("acme", "a.csv")
    again.announce("acme", "a.csv", path)
    assert path == str(out / name)
    assert (out / f"{name}.done").read_text() == "records: 1\n"


def test_a_semaphore_that_the_erp_has_taken_is_not_written_again(erp: Path) -> None:
    drop = FolderDrop(erp)
    drop.stage("acme", "a.csv", b"one", "records: 1\n")
    path = drop.release("acme", "a.csv")
    drop.announce("acme", "a.csv", path)
    for one in (erp / "acme" / "out").iterdir():
        one.unlink()
    drop.announce("acme", "a.csv", drop.release("acme", "a.csv"))
    assert list((erp / "acme" / "out").iterdir()) == []


def test_a_file_that_is_staged_again_without_a_semaphore_has_none(erp: Path) -> None:
    drop = FolderDrop(erp)
    drop.stage("acme", "a.csv", b"one", "records: 1\n")
    drop.stage("acme", "a.csv", b"one")
    drop.announce("acme", "a.csv", drop.release("acme", "a.csv"))
    assert [one.name for one in (erp / "acme" / "out").iterdir()] == ["a.csv"]


def test_what_is_discarded_is_no_longer_in_the_spool_and_twice_is_once(erp: Path) -> None:
    drop = FolderDrop(erp)
    drop.stage("acme", "a.csv", b"one", "records: 1\n")
    for _ in range(2):
        drop.discard("acme", "a.csv")
        assert list((erp / "acme" / "work" / "out").iterdir()) == []


def test_a_file_that_cannot_be_staged_leaves_nothing_behind(erp: Path) -> None:
    drop = FolderDrop(erp)
    spool = drop.prepare("acme") / "work" / "out"
    (spool / "a.csv").mkdir()
    with pytest.raises(IsADirectoryError):
        drop.stage("acme", "a.csv", b"one")
    assert [path.name for path in spool.iterdir()] == ["a.csv"]


def test_a_folder_of_the_spool_that_somebody_removed_is_there_again(erp: Path) -> None:
    drop = FolderDrop(erp)
    drop.stage("acme", "a.csv", b"one")
    drop.release("acme", "a.csv")
    for name in ("work", "out"):
        shutil.rmtree(erp / "acme" / name)
    drop.stage("acme", "b.csv", b"two")
    assert Path(drop.release("acme", "b.csv")).read_bytes() == b"two"


def test_of_many_one_is_alone_with_a_set_at_a_time(erp: Path) -> None:
    there, most = [], []

    def come(_: int) -> None:
        with FolderDrop(erp).alone(7) as alone:
            assert alone
            there.append(1)
            most.append(len(there))
            time.sleep(0.001)
            there.pop()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(come, range(40)))
    assert set(most) == {1}


def test_who_does_not_wait_is_told_that_another_one_is_alone_with_a_set(erp: Path) -> None:
    one, another = FolderDrop(erp), FolderDrop(erp)
    with one.alone(7), another.alone(7, wait=False) as alone, another.alone(8, wait=False) as beside:
        assert (alone, beside) == (False, True)
    with another.alone(7, wait=False) as alone:
        assert alone


def test_a_lock_ends_with_the_process_that_has_it(erp: Path) -> None:
    holding = "import time; from edi_gateway.channels.folder import FolderDrop; from pathlib import Path\n"
    holding += f"with FolderDrop(Path({str(erp)!r})).alone(7): print('mine', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", holding], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "mine\n"
        with FolderDrop(erp).alone(7, wait=False) as alone:
            assert not alone
        process.kill()
        process.wait()
        with FolderDrop(erp).alone(7, wait=False) as alone:
            assert alone


def test_a_scan_does_not_take_what_is_on_its_way_out(erp: Path) -> None:
    drop = FolderDrop(erp, complete="rename")
    drop.stage("acme", "a.csv", b"out")
    assert drop.claim("acme", NOON) == []


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("850_PO-1.csv", "850_PO-1.csv"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("PO 12/34.csv", "PO_12_34.csv"),
        (".hidden", "hidden"),
        ("a\r\nb.csv", "a__b.csv"),
        ("con.csv", "_con.csv"),
        ("订单.csv", "__.csv"),
        ("...", "_"),
        ("", "_"),
    ],
)
def test_a_name_is_made_safe_for_every_system(given: str, safe: str) -> None:
    assert safe_name(given) == safe


def test_a_long_name_keeps_its_ending() -> None:
    made = safe_name("x" * 400 + ".csv")
    assert len(made) == LONGEST_NAME
    assert made.endswith(".csv")


def test_files_of_one_name_that_several_processes_archive_at_once_all_stay(erp: Path) -> None:
    drops = [FolderDrop(erp, complete="rename") for _ in range(4)]  # each with locks of its own, as in processes of their own
    claims: list[Claim] = []
    for number in range(40):
        dropped(erp, "order.csv", b"%d" % number)
        claims = drops[0].claim("acme", NOON)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda drop, claim: drop.archive(claim, NOON), drops * 10, claims))

    archived = [path.read_bytes() for path in (erp / "acme" / "archive").rglob("order*.csv")]
    assert sorted(archived, key=int) == [b"%d" % number for number in range(40)]
