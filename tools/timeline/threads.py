"""What each thread did when, from what the processors did: where it ran and, from a wake-up on, that it was ready to."""
import bisect
import collections
import dataclasses

READY = "ready"


@dataclasses.dataclass
class Stretch:
    start: int
    end: int
    state: str
    cpu: int  # -1: on none
    cause: str = ""


@dataclasses.dataclass
class ThreadLane:
    thread: object
    stretches: list

    @property
    def name(self):
        return f"{self.thread.program}[{self.thread.pid}].{self.thread.tid}"


def wakes_of(lanes):
    """{tid: times of its wake-ups}"""
    found = collections.defaultdict(list)
    for lane in lanes:
        for event in lane.ring.events:
            if event.name == "WAKE":
                found[event.a].append(event.time)
    return {tid: sorted(times) for tid, times in found.items()}


def with_waits(ran, wakes):
    """What ran, and between two such stretches what was ready since its last wake-up."""
    result = []
    for one in ran:
        at = bisect.bisect_left(wakes, one.start)
        since = wakes[at - 1] if at else one.start
        if since < one.start and (not result or result[-1].end <= since):
            result.append(Stretch(since, one.start, READY, -1))
        result.append(one)
    return result


def thread_lanes(lanes):
    """A lane for each thread that ran, in the order of their first moments."""
    ran = collections.defaultdict(list)
    for lane in lanes:
        for one in lane.intervals:
            if one.thread and one.state != "idle":
                ran[one.thread].append(Stretch(one.start, one.end, one.state, lane.ring.cpu, one.cause))
    wakes = wakes_of(lanes)
    found = [ThreadLane(thread, with_waits(sorted(stretches, key=lambda one: one.start), wakes.get(thread.tid, [])))
             for thread, stretches in ran.items()]
    return sorted(found, key=lambda lane: lane.stretches[0].start)
