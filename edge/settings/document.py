"""A site file as plain data, with the place and the written form of every value."""

from dataclasses import dataclass, field
from typing import Any

from edge.settings.finding import DocumentPath, Finding, Level, Mark, nearest, written
from edge.settings.nodes import BadText, Entries, Items, Node, Scalar, compose
from edge.settings.scalars import NotFinite, plain
from edge.settings.secrets import SecretStore, SecretTrouble
from streams.problem import Text

_MOST_VALUES = 200_000  # 1,000 cameras have about 60,000; an alias bomb has billions
_DEEPEST = 24
_STANDARD_TAGS = ("!", "tag:yaml.org,2002:str")


@dataclass(slots=True)
class Document:
    """What a file says, whether right or wrong.

    data: mappings as dict with text keys, lists, and str/int/float/bool/None.
    marks: where each value is written: at its key, or where a list item begins.
    plain: the exact text of unquoted values that are not text ("0123", "true").
    secrets: the paths given by !secret. blanks: keys with nothing after the colon; they are not in data.
    findings: what is wrong so far. settled: the paths that have their error.
    """

    file: str
    lines: int = 1
    data: Any = field(default=None, repr=False)
    marks: dict[DocumentPath, Mark] = field(default_factory=lambda: {(): Mark()})
    plain: dict[DocumentPath, str] = field(default_factory=dict, repr=False)
    secrets: set[DocumentPath] = field(default_factory=set)
    blanks: list[DocumentPath] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    settled: set[DocumentPath] = field(default_factory=set)

    def mark(self, path: DocumentPath) -> Mark:
        """The place of the value, or of the nearest thing around it that is written at all."""
        return nearest(self.marks, path)

    def add(
        self, path: DocumentPath, text: Text, level: Level = Level.ERROR, mark: Mark | None = None
    ) -> None:
        """Note an error or a warning.

        An error settles the path, so that its value is complained of once; one with a mark of its own is about
        something beside the value (a second key of that name) and settles nothing.
        """
        place = mark or self.mark(path)
        place = Mark(min(place.line, self.lines), place.column)  # the library may point behind the last line
        self.findings.append(Finding(self.file, place, written(path), text, level))
        if level is Level.ERROR and mark is None:
            self.settled.add(path)

    @property
    def failed(self) -> bool:
        return any(finding.level is Level.ERROR for finding in self.findings)

    def is_settled(self, path: DocumentPath) -> bool:
        """Whether the path or something around it already has its error."""
        return any(path[:length] in self.settled for length in range(len(path) + 1))

    def holds_settled(self, path: DocumentPath) -> bool:
        """Whether something in it already has its error."""
        return any(done[: len(path)] == path for done in self.settled)


def parse(text: str, file: str, store: SecretStore) -> Document:
    """Never raises: what is wrong is in `findings`. data is None where the text is empty or no YAML."""
    document = Document(file, len(text.splitlines()) or 1)
    try:
        root = compose(text)
        if root is not None:
            document.data = _Reader(document, store).value(root, ())
    except BadText as trouble:
        document.data = None
        document.add((), trouble.text, mark=trouble.mark)
    return document


class _Reader:
    def __init__(self, document: Document, store: SecretStore) -> None:
        self._document = document
        self._store = store
        self._values = 0

    def value(self, node: Node, path: DocumentPath) -> Any:
        """The plain data of a node; None where it has an error."""
        self._spend(1, node)
        if len(path) > _DEEPEST:
            raise BadText(node.mark, _TOO_MUCH)
        if node.tag == "!secret":
            return self._secret(node, path)
        if node.tag is not None and not (isinstance(node, Scalar) and node.tag in _STANDARD_TAGS):
            return self._fail(path, _TAG)
        match node:
            case Scalar():
                return self._scalar(node, path)
            case Items():
                return self._items(node, path)
            case Entries():
                return self._entries(node, path)

    def _items(self, node: Items, path: DocumentPath) -> list[Any]:
        values = []
        for index, item in enumerate(node.nodes):
            self._document.marks[*path, index] = item.mark
            values.append(self.value(item, (*path, index)))
        return values

    def _entries(self, node: Entries, path: DocumentPath) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, item in self._pairs(node, path):
            name = self._key(key, path)
            if name is None:
                continue
            if name in values or (*path, name) in self._document.marks:
                self._document.add((*path, name), _twice(self._document.marks[*path, name]), mark=key.mark)
                continue
            self._document.marks[*path, name] = key.mark
            if _is_blank(item):
                self._document.blanks.append((*path, name))
                continue
            values[name] = self.value(item, (*path, name))
        return values

    def _pairs(self, node: Entries, path: DocumentPath) -> list[tuple[Node, Node]]:
        """Its own pairs, then what `<<: *anchor` lends it: own ones win (https://yaml.org/type/merge.html)."""
        own = [pair for pair in node.pairs if not _is_merge(pair[0])]
        names = {_name(key) for key, _ in own}
        for key, value in node.pairs:
            if not _is_merge(key):
                continue
            for lender in value.nodes if isinstance(value, Items) else [value]:
                if not isinstance(lender, Entries) or any(_is_merge(lent) for lent, _ in lender.pairs):
                    self._document.add(path, _MERGE, mark=key.mark)
                    continue
                self._spend(len(lender.pairs), lender)
                own += [pair for pair in lender.pairs if _name(pair[0]) not in names]
                names |= {_name(lent) for lent, _ in lender.pairs}
        return own

    def _key(self, node: Node, path: DocumentPath) -> str | None:
        name = _name(node)
        if not name or node.tag is not None or not _is_unicode(name):
            self._document.add(path, _KEY, mark=node.mark)
            return None
        return name

    def _scalar(self, node: Scalar, path: DocumentPath) -> Any:
        if not _is_unicode(node.text):
            return self._fail(path, _HALF)
        if not node.plain or node.tag is not None:
            return node.text
        try:
            value = plain(node.text)
        except NotFinite:
            return self._fail(path, _NOT_FINITE)
        if not isinstance(value, str):
            self._document.plain[path] = node.text
        return value

    def _secret(self, node: Node, path: DocumentPath) -> Any:
        self._document.secrets.add(path)
        if not isinstance(node, Scalar):
            return self._fail(path, _SECRET_FORM)
        try:
            secret = self._store.find(node.text)
        except SecretTrouble as trouble:
            return self._fail(path, trouble.text)
        if secret.warning is not None:
            self._document.add(path, secret.warning, Level.WARNING)
        return secret.value.get_secret_value()

    def _fail(self, path: DocumentPath, text: Text) -> None:
        self._document.add(path, text)

    def _spend(self, values: int, node: Node) -> None:
        """Aliases can make ten lines mean a billion values."""
        self._values += values
        if self._values > _MOST_VALUES:
            raise BadText(node.mark, _TOO_MUCH)


def _is_merge(node: Node) -> bool:
    return isinstance(node, Scalar) and node.plain and node.text == "<<"


def _name(key: Node) -> str | None:
    return key.text if isinstance(key, Scalar) else None


def _is_blank(node: Node) -> bool:
    return isinstance(node, Scalar) and node.plain and node.text == "" and node.tag is None


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _twice(first: Mark) -> Text:
    return Text(f"is given twice (first on line {first.line})", f"重复出现（首次在第 {first.line} 行）")


_TOO_MUCH = Text(
    "holds far more values than a site can have; are aliases repeated in aliases?",
    "内容过多；是否在别名中重复引用别名？",
)
_TAG = Text(
    "has an unknown tag; only !secret NAME is known, and a value that begins with ! needs quotes",
    "含未知标签；只支持 !secret 名称，以 ! 开头的值要加引号",
)
_MERGE = Text(
    "<< needs an alias of a mapping that has no << of its own", "<< 后应为映射的别名，且该映射自身不含 <<"
)
_KEY = Text("has a key that is not a plain word", "含有不是普通单词的键")
_HALF = Text("holds half a character (a lone surrogate escape)", "含有不完整的字符（孤立的代理转义）")
_NOT_FINITE = Text(
    "needs a finite number; put it in quotes if it is meant as text", "需要有限的数；若是文字请加引号"
)
_SECRET_FORM = Text("!secret is followed by one name", "!secret 后面应为一个名称")
