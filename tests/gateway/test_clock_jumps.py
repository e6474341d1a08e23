"""The machine's clock jumps under a running gateway: forward a day, back an hour, into a leap day, over a change of daylight saving.

libfaketime (Debian: `apt install libfaketime`) stands between the process and the system's clock, and takes its offset from a file.
"""

import sysconfig
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edi_gateway.demo import papers
from edi_gateway.demo.homes import Pair
from edi_gateway.lifecycle.states import DeadlineState, SetOut
from edi_gateway.ports.channels import Answer
from edi_gateway.testing.interchanges import orders

from .serving import each_is_delivered_once, serving, store_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

LIBRARIES = (
    Path("/usr/lib") / str(sysconfig.get_config_var("MULTIARCH")) / "faketime" / "libfaketimeMT.so.1",
    Path("/usr/local/lib/faketime/libfaketimeMT.so.1"),
)
AFTER_A_SET_BACK = timedelta(seconds=150)
"""The worker looks every minute whether the clock was set back."""


def to(moment: datetime) -> timedelta:
    """How far away a moment is."""
    return moment - datetime.now(UTC)


def jumps() -> list[tuple[str, timedelta]]:
    """Offsets to the true time, in order; the keys of the two homes are made for three years."""
    year = datetime.now(UTC).year
    leap = next(one for one in range(year, year + 8) if one % 4 == 0 and to(datetime(one, 2, 29, tzinfo=UTC)) > timedelta(days=2))
    steps = [
        ("a day on", timedelta(days=1)),
        ("an hour back", timedelta(hours=23)),
        ("just before the clocks in New York go on", to(datetime(year + 1, 3, 14, 6, 59, 55, tzinfo=UTC))),
        ("the last seconds before a leap day", to(datetime(leap, 2, 28, 23, 59, 55, tzinfo=UTC))),
    ]
    return [(name, offset) for name, offset in steps if offset < timedelta(days=3 * 365 - 2)]


@pytest.fixture
def faked(tmp_path: Path) -> tuple[dict[str, str], Callable[[timedelta], None]]:
    """Surroundings in which the clock is ours, and what sets its offset."""
    library = next((one for one in LIBRARIES if one.exists()), None)
    if library is None:
        pytest.skip("libfaketime is not installed")
    file = tmp_path / "offset"

    def offset(by: timedelta) -> None:
        new = file.with_suffix(".new")
        new.write_text(f"{by.total_seconds():+.0f}\n")
        new.rename(file)

    offset(timedelta(0))
    surroundings = {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_NO_CACHE": "1",  # with one, of whole seconds, an offset may go unseen for three
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # a clock that is set moves no monotonic one
        "FAKETIME_DONT_RESET": "1",
        "NO_FAKE_STAT": "1",
    }
    return surroundings, offset


def test_a_clock_that_jumps_loses_nothing_and_holds_up_no_work(
    pair: Pair, post: Callable[..., object], running: Callable, until: Callable[..., None], faked
) -> None:
    surroundings, offset = faked
    numbers = []
    with running(pair.retailer, "supplier") as retailer, serving(pair.supplier, surroundings) as gateway:
        for number, (name, by) in enumerate([("the true time", timedelta(0)), *jumps()], 1):
            offset(by)
            answer = post(pair, orders(f"PO-{number}", control=number), f"<{number}@retailer.example>")
            assert isinstance(answer, Answer), (name, answer)
            assert answer.status == 200, name
            numbers.append(f"PO-{number}")
            invoice = papers.fill(papers.INVOICE, f"PO-{number}", datetime.now(UTC).date())
            new = pair.supplier.home / "erp" / "retailer" / f"invoice_{number}"
            new.write_text(invoice)
            new.rename(new.parent / "in" / f"invoice_{number}.csv")
            with store_of(pair.supplier) as store:

                def accepted(store=store) -> list[str | None]:
                    with store.read() as uow:
                        return [one.business_key for one in uow.sets.find(set_id="810", state=SetOut.ACCEPTED)]

                until(f"all is settled: {name}", lambda number=number, accepted=accepted: len(accepted()) == number, AFTER_A_SET_BACK)
                with store.read() as uow:
                    assert {one.created_at.date() for one in uow.transmissions.find()} >= {(datetime.now(UTC) + by).date()}, name
        each_is_delivered_once(pair.supplier, numbers, until)
        with store_of(pair.supplier) as store, store.read() as uow:
            assert {one.state for one in uow.deadlines.find() if one.expects != "855"} == {DeadlineState.MET}
        assert not gateway.is_dead()
        assert sum(path.name.startswith("invoice") for path in (retailer.erp / "out").iterdir()) == len(numbers)
