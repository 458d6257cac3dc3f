"""What the kernel's self-profile takes from the event log, and from LOPI's results."""
import functools

from common import want
from self_profile import Logged, profiled
from timeline.log import Event, Ring

# A call, with idling in it; what was entered before the log began; an entry that never leaves; and another processor.
EVENTS = [("KERNEL_EXIT", 5), ("KERNEL_ENTER", 10), ("WAKE", 12), ("IDLE_BEGIN", 15), ("IDLE_END", 40), ("KERNEL_EXIT", 50),
          ("IDLE_BEGIN", 60), ("IDLE_END", 70), ("KERNEL_ENTER", 100), ("KERNEL_EXIT", 103), ("KERNEL_ENTER", 200)]
OTHER = [("KERNEL_ENTER", 7), ("IDLE_BEGIN", 8), ("KERNEL_EXIT", 20)]
RESULTS = """
lost 0
arc 3 100 - sys_open
arc 9 50 sys_open walk
arc 1 7000 - application_schedule
arc 1 7 - fault
"""


def ring(number, events):
    return Ring(number, False, 0, [Event(time, name, 0, 0) for name, time in events])


def accounts(_lopi):
    log = Logged([ring(0, EVENTS), ring(1, OTHER)])
    found = (log.entries, log.cycles, log.idle)
    want(found == (3, 40 + 3 + 13, 25 + 12), f"entries, cycles, idle: {found}")
    want(profiled(RESULTS, ()) == 7107, f"cycles that nobody instrumented asked for: {profiled(RESULTS, ())}")
    profile = profiled(RESULTS, {"application_schedule"})
    want(profile == 107, f"the same without what begins a processor: {profile}")
    return 3


def cases(lopi):
    return [("self-profile: accounts", functools.partial(accounts, lopi))]
