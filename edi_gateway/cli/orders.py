"""`edi-gateway order`: all documents of a purchase order with a partner, and those that a rule of their order holds back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from edi_gateway.cli.house import check_partner, opened_house
from edi_gateway.cli.message import actor, report
from edi_gateway.cli.options import home_option, json_option, reason_option
from edi_gateway.cli.outcome import FINDINGS, GOOD, counted, emit, end, table
from edi_gateway.cli.shown import row_json
from edi_gateway.faults import Fault, Faulty
from edi_gateway.lifecycle.order_references import Named
from edi_gateway.lifecycle.order_thread import Balance, Role
from edi_gateway.ports.rows import TransactionSet
from edi_gateway.ports.views import OrderView
from edi_gateway.ports.web import ActionResult
from edi_gateway.services import held as holding
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.orders import order_view

_SUMS = (Role.ORDER, Role.RESPONSE, Role.SHIPMENT, Role.INVOICE, Role.ADJUSTMENT)


@click.group("order")
def order_commands() -> None:
    """Show the thread of a purchase order; list, release and give up documents that a rule of it holds.

    \b
    Example:  edi-gateway order show 4500017 --partner acme-retail --home ~/gateway
    """


@order_commands.command()
@click.argument("po", metavar="PO")
@click.option("--partner", required=True, help="The partner's name, as its file is called.")
@home_option
@json_option
def show(po: str, partner: str, home: Path, as_json: bool) -> None:
    """Show every document of a purchase order, its windows, and what is ordered, confirmed, shipped and invoiced of each article.

    Exits with 1 where more is shipped than ordered, or more invoiced than shipped.

    \b
    Example:  edi-gateway order show 4500017 --partner acme-retail --home ~/gateway
    """
    with opened_house(home) as house:
        found = order_view(house.store, partner, po)
        check_partner(house, partner, found.sets if found else ())
    if found is None:
        raise Faulty([Fault.of("STO-458", value=po, partner=partner)])
    if as_json:
        emit(_as_json(found))
    else:
        _print(found)
    end(FINDINGS if any(_too_much(one) for one in found.balances) else GOOD)


def _as_json(found: OrderView) -> dict[str, Any]:
    return {
        "partner": found.partner,
        "po": found.po,
        "documents": [
            {**row_json(row), "counts": row.id in found.counting, "names": [f"{kind} {number}" for kind, number in _named(found, row)]}
            for row in found.sets
        ],
        "articles": [_balance_json(one) for one in found.balances],
        "windows": [row_json(one) for one in found.deadlines],
    }


def _named(found: OrderView, row: TransactionSet) -> tuple[Named, ...]:
    return found.refers.get(row.id or 0, ())


def _balance_json(one: Balance) -> dict[str, Any]:
    return {
        "line": one.line_id,
        "article": one.name,
        "ids": one.ids,
        "unit": one.unit,
        **{role.value: one.text(role) for role in _SUMS},
        "unlike_units": one.unlike,
        "too_much": _too_much(one),
    }


def _too_much(one: Balance) -> str | None:
    """What there is too much of, None where there is not."""
    if one[Role.SHIPMENT] > one[Role.ORDER] > 0:
        return "shipped"
    return "invoiced" if one[Role.INVOICE] > one[Role.SHIPMENT] > 0 else None


def _print(found: OrderView) -> None:
    columns = ("id", "time (UTC)", "", "set", "number", "state", "message", "names", "findings")
    names = {row.id: ", ".join(f"{kind} {number}" for kind, number in _named(found, row)) for row in found.sets}
    table(columns, ((*_cells(row), names[row.id], "" if row.id in found.counting else "does not count") for row in found.sets))
    click.echo("")
    heads = ("line", "article", "unit", *(role.value for role in _SUMS), "")
    table(heads, ((one.line_id, one.name, one.unit, *(one.text(role) for role in _SUMS), _too_much_words(one)) for one in found.balances))
    if found.deadlines:
        click.echo("")
        windows = ((one.expects, one.state.value, f"{one.due_at:%Y-%m-%d %H:%M}") for one in found.deadlines)
        table(("waits for", "window", "due (UTC)"), windows)


def _too_much_words(one: Balance) -> str:
    words = f"too much {_too_much(one)}" if _too_much(one) else ""
    return f"{words} (not in another unit: {', '.join(one.unlike)})".lstrip() if one.unlike else words


def _cells(row: TransactionSet) -> tuple[object, ...]:
    created = f"{row.created_at:%Y-%m-%d %H:%M:%S}"
    return row.id, created, row.direction.value, row.set_id, row.business_key, row.state.value, row.transmission_id


@order_commands.command()
@click.option("--partner", help="Only of this partner.")
@home_option
@json_option
def held(partner: str | None, home: Path, as_json: bool) -> None:
    """List the documents that are held, in either direction, each with the first reason. Exits with 1 where there is one.

    \b
    Example:  edi-gateway order held --home ~/gateway
    """
    with opened_house(home) as house, house.store.read() as uow:
        found = holding.held_documents(uow, partner)
        check_partner(house, partner, found)
    if as_json:
        emit({"documents": [row_json(row) for row in found]})
    elif found:
        columns = ("id", "time (UTC)", "", "set", "number", "state", "message", "partner", "why")
        table(columns, ((*_cells(row), row.partner, _why(row)) for row in found))
    else:
        click.echo("Nothing is held.")
    end(FINDINGS if found else GOOD)


def _why(row: TransactionSet) -> str:
    fault = next((one for one in row.faults if one.code == row.held_code), None)
    more = len(row.faults) - 1
    return (fault.line() if fault else row.held_code or "") + (f" And {counted(more, 'other finding')}." if more > 0 else "")


@order_commands.command()
@click.argument("number", type=int, metavar="ID")
@reason_option("Why, for the timeline.")
@home_option
@json_option
def release(number: int, reason: str, home: Path, as_json: bool) -> None:
    """Let a held document go on, whatever the rules of its order say. ID is that of `order held`. The running gateway does it.

    \b
    Example:  edi-gateway order release 17 --reason "the buyer agreed by phone" --home ~/gateway
    """
    report(_done(home, lambda gateway: holding.release(gateway, number, actor=actor(), reason=reason)), as_json)


@order_commands.command("give-up")
@click.argument("number", type=int, metavar="ID")
@reason_option("Why, for the timeline.")
@home_option
@json_option
def give_up(number: int, reason: str, home: Path, as_json: bool) -> None:
    """End a held document of ours: it is not sent, and another one of its number may be. It cannot be taken back.

    \b
    Example:  edi-gateway order give-up 17 --reason "invoiced twice" --home ~/gateway
    """
    report(_done(home, lambda gateway: holding.give_up(gateway, number, actor=actor(), reason=reason)), as_json)


def _done(home: Path, act: Callable[[Gateway], ActionResult]) -> ActionResult:
    with opened_house(home) as house:
        return act(house.gateway)
