"""The expressions of equations and conditions: a small total language over record fields.

Python's expression syntax, read with `ast` and a list of nodes that may stand in it; Decimals only, no attribute but a record's
field, no loop but over a list, no division. What is left cannot fail, cannot run on and cannot reach anything: an absent
number counts as 0, an absent text equals only `none`.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, is_dataclass
from datetime import date, time
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from edi_gateway.records.codec import field_types

MAX_LENGTH = 500
_FUNCTIONS = "count, sum, min, max, any, all, round, abs"


class Sort(StrEnum):
    """What kind of value an expression has."""

    NUMBER = "a number"
    TEXT = "text"
    TRUTH = "true or false"
    DAY = "a date or time"
    LIST = "a list"
    RECORD = "a record"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """What a name stands for. Shape: `code` is the Python that gives it; `one` the type of one value."""

    code: str
    one: type
    many: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """A compiled expression. Shape: `code` is Python over `SUPPORT` and the scope's own names; `names` are the fields it reads."""

    text: str
    code: str
    sort: Sort
    names: frozenset[str]


class ExpressionTrouble(ValueError):
    """An expression that cannot be read. Units: `column` counts characters of the expression from one."""

    def __init__(self, words: str, column: int = 1) -> None:
        super().__init__(words)
        self.column = column


def compile_expression(text: str, scope: Mapping[str, Name]) -> Expression:
    """The expression over the names of a scope. Errors: ExpressionTrouble."""
    if len(text) > MAX_LENGTH:
        raise ExpressionTrouble(f"an expression has at most {MAX_LENGTH} characters")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        column = error.offset or 1 if isinstance(error, SyntaxError) else 1
        raise ExpressionTrouble("it is not an expression", column) from None
    compiler = _Compiler(scope)
    code, sort = compiler.compile(tree.body)
    return Expression(text=text, code=code, sort=sort, names=frozenset(compiler.used))


def record_scope(kind: type, code: str) -> dict[str, Name]:
    """The fields of a record type as names, read from the variable `code`."""
    return {name: Name(code=f"{code}.{name}", one=one, many=many) for name, (one, many, _) in field_types(kind).items()}


def round_half_up(value: Decimal, places: Decimal) -> Decimal:
    """A number rounded to so many places, half away from zero, as invoices are."""
    if not value.is_finite() or abs(places) > 12 or value.adjusted() + places > 24:
        return value
    return value.quantize(Decimal(1).scaleb(-int(places)), rounding=ROUND_HALF_UP)


SUPPORT: dict[str, Any] = {"Decimal": Decimal, "ZERO": Decimal(0), "round_half_up": round_half_up}

_ARITHMETIC: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}
_COMPARISON: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}


class _Compiler:
    def __init__(self, scope: Mapping[str, Name]) -> None:
        self._scopes: list[Mapping[str, Name]] = [scope]
        self._depth = 0
        self.used: set[str] = set()
        self._kinds: dict[type[ast.expr], Callable[[Any], tuple[str, Sort]]] = {
            ast.Name: self._name,
            ast.Attribute: self._attribute,
            ast.Constant: self._constant,
            ast.BinOp: self._arithmetic,
            ast.UnaryOp: self._unary,
            ast.BoolOp: self._logic,
            ast.Compare: self._comparison,
            ast.IfExp: self._choice,
            ast.Call: self._call,
        }

    def compile(self, node: ast.expr) -> tuple[str, Sort]:
        kind = self._kinds.get(type(node))
        if kind is None:
            raise ExpressionTrouble(f"{ast.unparse(node)!r} is not allowed here", node.col_offset + 1)
        self._depth += 1
        if self._depth > 30:
            raise ExpressionTrouble("it is nested too deeply", node.col_offset + 1)
        result = kind(node)
        self._depth -= 1
        return result

    def _need(self, node: ast.expr, *sorts: Sort) -> tuple[str, Sort]:
        code, sort = self.compile(node)
        if sort not in sorts:
            raise ExpressionTrouble(f"{ast.unparse(node)!r} is {sort}, where {' or '.join(sorts)} is needed", node.col_offset + 1)
        return code, sort

    def _found(self, name: Name) -> tuple[str, Sort]:
        if name.many:
            return name.code, Sort.LIST
        if is_dataclass(name.one):
            return name.code, Sort.RECORD
        if name.one is bool:
            return f"({name.code} is True)", Sort.TRUTH
        if name.one in (Decimal, int):
            return f"({name.code} or ZERO)", Sort.NUMBER
        return name.code, Sort.DAY if name.one in (date, time) else Sort.TEXT

    def _lookup(self, node: ast.expr) -> Name:
        if isinstance(node, ast.Name):
            for depth in range(len(self._scopes) - 1, -1, -1):
                if node.id in self._scopes[depth]:
                    if depth == 0:
                        self.used.add(node.id)
                    return self._scopes[depth][node.id]
            raise ExpressionTrouble(f"{node.id!r} is no field of this record", node.col_offset + 1)
        if isinstance(node, ast.Attribute):
            owner = self._lookup(node.value)
            if owner.many or not is_dataclass(owner.one):
                raise ExpressionTrouble(f"{ast.unparse(node.value)!r} has no fields of its own", node.col_offset + 1)
            fields = field_types(owner.one)
            if node.attr not in fields:
                raise ExpressionTrouble(f"{node.attr!r} is no field of {owner.one.__name__}", node.col_offset + 1)
            one, many, _ = fields[node.attr]
            return Name(code=f"getattr({owner.code}, {node.attr!r}, {'()' if many else None})", one=one, many=many)
        raise ExpressionTrouble(f"{ast.unparse(node)!r} is not a field", node.col_offset + 1)

    def _name(self, node: ast.Name) -> tuple[str, Sort]:
        if node.id == "none":
            return "None", Sort.NONE
        if node.id in ("true", "false"):
            return node.id.capitalize(), Sort.TRUTH
        return self._found(self._lookup(node))

    def _attribute(self, node: ast.Attribute) -> tuple[str, Sort]:
        return self._found(self._lookup(node))

    def _constant(self, node: ast.Constant) -> tuple[str, Sort]:
        if isinstance(node.value, str):
            return repr(node.value), Sort.TEXT
        if isinstance(node.value, int | float) and not isinstance(node.value, bool):
            number = Decimal(str(node.value))
            if number.is_finite() and abs(number.adjusted()) < 20:
                return f"Decimal({str(number)!r})", Sort.NUMBER
        raise ExpressionTrouble("only text and plain numbers are constants", node.col_offset + 1)

    def _arithmetic(self, node: ast.BinOp) -> tuple[str, Sort]:
        operator = _ARITHMETIC.get(type(node.op))
        if operator is None:
            raise ExpressionTrouble("only + - * are known", node.col_offset + 1)
        left, _ = self._need(node.left, Sort.NUMBER)
        right, _ = self._need(node.right, Sort.NUMBER)
        return f"({left} {operator} {right})", Sort.NUMBER

    def _unary(self, node: ast.UnaryOp) -> tuple[str, Sort]:
        if isinstance(node.op, ast.Not):
            return f"(not {self._need(node.operand, Sort.TRUTH)[0]})", Sort.TRUTH
        if isinstance(node.op, ast.USub):
            return f"(-{self._need(node.operand, Sort.NUMBER)[0]})", Sort.NUMBER
        raise ExpressionTrouble("only not and - stand before a value", node.col_offset + 1)

    def _logic(self, node: ast.BoolOp) -> tuple[str, Sort]:
        operator = " and " if isinstance(node.op, ast.And) else " or "
        return f"({operator.join(self._need(value, Sort.TRUTH)[0] for value in node.values)})", Sort.TRUTH

    def _comparison(self, node: ast.Compare) -> tuple[str, Sort]:
        if len(node.ops) != 1:
            raise ExpressionTrouble("one comparison at a time; join them with and", node.col_offset + 1)
        operation, right = node.ops[0], node.comparators[0]
        if isinstance(operation, ast.In | ast.NotIn) and isinstance(right, ast.Tuple | ast.List):
            code, sort = self._need(node.left, Sort.TEXT, Sort.NUMBER)
            options = ", ".join(self._need(option, sort)[0] for option in right.elts)
            return f"({code} {'in' if isinstance(operation, ast.In) else 'not in'} ({options},))", Sort.TRUTH
        operator = _COMPARISON.get(type(operation))
        if operator is None:
            raise ExpressionTrouble("only == != < <= > >= and in (…) compare", node.col_offset + 1)
        if isinstance(right, ast.Name) and right.id == "none" and operator in ("==", "!="):
            return f"({self._lookup(node.left).code} {'is' if operator == '==' else 'is not'} None)", Sort.TRUTH
        ordered = operator not in ("==", "!=")
        left, sort = self._need(node.left, Sort.NUMBER, *(() if ordered else (Sort.TEXT, Sort.TRUTH, Sort.DAY)))
        return f"({left} {operator} {self._need(right, sort)[0]})", Sort.TRUTH

    def _choice(self, node: ast.IfExp) -> tuple[str, Sort]:
        test, _ = self._need(node.test, Sort.TRUTH)
        yes, sort = self.compile(node.body)
        no, _ = self._need(node.orelse, sort)
        return f"({yes} if {test} else {no})", sort

    def _call(self, node: ast.Call) -> tuple[str, Sort]:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if node.keywords or not node.args:
            raise ExpressionTrouble(f"known functions are {_FUNCTIONS}", node.col_offset + 1)
        match name, node.args:
            case "count", [ast.GeneratorExp() as each]:
                return f"Decimal(sum(1 for _ in {self._each(each, None)}))", Sort.NUMBER
            case "count", [listed]:
                return f"Decimal(len({self._need(listed, Sort.LIST)[0]}))", Sort.NUMBER
            case "sum", [ast.GeneratorExp() as each]:
                return f"sum({self._each(each, Sort.NUMBER)}, ZERO)", Sort.NUMBER
            case (("min" | "max"), [ast.GeneratorExp() as each]):
                return f"{name}({self._each(each, Sort.NUMBER)}, default=ZERO)", Sort.NUMBER
            case (("any" | "all"), [ast.GeneratorExp() as each]):
                return f"{name}{self._each(each, Sort.TRUTH)}", Sort.TRUTH
            case "round", [value, places]:
                return f"round_half_up({self._need(value, Sort.NUMBER)[0]}, {self._need(places, Sort.NUMBER)[0]})", Sort.NUMBER
            case "abs", [value]:
                return f"abs({self._need(value, Sort.NUMBER)[0]})", Sort.NUMBER
        raise ExpressionTrouble(f"{ast.unparse(node)!r} is no known call; known functions are {_FUNCTIONS}", node.col_offset + 1)

    def _each(self, node: ast.GeneratorExp, wanted: Sort | None) -> str:
        """A loop over lists as Python's own generator; `wanted` is the sort of what it gives, None for anything."""
        loops, outer = [], len(self._scopes)
        for number, part in enumerate(node.generators):
            if not isinstance(part.target, ast.Name) or part.is_async:
                raise ExpressionTrouble("a loop names one thing: for l in lines", node.col_offset + 1)
            listed = self._lookup(part.iter)
            if not listed.many:
                raise ExpressionTrouble(f"{ast.unparse(part.iter)!r} is not a list", part.iter.col_offset + 1)
            variable = f"each_{outer}_{number}"
            self._scopes.append({part.target.id: Name(code=variable, one=listed.one, many=False)})
            tests = "".join(f" if {self._need(test, Sort.TRUTH)[0]}" for test in part.ifs)
            loops.append(f"for {variable} in {listed.code}{tests}")
        given = self._need(node.elt, wanted)[0] if wanted else "None" if isinstance(node.elt, ast.Name) else self.compile(node.elt)[0]
        del self._scopes[outer:]
        return f"({given} {' '.join(loops)})"
