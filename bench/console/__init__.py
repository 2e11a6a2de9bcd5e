"""Fifty people at the console of a box that works: each listens to the changes (server-sent events), asks for the lists
every few seconds as the pages do, and opens a page now and then. The clients are a process of their own; the floor is
a bare Starlette on the same uvicorn that answers the same number of bytes to the same clients, in the same run."""

from bench.report import Report

QUESTION = (
    "What do 50 people at the console wait for an answer and for an event, and what does it cost the box?"
)


def run(quick: bool) -> Report:
    """Raises FileNotFoundError without a Mosquitto."""
    from bench.console.course import measured  # noqa: PLC0415  (listing the benches loads this)

    return measured(clients=50, seconds=15.0 if quick else 120.0, repeats=1 if quick else 3)
