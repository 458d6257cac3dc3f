"""What clients of the bank wrote down (uapps/cluster/clients.c): whether one machine could have answered so."""
import re

PAY, READ, SUM = 1, 2, 3
DONE = 0
LIFE = 10**9  # milliseconds, more than a node lives
LINE = re.compile(r"@call (\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (-?\d+)$")


class Call:
    """One of them."""

    def __init__(self, fields):
        self.kind, self.account, self.start, self.end, self.state, self.counter, self.sum = fields


def read(lines):
    return [Call([int(field) for field in found.groups()]) for found in map(LINE.match, lines) if found]


def of_starts(lines, starts):
    """The calls of a node that was started anew, when there were so many lines: its clock began anew, too, and later starts are put behind earlier ones."""
    calls = []
    for number, (first, end) in enumerate(zip(starts, starts[1:] + [len(lines)])):
        some = read(lines[first:end])
        for call in some:
            call.start, call.end = call.start + number * LIFE, call.end + number * LIFE
        calls += some
    return calls


def of_account(calls):
    """Of one node's calls, whose times are of one clock: one that began after another had ended has at least its number,
    and more if it paid. With numbers, nothing else is asked of an order."""
    wrong = []
    ended = sorted(calls, key=lambda call: call.end)
    highest, position = -1, 0
    for call in sorted(calls, key=lambda call: call.start):
        while position < len(ended) and ended[position].end < call.start:
            highest = max(highest, ended[position].counter)
            position += 1
        if call.counter < highest or (call.kind == PAY and call.counter == highest):
            wrong.append(f"account {call.account}: number {call.counter} at {call.start} after {highest}")
    return wrong


def twice(calls):
    """Payments whose number another one has: what had been answered was lost."""
    wrong, paid = [], {}
    for call in calls:
        if call.kind == PAY and paid.setdefault((call.account, call.counter), call) is not call:
            wrong.append(f"account {call.account}: two payments are number {call.counter}")
    return wrong


def violations(nodes, money):
    """What no single machine could have answered to the calls of these nodes, as lines."""
    done = [[call for call in calls if call.state == DONE] for calls in nodes]
    wrong = twice(sum(done, []))
    for calls in done:
        wrong += [f"sum {call.sum} at {call.start}, not {money}" for call in calls if call.kind == SUM and call.sum != money]
        for account in {call.account for call in calls}:
            wrong += of_account([call for call in calls if call.account == account and call.kind in (PAY, READ)])
    return wrong


def longest_gap(calls):
    """Milliseconds without an answer, at most."""
    ends = sorted(call.end for call in calls if call.state == DONE)
    return max((after - before for before, after in zip(ends, ends[1:])), default=0)
