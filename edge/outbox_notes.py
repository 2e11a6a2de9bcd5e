"""What consumers did and is not yet written down. Nothing here does I/O."""

from collections.abc import Iterable, Mapping

from edge.outbox_ledger import Notes


class Notebook:
    """Of all consumers, by name. len: rows that it says something of."""

    def __init__(self) -> None:
        self._done: dict[str, set[int]] = {}
        self._sent: dict[str, dict[int, float]] = {}
        self._upto: dict[str, int] = {}

    def __len__(self) -> int:
        return sum(map(len, self._done.values())) + sum(map(len, self._sent.values()))

    def __bool__(self) -> bool:
        return bool(len(self) or self._upto)

    def acknowledge(self, name: str, seqs: Iterable[int]) -> None:
        """That it was sent is then not worth writing."""
        fresh = set(seqs)
        self._done.setdefault(name, set()).update(fresh)
        sent = self._sent.get(name, {})
        for seq in fresh & sent.keys():
            del sent[seq]

    def sent(self, name: str, due: Mapping[int, float], upto: int) -> None:
        done = self._done.get(name, set())
        known = self._sent.setdefault(name, {})
        known.update((seq, at) for seq, at in due.items() if seq not in done)
        self._upto[name] = max(upto, self._upto.get(name, 0))

    def done(self, name: str) -> frozenset[int]:
        return frozenset(self._done.get(name, ()))

    def resent(self, name: str) -> frozenset[int]:
        return frozenset(self._sent.get(name, ()))

    def take(self) -> Notes:
        """All of it; the notebook is empty then."""
        notes = Notes(
            done={name: seqs for name, seqs in self._done.items() if seqs},
            sent={name: sent for name, sent in self._sent.items() if sent},
            upto=self._upto,
        )
        self._done, self._sent, self._upto = {}, {}, {}
        return notes

    def put_back(self, notes: Notes) -> None:
        """They could not be written."""
        for name, sent in notes.sent.items():
            self._sent[name] = {**sent, **self._sent.get(name, {})}
        for name, upto in notes.upto.items():
            self._upto[name] = max(upto, self._upto.get(name, 0))
        for name, seqs in notes.done.items():
            self.acknowledge(name, seqs)
