"""What each processor did when: from events to intervals in user mode, kernel, spinning and idle."""
import collections
import dataclasses

from timeline.log import CALLS

STATES = ("user", "kernel", "spinning", "idle")
SYSTEM_CALLS = (0x80, 0x81)
EXCEPTIONS = {0: "division by zero", 1: "debug trap", 3: "breakpoint", 6: "illegal instruction",
              7: "first use of floating point", 13: "protection fault", 14: "page fault"}
INTERRUPTS = {0: "timer", 1: "keyboard", 3: "COM2", 4: "COM1", 13: "message", 16: "timer", 17: "reschedule",
              18: "call", 19: "kick", 20: "console"}

Thread = collections.namedtuple("Thread", "tid pid program")


@dataclasses.dataclass
class Interval:
    start: int
    end: int
    state: str
    thread: Thread
    cause: str = ""

    @property
    def cycles(self):
        return self.end - self.start

    @property
    def who(self):
        return f"{self.thread.program}[{self.thread.pid}].{self.thread.tid}" if self.thread else ""


def cause_name(word):
    """What KERNEL_ENTER says that the reason was."""
    vector, call = word >> 16, word & 0xffff
    if vector in SYSTEM_CALLS:
        return CALLS.get(call, f"call {call}")
    if vector < 32:
        return EXCEPTIONS.get(vector, f"exception {vector}")
    return f"{INTERRUPTS.get(vector - 32, f'line {vector - 32}')} interrupt"


class Lane:
    """One processor: its intervals, and the time in which the account of time ran."""

    def __init__(self, ring, packages):
        self.ring = ring
        self.name = f"CPU {ring.cpu}"
        self.packages = packages
        self.threads = {}
        self.intervals = []
        self.accounts = []  # [start, end] of each run of the account
        self.state, self.thread, self.cause, self.since = None, None, "", None
        self.waited = False
        for event in ring.events:
            getattr(self, event.name.lower(), self.ignore)(event)
        if ring.events:
            self.go(ring.events[-1].time, None)

    def go(self, time, state, cause=""):
        """The processor is in another state from now on."""
        if self.state and time > self.since:
            self.intervals.append(Interval(self.since, time, self.state, self.thread, self.cause))
        self.state, self.since, self.cause = state, time, cause

    def ignore(self, event):
        pass

    def kernel_enter(self, event):
        self.go(event.time, "kernel", cause_name(event.a))

    def kernel_exit(self, event):
        self.go(event.time, "user")
        self.thread = self.threads.get(event.a, self.thread)

    def lock_wait(self, event):
        self.waited = True

    def lock_acquire(self, event):
        """All time since the kernel's door, where the account has it begin, was spent on the lock."""
        cause = self.cause
        if self.waited and self.state == "kernel":
            self.state = "spinning"
        self.waited = False
        if self.state != "kernel":
            self.go(event.time, "kernel", cause)

    def idle_begin(self, event):
        self.go(event.time, "idle")

    def idle_end(self, event):
        self.go(event.time, "kernel", "after idling")

    def switch(self, event):
        cause = self.cause
        thread = Thread(event.a, event.b & 0xffffff, self.packages.get(event.b >> 24, "?"))
        self.threads[event.a] = thread
        if thread != self.thread and self.state:
            self.go(event.time, self.state, cause)
        self.thread = thread

    def account(self, event):
        if event.a:
            self.accounts.append([event.time, None])
        elif self.accounts and self.accounts[-1][1] is None:
            self.accounts[-1][1] = event.time

    def between(self, start, end):
        """The intervals of a window, cut at its ends."""
        return [dataclasses.replace(one, start=max(one.start, start), end=min(one.end, end))
                for one in self.intervals if one.end > start and one.start < end]

    def shares(self, start, end):
        """Cycles by state."""
        result = dict.fromkeys(STATES, 0)
        for one in self.between(start, end):
            result[one.state] += one.cycles
        return result


def lanes_of(log):
    return [Lane(ring, log.packages) for ring in log.rings]


def bounds(lanes):
    """The first and the last time that any processor has."""
    return (min(lane.intervals[0].start for lane in lanes if lane.intervals),
            max(lane.intervals[-1].end for lane in lanes if lane.intervals))
