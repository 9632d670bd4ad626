"""What the worker keeps of a user: the last events, oldest first, and the form in which Redis keeps them."""
import array
import bisect
import struct

HEAD = struct.Struct("<qqI")


class Sequence:
    """Item indices (0: unknown to the model) and times of the kept events, how many there ever were, and the last record."""

    __slots__ = ("accepted", "offset", "items", "times", "newest")

    def __init__(self):
        self.accepted, self.offset, self.items, self.times, self.newest = 0, -1, [], [], ""

    def add(self, item, time, event_id, offset, kept):
        """Takes an event in, in the order of time. False: its record was worked before, ahead of a restart."""
        if offset <= self.offset:
            return False
        self.offset = offset
        self.accepted += 1
        items, times = self.items, self.times
        if not times or time >= times[-1]:
            items.append(item)
            times.append(time)
            self.newest = event_id
        else:
            at = bisect.bisect_right(times, time)
            items.insert(at, item)
            times.insert(at, time)
        if len(items) > kept:
            del items[0], times[0]
        return True

    def block(self, window):
        """What is encoded: from event W * max(0, n // W - 1) of n on, but for items that the model lacks."""
        start = window * max(0, self.accepted // window - 1)
        block = self.items[max(0, len(self.items) - (self.accepted - start)):]
        return [item for item in block if item] if 0 in block else block

    def pack(self):
        return b"".join((
            HEAD.pack(self.accepted, self.offset, len(self.items)),
            array.array("q", self.times).tobytes(), array.array("i", self.items).tobytes(), self.newest.encode()))

    @classmethod
    def unpack(cls, state):
        found = cls()
        found.accepted, found.offset, count = HEAD.unpack_from(state)
        times, items = array.array("q"), array.array("i")
        middle, end = HEAD.size + 8 * count, HEAD.size + 12 * count
        times.frombytes(state[HEAD.size:middle])
        items.frombytes(state[middle:end])
        found.times, found.items, found.newest = times.tolist(), items.tolist(), state[end:].decode()
        return found
