"""What cosmic-ray does not do by itself: a statement is left out, a membership is turned round."""

from collections.abc import Iterator

from parso.python.tree import Keyword, PythonNode
from parso.tree import BaseNode, NodeOrLeaf, search_ancestor

Position = tuple[tuple[int, int], tuple[int, int]]

_EFFECTS = {"atom_expr", "return_stmt", "raise_stmt", "del_stmt", "yield_expr"}


class LeaveOut:
    """A call, an assignment to what outlives the function, an early end: `pass` in its place. A cosmic-ray operator."""

    def mutation_positions(self, node: NodeOrLeaf) -> Iterator[Position]:
        if _is_effect(node):
            yield node.start_pos, node.end_pos

    def mutate(self, node: NodeOrLeaf, index: int) -> Keyword:
        """index: 0, there is one way."""
        return Keyword("pass", node.start_pos, prefix=node.get_first_leaf().prefix)  # type: ignore[no-untyped-call]


class TurnMembership:
    """`in` for `not in`, and the other way round. A cosmic-ray operator."""

    def mutation_positions(self, node: NodeOrLeaf) -> Iterator[Position]:
        yield from ((each.start_pos, each.end_pos) for each in _memberships(node))

    def mutate(self, node: PythonNode, index: int) -> PythonNode:
        """index: which of a chain of comparisons."""
        chosen = _memberships(node)[index]
        turned = "in" if chosen.type == "comp_op" else "not in"
        node.children[node.children.index(chosen)] = Keyword(turned, chosen.start_pos, prefix=" ")
        return node


def _is_effect(node: NodeOrLeaf) -> bool:
    if node.parent is None or node.parent.type != "simple_stmt" or search_ancestor(node, "funcdef") is None:
        return False  # a declaration, at the module's or a class's level
    if _code(node).startswith("log."):
        return False  # what is logged is nobody's promise
    return node.type in _EFFECTS or (node.type == "expr_stmt" and _outlives(node))


def _outlives(assignment: NodeOrLeaf) -> bool:
    """More than a plain name is assigned to, or in place: without that of a name there is a NameError at once."""
    assert isinstance(assignment, BaseNode)
    target, sign = assignment.children[:2]
    if sign.type == "annassign":
        return target.type != "name" and "=" in _code(sign)
    return target.type != "name" or _code(sign) != "="


def _memberships(node: NodeOrLeaf) -> list[NodeOrLeaf]:
    """The signs of a comparison that are one."""
    if node.type != "comparison" or not isinstance(node, BaseNode):
        return []
    return [each for each in node.children[1::2] if _code(each) in {"in", "not in"}]


def _code(node: NodeOrLeaf) -> str:
    return str(node.get_code(include_prefix=False))  # type: ignore[no-untyped-call]
