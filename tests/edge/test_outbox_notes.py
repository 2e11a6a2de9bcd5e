"""What consumers did, between the doing and the writing down."""

from edge.outbox_ledger import Notes
from edge.outbox_notes import Notebook


def test_an_empty_notebook_has_nothing_to_write() -> None:
    notebook = Notebook()
    assert (len(notebook), bool(notebook)) == (0, False)
    assert not notebook.take()
    assert notebook.done("centre") == notebook.resent("centre") == frozenset()


def test_rows_are_counted_over_all_consumers_and_how_far_one_is_is_worth_writing_alone() -> None:
    notebook = Notebook()
    notebook.sent("centre", {}, 7)
    assert (len(notebook), bool(notebook)) == (0, True)
    notebook.acknowledge("cases", [1, 2])
    notebook.sent("centre", {3: 9.0, 4: 9.5}, 4)
    assert (len(notebook), bool(notebook)) == (4, True)
    notes = notebook.take()
    assert notes == Notes({"cases": {1, 2}}, {"centre": {3: 9.0, 4: 9.5}}, {"centre": 7})
    assert (len(notebook), bool(notebook)) == (0, False)
    assert not notebook.take()


def test_what_is_acknowledged_is_not_worth_noting_as_sent_whichever_was_first() -> None:
    notebook = Notebook()
    notebook.sent("centre", {1: 5.0, 2: 5.0}, 2)
    notebook.acknowledge("centre", [1])
    notebook.sent("centre", {1: 8.0, 3: 8.0}, 3)
    assert notebook.done("centre") == {1}
    assert notebook.resent("centre") == {2, 3}
    assert notebook.done("other") == frozenset()
    notebook.acknowledge("other", [2])
    assert notebook.resent("centre") == {2, 3}  # that is another one's word
    assert notebook.take() == Notes(
        {"centre": {1}, "other": {2}}, {"centre": {2: 5.0, 3: 8.0}}, {"centre": 3}
    )


def test_nobody_is_named_who_did_nothing_in_the_end() -> None:
    notebook = Notebook()
    notebook.acknowledge("cases", [])
    notebook.sent("centre", {1: 5.0}, 0)
    notebook.acknowledge("centre", [1])
    notes = notebook.take()
    assert (notes.done, notes.sent) == ({"centre": {1}}, {})


def test_that_nothing_was_taken_yet_stays_nothing() -> None:
    notebook = Notebook()
    notebook.sent("centre", {}, 0)
    notes = notebook.take()
    assert notes.upto == {"centre": 0}
    notebook.put_back(notes)
    assert notebook.take().upto == {"centre": 0}


def test_what_could_not_be_written_is_put_back_under_what_was_done_since() -> None:
    notebook = Notebook()
    notebook.acknowledge("centre", [1])
    notebook.sent("centre", {2: 5.0, 3: 5.0, 4: 5.0}, 4)
    notes = notebook.take()
    notebook.acknowledge("centre", [5])
    notebook.sent("centre", {2: 9.0}, 2)
    notebook.put_back(notes)
    assert notebook.done("centre") == {1, 5}
    assert notebook.take() == Notes({"centre": {1, 5}}, {"centre": {2: 9.0, 3: 5.0, 4: 5.0}}, {"centre": 4})
