"""A gateway and the revisions of its configuration: picked up while it runs, and written down with all that went by them."""

from datetime import timedelta
from pathlib import Path

import pytest

from edi_gateway.fileset import FileSet
from edi_gateway.lifecycle.states import Direction, SetIn
from edi_gateway.mapping.difference import Change as What
from edi_gateway.ports.rows import Origin
from edi_gateway.services.changes import changes
from edi_gateway.services.in_force import LOOK_EVERY
from edi_gateway.services.plan import plan
from edi_gateway.services.revisions import apply
from edi_gateway.services.terms import read_terms, terms_of
from edi_gateway.testing.interchanges import orders
from edi_gateway.testing.pair import Party, Trade

NEWCOMER = "as2:\n  id: NEW\n  url: https://new.example/as2\n  encrypt: none\n  require: []\nx12:\n  id: NEWCOMER\n"


def post(trade: Trade, sealed, content: bytes, number: int = 1) -> None:
    """The retailer's bytes at the supplier, and all that follows there."""
    trade.supplier.receive(sealed(trade.retailer, content, message_id=f"<{number}@sender.example>"))
    trade.supplier.work()


def write(party: Party, path: str, text: str) -> None:
    file = party.side.home / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def applied_beside(party: Party) -> None:
    """What `config apply` does in a process of its own."""
    terms = read_terms(party.side.home)
    apply(party.store, party.house.clock, terms, origin=Origin.HOME, actor="anna", note="")


def test_a_running_gateway_takes_a_new_revision_within_seconds(trade: Trade):
    house = trade.supplier.house
    first = house.gateway
    write(trade.supplier, "partners/newcomer.yaml", NEWCOMER)
    applied_beside(trade.supplier)

    assert house.gateway is first
    trade.clock.turn(LOOK_EVERY)
    assert (house.gateway.revision, house.gateway.book.partner("newcomer") is not None) == (1, True)
    assert house.gateway.shelf is first.shelf
    assert first.revision is None


def test_a_partner_that_is_added_gets_its_folders(trade: Trade):
    write(trade.supplier, "partners/newcomer.yaml", NEWCOMER)
    trade.supplier.configure()
    trade.supplier.scan()
    assert (trade.supplier.house.settings.erp.folder / "newcomer" / "in").is_dir()


def test_a_revision_without_a_partner_lets_it_go(trade: Trade, sealed):
    trade.supplier.configure()
    (trade.supplier.side.home / "partners" / "retailer.yaml").unlink()
    trade.supplier.configure()
    trade.supplier.receive(sealed(trade.retailer, orders("4500017")))
    [row] = trade.supplier.transmissions(direction=Direction.IN)
    assert ([fault.code for fault in row.faults], row.revision) == (["AS2-UNKNOWN-PARTNER"], 2)


def test_a_certificate_comes_from_the_revision_and_not_from_the_disk(trade: Trade, sealed):
    trade.supplier.configure()
    (trade.supplier.side.home / "certs" / "retailer.pem").unlink()
    supplier = trade.restart("supplier")
    assert supplier.gateway.revision == 1
    post(trade, sealed, orders("4500017"))
    assert [row.state for row in supplier.sets(direction=Direction.IN)] == [SetIn.DELIVERED]


def test_message_set_and_document_tell_the_revision_they_went_by(trade: Trade, sealed):
    trade.supplier.configure()
    trade.supplier.configure()
    post(trade, sealed, orders("A1"))
    write(trade.supplier, "partners/newcomer.yaml", NEWCOMER)
    trade.supplier.configure()
    post(trade, sealed, orders("A2", control=2), number=2)

    with trade.supplier.look() as uow:
        for direction in (Direction.IN, Direction.OUT):
            for rows in (uow.transmissions, uow.sets):
                assert [row.revision for row in rows.find(direction=direction)] == [1, 2]
        assert [row.revision for row in uow.documents.find(direction=Direction.IN)] == [1, 2]


def test_a_held_document_is_mapped_by_the_revision_of_its_replay(trade: Trade, sealed):
    write(trade.supplier, "maps/x12/004010/850.yaml", "this is no map: [")
    trade.restart("supplier")
    post(trade, sealed, orders("A1"))
    (trade.supplier.side.home / "maps" / "x12" / "004010" / "850.yaml").unlink()
    trade.supplier.configure()
    [held] = trade.supplier.sets(state=SetIn.HELD)
    trade.supplier.house.operator.replay(held.transmission_id, actor="anna", reason="map mended")
    trade.supplier.work()
    with trade.supplier.look() as uow:
        assert [row.revision for row in uow.documents.find(direction=Direction.IN)] == [1]


@pytest.mark.sqlite
def test_a_home_that_starts_with_bad_files_goes_on_with_its_last_revision(trade: Trade, sealed):
    trade.supplier.house.configure()
    write(trade.supplier, "partners/newcomer.yaml", "as2: [")
    supplier = trade.restart("supplier")
    refused = supplier.house.configure()
    assert (refused.is_refused, supplier.house.gateway.revision, supplier.house.gateway.book.faults) == (True, 1, ())
    post(trade, sealed, orders("A1"))
    assert [row.state for row in supplier.sets(direction=Direction.IN)] == [SetIn.DELIVERED]


def test_a_database_that_is_away_leaves_the_revision_in_force(trade: Trade):
    house = trade.supplier.house
    trade.supplier.configure()
    house.store.close()
    file = house.settings.home / "data" / "gateway.db"
    file.rename(file.with_suffix(".away"))
    file.mkdir()
    trade.clock.turn(timedelta(minutes=1))
    assert house.gateway.revision == 1
    file.rmdir()
    file.with_suffix(".away").rename(file)
    trade.clock.turn(timedelta(minutes=1))
    assert (house.gateway.revision, house.in_force.terms.revision) == (1, 1)


# --- what a plan tells ---


def told(trade: Trade, **files: str | None) -> dict[str, list[str]]:
    """The changes that these files of the supplier's would make, by path."""
    old = read_terms(trade.supplier.side.home)
    content = dict(old.files.files)
    for path, text in ((name.replace("__", "/").replace("_dot_", "."), text) for name, text in files.items()):
        if text is None:
            del content[path]
        else:
            content[path] = text.encode()
    new = terms_of(old.settings, FileSet(files=content, root=old.settings.home))
    found: dict[str, list[str]] = {}
    for one in changes(old, new):
        found.setdefault(one.path, []).append(one.words())
    return found


def test_a_partner_is_compared_key_by_key(trade: Trade):
    text = (trade.supplier.side.home / "partners" / "retailer.yaml").read_text()
    changed = text.replace("mdn: 2m", "mdn: 5m").replace("id: RETAILER\n", "id: RETAILER\n  sign: sha512\n", 1)
    assert told(trade, partners__retailer_dot_yaml=changed) == {
        "partners/retailer.yaml": ["as2.sign is new: sha512", "windows.mdn: 2m becomes 5m"]
    }


def test_comments_and_order_are_told_as_no_change_of_meaning(trade: Trade):
    text = (trade.supplier.side.home / "partners" / "retailer.yaml").read_text()
    assert told(trade, partners__retailer_dot_yaml=f"# our best customer\n{text}") == {
        "partners/retailer.yaml": ["written otherwise, the same in meaning"]
    }


def test_a_certificate_is_told_by_its_holder(trade: Trade):
    other = (trade.supplier.side.home / "certs" / "own.cert.pem").read_text()
    [gone, new] = told(trade, certs__retailer_dot_pem=other)["certs/retailer.pem"]
    assert gone.startswith("is gone; it was RETAILER, until ")
    assert new.startswith("is new: SUPPLIER, until ")


def test_a_map_of_ones_own_is_compared_row_by_row_with_the_shipped_one(trade: Trade):
    shipped = trade.supplier.gateway.shelf.map("x12/004010/850")
    text = Path(shipped.definition.files[-1]).read_text()
    row = next(line for line in text.splitlines() if line.strip().startswith("department:"))
    found = told(trade, maps__x12__004010__850_dot_yaml=text.replace(row + "\n", ""))["maps/x12/004010/850.yaml"]
    assert [line for line in found if "department" in line]
    assert len(found) == 2


def test_lines_of_a_table_are_told(trade: Trade):
    write(trade.supplier, "tables/items.csv", "record,document\nA,1\nB,2\n")
    assert told(trade, tables__items_dot_csv="record,document\nA,1\nB,3\n") == {"tables/items.csv": ["is gone; it was B,2", "is new: B,3"]}


def test_a_plan_of_nothing_new_is_empty_and_the_first_one_tells_everything(trade: Trade):
    now = trade.clock.now()
    first = plan(trade.supplier.house.terms, read_terms(trade.supplier.side.home), now)
    assert (first.revision, {one.what for one in first.changes}) == (None, {What.ADDED})
    trade.supplier.configure()
    again = plan(trade.supplier.house.terms, read_terms(trade.supplier.side.home), now)
    assert (again.revision, again.changes, again.findings, again.notes) == (1, (), (), ())


def test_the_console_tells_what_each_revision_changed_by_meaning(trade: Trade):
    party = trade.supplier
    party.configure()
    file = party.side.home / "partners" / f"{party.partner}.yaml"
    file.write_text(file.read_text().replace("mdn: 2m", "mdn: 5m"))
    party.configure("more patience")
    configuration = party.house.web_parts().configuration

    assert [(one.id, one.note) for one in configuration.history()] == [(2, "more patience"), (1, "")]
    assert configuration.in_use() == 2
    second = configuration.revision(2)
    assert [(one.path, one.words) for one in second.changes] == [
        (f"partners/{party.partner}.yaml", ("windows.mdn: 2m becomes 5m",)),
    ]
    first = configuration.revision(1)
    assert {one.path for one in first.changes} == set(first.revision.manifest)
    assert all(words.startswith("is new") for one in first.changes for words in one.words)
    assert first.sizes.keys() == set(first.revision.manifest.values())
    with pytest.raises(KeyError):
        configuration.revision(3)


def test_files_beside_the_revision_in_force_are_seen(trade: Trade):
    party = trade.supplier
    configuration = party.house.web_parts().configuration
    assert configuration.drift() is None, "before the first revision there is nothing to differ from"
    party.configure()
    assert configuration.drift() is None
    write(party, "partners/newcomer.yaml", NEWCOMER)
    (party.side.home / "partners" / f"{party.partner}.yaml").unlink()
    differing = configuration.drift()
    assert differing is not None
    assert differing.revision == 1
    assert {one.path: one.words for one in differing.files if one.path.startswith("partners/")} == {
        "partners/newcomer.yaml": ("is new",),
        f"partners/{party.partner}.yaml": ("is gone",),
    }
