"""Lays one map over another: what stands above replaces what stands below, `omit:` takes it out."""

from dataclasses import replace

from edi_gateway.mapping.definition import Block, Equation, Item


def overlaid(below: tuple[Item, ...], above: tuple[Item, ...]) -> tuple[Item, ...]:
    """The items of a map with those of one that extends it: the same field is replaced, a block of fields alone is laid within."""
    laid = {item.field: item for item in below}
    for item in above:
        old = laid.get(item.field)
        if isinstance(item, Block) and isinstance(old, Block) and item.at is None:
            item = replace(
                old,
                items=overlaid(old.items, item.items),
                equations=overlaid_equations(old.equations, item.equations),
                units=item.units or old.units,
            )
        laid[item.field] = item
    return tuple(laid.values())


def overlaid_equations(below: tuple[Equation, ...], above: tuple[Equation, ...]) -> tuple[Equation, ...]:
    laid = {equation.path.text: equation for equation in below}
    laid |= {equation.path.text: equation for equation in above}
    return tuple(laid.values())


def without(items: tuple[Item, ...], equations: tuple[Equation, ...], name: str) -> tuple[tuple[Item, ...], tuple[Equation, ...], bool]:
    """Items and equations without one: `department`, `lines.gtin`, `CTT/02`, `lines.PO4/01`; and whether it was there."""
    left = tuple(equation for equation in equations if equation.path.text != name)
    if len(left) < len(equations):
        return items, left, True
    first, _, rest = name.partition(".")
    kept: list[Item] = []
    gone = False
    for item in items:
        if item.field != first:
            kept.append(item)
        elif not rest:
            gone = True
        elif isinstance(item, Block):
            inner, inner_equations, gone = without(item.items, item.equations, rest)
            kept.append(replace(item, items=inner, equations=inner_equations))
        else:
            kept.append(item)
    return tuple(kept), equations, gone
