"""Reading the event log (include/castle/trace.h); its names come from the headers that the kernel is made with."""
import collections
import os
import re
import struct

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MAGIC, END, VERSION = b"CASTLETR", b"TRACEEND", 1
HEADER, PACKAGE, RING, EVENT = (struct.Struct(f"<{kind}") for kind in ("8s5I16s16s", "I32s", "4I", "4I"))

Event = collections.namedtuple("Event", "time name a b")
Ring = collections.namedtuple("Ring", "cpu application lost events")
Log = collections.namedtuple("Log", "mode machine cycles_per_ms packages rings")


class Damaged(Exception):
    """The file is not a whole event log; the text says in what."""


def names(header, word):
    """{number: name} of the lines WORD(number, name…) in a header that the kernel includes."""
    with open(os.path.join(TOP, "include/castle", header), encoding="ascii") as file:
        return {int(number): name for number, name in re.findall(rf"^{word}\((\d+), (\w+)", file.read(), re.M)}


EVENTS = names("trace_events.h", "TRACE_EVENT")
CALLS = names("calls.h", "CALL")


def groups():
    """The groups of events that trace= chooses from."""
    return list(names("trace_events.h", "TRACE_GROUP").values())


def string(data):
    return data.split(b"\0")[0].decode("ascii", "replace")


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, kind):
        if self.at + kind.size > len(self.data):
            raise Damaged("the event log breaks off")
        values = kind.unpack_from(self.data, self.at)
        self.at += kind.size
        return values

    def event(self):
        low, when, a, b = self.take(EVENT)
        return Event((when & 0xffffff) << 32 | low, EVENTS.get(when >> 24, f"EVENT_{when >> 24}"), a, b)

    def ring(self):
        cpu, application, count, lost = self.take(RING)
        events = [self.event() for _ in range(count)]
        # An interrupt's events may stand before the one that it interrupted.
        return Ring(cpu, bool(application), lost, sorted(events, key=lambda event: event.time))


def read(path):
    with open(path, "rb") as file:
        reader = Reader(file.read())
    magic, version, rings, packages, cycles_per_ms, _, mode, machine = reader.take(HEADER)
    if magic != MAGIC:
        raise Damaged("not an event log")
    if version != VERSION:
        raise Damaged(f"an event log of version {version}; this program knows {VERSION}")
    slots = {slot: string(name) for slot, name in (reader.take(PACKAGE) for _ in range(packages))}
    log = Log(string(mode), string(machine), cycles_per_ms, slots, [reader.ring() for _ in range(rings)])
    if reader.take(struct.Struct("<8s"))[0] != END:
        raise Damaged("the event log has no end")
    return log
