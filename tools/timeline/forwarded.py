"""Calls that travelled through the application kernel: the eight steps of Figure 4.2 of the thesis, from the events of
both processors.

    1 the application thread enters the application kernel    5 the kernel's call returns to it
    2 the message is in the shared area                       6 it enters the driver (apkern_thread_activate)
    3 the bootstrap thread goes on in user mode               7 the driver makes the application thread ready
    4 it makes the system call                                8 the application thread goes on in user mode
"""
import bisect
import collections

from timeline.lanes import SYSTEM_CALLS
from timeline.log import CALLS

IOCTL = next(number for number, name in CALLS.items() if name == "ioctl")
ACTIVATE = 0x4105  # castle/apkern.h

Step = collections.namedtuple("Step", "number cpu time")
Forwarded = collections.namedtuple("Forwarded", "tid call steps")


class BootProcessor:
    """What bootstrap threads did there: for each thread the events that concern it, by time."""

    def __init__(self, ring):
        self.cpu = ring.cpu
        self.events = collections.defaultdict(list)
        self.times = collections.defaultdict(list)
        current = None
        for event in ring.events:
            if event.name in ("SWITCH", "KERNEL_EXIT"):
                current = event.a
            tid = event.a if event.name == "ACTIVATE" else current
            if event.name in ("KERNEL_ENTER", "KERNEL_EXIT", "ACTIVATE"):
                self.events[tid].append(event)
                self.times[tid].append(event.time)

    def between(self, tid, start, end):
        times = self.times[tid]
        return self.events[tid][bisect.bisect_left(times, start):bisect.bisect_right(times, end)]


def is_call(event, number):
    return event.name == "KERNEL_ENTER" and event.a >> 16 in SYSTEM_CALLS and event.a & 0xffff == number


def first(events, wanted, after):
    return next((event for event in events if event.time >= after and wanted(event)), None)


def steps_on_boot(events, call, start):
    """Steps 3 to 7; None if any is missing."""
    made = first(events, lambda event: is_call(event, call), start)
    if not made:
        return None
    returned = first(events, lambda event: event.name == "KERNEL_EXIT", made.time)
    driver = returned and first(events, lambda event: is_call(event, IOCTL) and event.b == ACTIVATE, returned.time)
    ready = driver and first(events, lambda event: event.name == "ACTIVATE", driver.time)
    if not ready:
        return None
    exits = [event for event in events if event.name == "KERNEL_EXIT" and start <= event.time <= made.time]
    # A bootstrap thread that found the message before it had gone to wait was in user mode all the time.
    found = [(3, exits[-1])] if exits else []
    return found + [(4, made), (5, returned), (6, driver), (7, ready)]


def calls_of_ring(ring, boot):
    """The forwarded calls that began on this processor and ended there."""
    result, entered, message = [], None, None
    for event in ring.events:
        if event.name == "KERNEL_ENTER":
            entered, message = (event if event.a >> 16 in SYSTEM_CALLS else None), None
        elif event.name == "MESSAGE" and entered:
            message = event
        elif event.name == "KERNEL_EXIT" and message and entered and event.a == entered.b:
            call = entered.a & 0xffff
            middle = steps_on_boot(boot.between(entered.b, entered.time, event.time), call, entered.time)
            if middle:
                steps = [Step(1, ring.cpu, entered.time), Step(2, ring.cpu, message.time)]
                steps += [Step(number, boot.cpu, one.time) for number, one in middle]
                steps.append(Step(8, ring.cpu, event.time))
                result.append(Forwarded(entered.b, CALLS.get(call, str(call)), steps))
            entered = message = None
    return result


def forwarded_calls(log):
    boots = [ring for ring in log.rings if not ring.application]
    applications = [ring for ring in log.rings if ring.application]
    if not boots or not applications:
        return []
    boot = BootProcessor(boots[0])
    calls = [call for ring in applications for call in calls_of_ring(ring, boot)]
    return sorted(calls, key=lambda call: call.steps[0].time)
