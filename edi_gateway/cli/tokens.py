"""`edi-gateway token`: the tokens of the API of documents, made, listed and revoked."""

from pathlib import Path

import click

from edi_gateway.cli.house import opened_house
from edi_gateway.cli.options import home_option, json_option
from edi_gateway.cli.outcome import emit, table
from edi_gateway.cli.partner import known_partner
from edi_gateway.ports.rows import ApiToken
from edi_gateway.services.tokens import make_token, revoke_token, tokens


@click.group("token")
def token_commands() -> None:
    """Make, list and revoke the tokens with which programs use the API of documents.

    \b
    Example:  edi-gateway token create erp --partner acme-retail --home ~/gateway
    """


@token_commands.command()
@click.argument("name")
@click.option("--partner", "partners", multiple=True, metavar="KEY", help="For this partner alone; may be given several times.")
@home_option
@json_option
def create(name: str, partners: tuple[str, ...], home: Path, as_json: bool) -> None:
    """Make a token. NAME says whose it is. The token is shown once: only its digest is kept.

    Without --partner it is for all partners, those of the future among them.

    \b
    Example:  edi-gateway token create erp --partner acme-retail --home ~/gateway
    """
    with opened_house(home) as house:
        for key in partners:
            known_partner(house.terms, key)
        row, secret = make_token(house.store, name, partners, house.clock.now())
    if as_json:
        emit({"id": row.id, "name": row.name, "partners": row.partners, "token": secret})
        return
    click.echo(secret)
    click.echo(f"Token {row.id} for {_scope(row)}. Keep it now: it is not shown again.", err=True)


@token_commands.command("list")
@home_option
@json_option
def list_tokens(home: Path, as_json: bool) -> None:
    """List all tokens, revoked ones among them. What a token is made of is not kept, and so cannot be shown.

    \b
    Example:  edi-gateway token list --home ~/gateway
    """
    with opened_house(home) as house:
        found = tokens(house.store)
    if as_json:
        emit({"tokens": [_told(one) for one in found]})
        return
    if not found:
        click.echo('There are no tokens yet; make one with "edi-gateway token create NAME --partner KEY".', err=True)
        return
    rows = ((one.id, one.name, _scope(one), _day(one.created_at), _day(one.revoked_at)) for one in found)
    table(("id", "name", "partners", "made (UTC)", "revoked"), rows)


@token_commands.command()
@click.argument("number", type=int, metavar="ID")
@home_option
@json_option
def revoke(number: int, home: Path, as_json: bool) -> None:
    """End a token: from now on whoever bears it is turned away.

    \b
    Example:  edi-gateway token revoke 3 --home ~/gateway
    """
    with opened_house(home) as house:
        row = revoke_token(house.store, number, house.clock.now())
    if as_json:
        emit(_told(row))
    else:
        click.echo(f"Token {row.id} ({row.name}) is revoked.")


def _told(row: ApiToken) -> dict[str, object]:
    return {"id": row.id, "name": row.name, "partners": row.partners, "created_at": row.created_at, "revoked_at": row.revoked_at}


def _scope(row: ApiToken) -> str:
    return ", ".join(row.partners) or "all partners"


def _day(moment: object) -> str | None:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else None
