"""Many things as parallel arrays: one row each, picked and joined together."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


class Columns:
    """Base of a `dataclass(slots=True)` whose fields are all arrays of the same length."""

    __slots__ = ()

    def keep(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> Self:
        return type(self)(*(getattr(self, name)[chosen] for name in self._names()))

    def joined(self, other: Self) -> Self:
        """These rows, then the other's."""
        return type(self)(
            *(np.concatenate((getattr(self, name), getattr(other, name))) for name in self._names())
        )

    def _names(self) -> Any:
        return type(self).__slots__
