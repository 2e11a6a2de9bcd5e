"""One order under way, and all who follow what is answered to it."""

import asyncio
from collections.abc import AsyncIterator

from edge.orders.words import Accepted, Answer, Progress


class Course:
    """Whoever comes later hears all of it, from the first answer; of progress the newest word alone."""

    def __init__(self, command: str, digest: str, *answers: Answer) -> None:
        self.command, self.digest = command, digest
        self._answers = list(enumerate(answers))
        self._count = len(answers)
        self._bell = asyncio.Event()
        self._closed = False

    def say(self, answer: Answer) -> None:
        if self._answers and isinstance(self._answers[-1][1], Progress) and isinstance(answer, Progress):
            self._answers.pop()
        self._answers.append((self._count, answer))
        self._count += 1
        self._ring()

    def close(self) -> None:
        """No more is said here; another process will."""
        self._closed = True
        self._ring()

    async def follow(self) -> AsyncIterator[Answer]:
        """Ends with the answer that is final, or when closed."""
        heard = -1
        while True:
            bell, closed = self._bell, self._closed
            for number, answer in [each for each in self._answers if each[0] > heard]:
                heard = number
                yield answer
                if not isinstance(answer, Accepted | Progress):
                    return
            if closed:
                return
            await bell.wait()

    def _ring(self) -> None:
        rung, self._bell = self._bell, asyncio.Event()
        rung.set()
