from pathlib import Path

from edge.upload.store import Item, State, UploadStore


def item(name: str, since: int = 0, case: str = "") -> Item:
    return Item(f"evidence/{name}", "0" * 64, 10, case, "gate", f"2026-05-01T08:00:{since:02}.000Z")


def order(store: UploadStore, open_cases: set[str], *, asked_only: bool = False) -> list[str]:
    found: list[str] = []
    while (upload := store.next(open_cases, found, asked_only=asked_only)) is not None:
        found.append(upload.item.uri)
    return [uri.removeprefix("evidence/") for uri in found]


def test_asked_for_goes_before_open_cases_before_the_rest_each_oldest_first(tmp_path: Path) -> None:
    store = UploadStore(tmp_path / "uploads.sqlite")
    store.want(
        [item("new", 5), item("old", 1), item("open2", 9, "b"), item("open1", 8, "a"), item("asked", 7)]
    )
    store.want([item("asked", 7)], asked=True)
    assert order(store, {"a", "b"}) == ["asked", "open1", "open2", "old", "new"]
    assert order(store, set(), asked_only=True) == ["asked"]
    store.close()


def test_what_is_known_is_not_queued_twice_and_what_is_done_is_not_sent_again(tmp_path: Path) -> None:
    path = tmp_path / "uploads.sqlite"
    store = UploadStore(path)
    store.want([item("a"), item("a")])
    store.begun("evidence/a", "http://h/1")
    store.stored("evidence/a", "digest")
    assert [each.url for each in store.untold()] == ["http://h/1"]
    store.want([item("a")], asked=True)
    store.close()

    store = UploadStore(path)  # the list outlives the process
    assert order(store, set()) == []
    assert [each.verified for each in store.untold()] == ["digest"]
    store.told("evidence/a")
    assert store.untold() == []
    found = store.find("evidence/a")
    assert found is not None
    assert found.state is State.DONE
    store.close()


def test_what_was_given_up_is_tried_again_when_somebody_asks(tmp_path: Path) -> None:
    store = UploadStore(tmp_path / "uploads.sqlite")
    store.want([item("a")])
    store.given_up("evidence/a")
    store.want([item("a")])
    assert order(store, set()) == []
    store.want([item("a")], asked=True)
    assert order(store, set()) == ["a"]
    store.close()
