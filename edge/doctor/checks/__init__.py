"""One file per thing that is looked at; each exports `questions(box) -> Iterable[Question]`."""
