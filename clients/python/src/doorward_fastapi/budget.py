"""Owns: how often something may be done at most, for what strangers can make us do."""

from collections import OrderedDict
from collections.abc import Callable, Hashable


class Budget:
    """So many at once, and then one more each so many seconds."""

    def __init__(self, most: int, every: float, clock: Callable[[], float]) -> None:
        self.most, self.every, self.clock = most, every, clock
        self._left, self._as_of = float(most), clock()

    def take(self) -> bool:
        now = self.clock()
        self._left = min(self.most, self._left + (now - self._as_of) / self.every)
        self._as_of = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Recent:
    """Names that were noted within the last so many seconds; the oldest go first where there are too many."""

    def __init__(self, seconds: float, most: int, clock: Callable[[], float]) -> None:
        self.seconds, self.most, self.clock = seconds, most, clock
        self._noted: OrderedDict[Hashable, float] = OrderedDict()

    def note(self, name: Hashable) -> None:
        self._noted[name] = self.clock()
        self._noted.move_to_end(name)
        if len(self._noted) > self.most:
            self._noted.popitem(last=False)

    def __contains__(self, name: Hashable) -> bool:
        noted = self._noted.get(name)
        return noted is not None and self.clock() - noted < self.seconds
