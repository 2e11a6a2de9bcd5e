"""Every way in which a module is broken, one at a time. Operators are cosmic-ray's and two of our own."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator
from parso.python.tree import Function, PythonNode
from parso.tree import NodeOrLeaf

from bench.mutation.operators import LeaveOut, Position, TurnMembership

# Of each comparison what differs at its bound and its opposite, of each sign one other: tests that notice these notice
# the rest of cosmic-ray's 188 replacements.
_COMPARISONS = (
    *("Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is"),
    *("Lt_LtE", "Lt_GtE", "LtE_Lt", "LtE_Gt", "Gt_GtE", "Gt_LtE", "GtE_Gt", "GtE_Lt"),
)
_SIGNS = (
    *("Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Mul", "Mod_FloorDiv", "Pow_Mul"),
    *("RShift_LShift", "LShift_RShift", "BitOr_BitAnd", "BitAnd_BitOr", "BitXor_BitAnd"),
)
_OTHERS = (
    *("AddNot", "Delete_Not", "Delete_USub", "Delete_Invert", "ReplaceAndWithOr", "ReplaceOrWithAnd"),
    *("ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "NumberReplacer", "ExceptionReplacer"),
    *("ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "ZeroIterationForLoop"),
)
_NAMES = (
    *(f"ReplaceComparisonOperator_{each}" for each in _COMPARISONS),
    *(f"ReplaceBinaryOperator_{each}" for each in _SIGNS),
    *(f"ReplaceUnaryOperator_{each}" if each.startswith("Delete") else each for each in _OTHERS),
)


class Operator(Protocol):
    """What cosmic-ray's operators do: tell each way in which they change a node, and change it in one of them."""

    def mutation_positions(self, node: NodeOrLeaf) -> Iterator[Position]: ...

    def mutate(self, node: PythonNode, index: int) -> NodeOrLeaf: ...


@dataclass(frozen=True, slots=True)
class Mutant:
    """line: of the module, from 1. was, becomes: the first line that differs, without its indent. source: the
    whole module."""

    line: int
    was: str
    becomes: str
    source: str


def mutants(source: str) -> list[Mutant]:
    """In the order of their lines. Types and decorators are left alone: the type checker looks at those."""
    tree = get_ast(source)
    operators = [*(get_operator(f"core/{name}")() for name in _NAMES), LeaveOut(), TurnMembership()]
    found = [mutant for each in operators for mutant in _by(each, source, tree)]
    return sorted(found, key=lambda each: (each.line, each.becomes))


def _by(operator: Operator, source: str, tree: NodeOrLeaf) -> Iterator[Mutant]:
    places = [node for node in ast_nodes(tree) for _ in operator.mutation_positions(node)]
    for occurrence, node in enumerate(places):
        if not _is_declared(node):
            broken = mutate_code(source, operator, occurrence)
            if _is_python(broken):
                yield _told(source, broken)


def _is_declared(node: NodeOrLeaf) -> bool:
    """Part of a decorator, or of the type of a name, an argument or a result."""
    parent = node.parent
    if parent is None:
        return False
    if parent.type in {"tfpdef", "decorator"} or (parent.type == "annassign" and node is parent.children[1]):
        return True
    return (isinstance(parent, Function) and node is parent.annotation) or _is_declared(parent)


def _is_python(source: str) -> bool:
    """The stars of {**a} and the bars of a pattern are signs to cosmic-ray."""
    try:
        compile(source, "mutant", "exec")
    except SyntaxError:
        return False
    return True


def _told(source: str, broken: str) -> Mutant:
    lines = zip(source.splitlines(), broken.splitlines(), strict=False)
    line, (was, becomes) = next((n, pair) for n, pair in enumerate(lines, 1) if pair[0] != pair[1])
    return Mutant(line, was.strip(), becomes.strip(), broken)
