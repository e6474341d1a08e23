"""Revisions of the configuration, on both databases: numbered without gaps, never changed, applied one by one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edi_gateway.config import Settings
from edi_gateway.demo.homes import make_pair
from edi_gateway.faults import Faulty
from edi_gateway.fileset import FileSet
from edi_gateway.partners.homefiles import home_files, write_files
from edi_gateway.ports.rows import Origin
from edi_gateway.services.revisions import Applied, apply, apply_at_start, files_of, history, newest, roll_back
from edi_gateway.services.terms import Terms, read_terms, terms_of
from edi_gateway.store import SqlStore
from edi_gateway.testing.clock import HandClock

PARTNER = "as2:\n  id: {0}\n  url: https://{0}.example/as2\n  encrypt: none\n  require: []\nx12:\n  id: {0}\n"
WORDS = st.from_regex(r"[a-z]{1,6}", fullmatch=True)


@pytest.fixture(scope="session")
def configured(tmp_path_factory: pytest.TempPathFactory) -> Terms:
    """A home's terms; what it compiled is used again."""
    return read_terms(make_pair(tmp_path_factory.mktemp("homes"), datetime.now(UTC)).supplier.home)


def terms(like: Terms, files: dict[str, bytes]) -> Terms:
    return terms_of(like.settings, FileSet(files=files, root=like.settings.home), like=like)


def partners(*names: str, active: bool = True) -> dict[str, bytes]:
    said = "" if active else "active: false\n"
    return {f"partners/{name}.yaml": (said + PARTNER.format(name.upper())).encode() for name in names}


def applied(store: SqlStore, wanted: Terms, note: str = "", expected: int | None = None) -> Applied:
    return apply(store, HandClock(), wanted, origin=Origin.HOME, actor="anna", note=note, expected=expected)


def kept(store: SqlStore, number: int, settings: Settings) -> FileSet:
    with store.read() as uow:
        return files_of(uow, uow.revisions.get(number), settings)


def test_a_set_is_kept_whole_with_who_and_when_and_why(store: SqlStore, configured: Terms, clock: HandClock) -> None:
    files = partners("acme", "globex")
    done = applied(store, terms(configured, files), note="first")
    [revision] = history(store)
    assert (done.is_new, done.revision) == (True, revision)
    assert (revision.id, revision.actor, revision.note, revision.origin) == (1, "anna", "first", Origin.HOME)
    assert revision.created_at == clock.now()
    assert kept(store, 1, configured.settings).files == files


def test_an_equal_set_makes_no_revision(store: SqlStore, configured: Terms) -> None:
    applied(store, terms(configured, partners("acme")))
    again = applied(store, terms(configured, partners("acme")), note="again")
    assert (again.is_new, [one.note for one in history(store)]) == (False, [""])


def test_a_bad_set_changes_nothing_and_all_findings_are_told(store: SqlStore, configured: Terms) -> None:
    applied(store, terms(configured, partners("acme")))
    bad = {
        **partners("acme", "globex"),
        "partners/initech.yaml": b"as2: [",
        "maps/own/order.yaml": b"this is no map: [",
        "tables/items.csv": b"record,code\n",
        "schemas/x12/guides/acme/850.yaml": b"no guide: [",
        "schemas/flat/own.yaml": b"no layout: [",
    }
    done = applied(store, terms(configured, bad))
    assert done.is_refused
    assert {Path(fault.place.file or "").name for fault in done.findings} == {
        "initech.yaml", "order.yaml", "items.csv", "850.yaml", "own.yaml",
    }  # fmt: skip
    assert (done.revision, len(history(store))) == (newest(store), 1)
    with store.read() as uow:
        assert uow.revisions.newest_number() == 1


def test_a_rollback_is_a_new_revision_equal_to_the_old_one(store: SqlStore, configured: Terms) -> None:
    for names in (("acme",), ("acme", "globex"), ("globex",)):
        applied(store, terms(configured, partners(*names)))
    done = roll_back(store, HandClock(), configured.settings, 1, actor="bert", note="back")
    assert done.revision is not None
    assert (done.revision.id, done.revision.origin, done.revision.source) == (4, Origin.ROLLBACK, 1)
    assert kept(store, 4, configured.settings).files == partners("acme")
    with pytest.raises(Faulty, match="there are 1 to 4"):
        roll_back(store, HandClock(), configured.settings, 9, actor="bert", note="")


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sets(WORDS, max_size=3), min_size=2, max_size=4), st.data())
def test_what_was_applied_once_can_be_restored(store: SqlStore, configured: Terms, sets: list[set[str]], data: st.DataObject) -> None:
    numbers = {}
    for names in sets:
        done = applied(store, terms(configured, partners(*names)))
        assert done.revision is not None
        numbers[done.revision.id] = partners(*names)
    number = data.draw(st.sampled_from(sorted(numbers)))
    roll_back(store, HandClock(), configured.settings, number, actor="anna", note="")
    in_force = newest(store)
    assert in_force is not None
    assert in_force.id is not None
    assert kept(store, in_force.id, configured.settings).files == numbers[number]
    assert [one.id for one in history(store)] == list(range(in_force.id, 0, -1))


@st.composite
def configurations(draw: st.DrawFn) -> dict[str, bytes]:
    """Partners, tables and maps of a home, in folders and with texts beyond ASCII and line ends of every kind."""
    files = partners(*draw(st.sets(WORDS, max_size=3)))
    words = st.text(st.characters(codec="utf-8", categories=("L", "Nd")), min_size=1, max_size=6)
    for name in draw(st.sets(WORDS, max_size=2)):
        lines = draw(st.dictionaries(words, words, max_size=3))
        end = draw(st.sampled_from(["\n", "\r\n"]))
        one_to_one = {code: word for word, code in lines.items()}
        text = end.join(["record,document", *(f"{word},{code}" for code, word in one_to_one.items())])
        files[f"tables/{draw(WORDS)}/{name}.csv"] = text.encode()
        files[f"maps/{draw(WORDS)}/{name}.yaml"] = f"map: {name}{end}extends: x12/004010/864{end}# {draw(words)}".encode()
    return files


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(configurations())
def test_what_is_exported_and_applied_again_is_the_revision_that_it_was(
    store: SqlStore, configured: Terms, tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]
) -> None:
    first = applied(store, terms(configured, files))
    assert first.findings == ()
    assert first.revision is not None
    assert first.revision.id is not None
    folder = tmp_path_factory.mktemp("exported") / "out"
    write_files(kept(store, first.revision.id, configured.settings), folder)
    again = applied(store, terms(configured, dict(home_files(folder).files.files)))
    assert (again.is_new, again.revision) == (False, first.revision)
    assert kept(store, first.revision.id, configured.settings).files == files


def test_concurrent_applies_go_one_by_one(store: SqlStore, configured: Terms) -> None:
    wanted = [terms(configured, partners(f"p{number}")) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda one: applied(store, one), wanted))
    assert sorted(one.revision.id for one in done if one.revision and one.revision.id) == list(range(1, 9))
    for one, given_terms in zip(done, wanted, strict=True):
        assert one.revision is not None
        assert one.revision.id is not None
        assert kept(store, one.revision.id, configured.settings).files == given_terms.files.files


def test_of_concurrent_applies_of_one_plan_one_is_taken(store: SqlStore, configured: Terms) -> None:
    def try_one(number: int) -> str:
        try:
            applied(store, terms(configured, partners(f"p{number}")), expected=0)
        except Faulty as faulty:
            return faulty.faults[0].code
        return "applied"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(try_one, range(4))) == ["CFG-SET-MOVED"] * 3 + ["applied"]
    assert len(history(store)) == 1


def start(store: SqlStore, wanted: Terms, *, shared: bool = False) -> Applied:
    return apply_at_start(store, HandClock(), wanted, shared=shared)


def test_a_start_applies_files_that_have_changed_and_no_others(store: SqlStore, configured: Terms) -> None:
    assert start(store, terms(configured, partners("acme"))).is_new
    assert not start(store, terms(configured, partners("acme"))).is_new
    assert start(store, terms(configured, partners("acme", "globex"))).is_new
    assert len(history(store)) == 2


def test_a_start_does_not_undo_a_rollback(store: SqlStore, configured: Terms) -> None:
    start(store, terms(configured, partners("acme")))
    start(store, terms(configured, partners("globex")))
    roll_back(store, HandClock(), configured.settings, 1, actor="anna", note="")
    again = start(store, terms(configured, partners("globex")))
    assert again.revision is not None
    assert (again.revision.id, [fault.code for fault in again.findings]) == (3, ["CFG-SET-DIFFERS"])


def test_a_start_with_bad_files_goes_on_with_the_last_good_revision(store: SqlStore, configured: Terms) -> None:
    bad = terms(configured, {**partners("acme"), "partners/globex.yaml": b"as2: ["})
    assert start(store, bad).revision is None
    start(store, terms(configured, partners("acme")))
    refused = start(store, bad)
    assert refused.revision is not None
    assert (refused.is_refused, refused.revision.id) == (True, 1)


def test_hosts_that_share_a_database_do_not_bring_their_own_files(store: SqlStore, configured: Terms) -> None:
    assert start(store, terms(configured, partners("acme")), shared=True).is_new
    other = start(store, terms(configured, partners("globex")), shared=True)
    assert other.revision is not None
    assert (other.is_new, other.revision.id) == (False, 1)
