"""Measures one program: as it is, and with each way to instrument it. Every copy must compute what the program
computes, and calls are compared with callgrind's: a method that does less, or does it elsewhere, is not measured."""
import math
import os
import re
import sys

import counting
import methods
from commands import Broken, command

STRATEGIES = "static", "paired", "thesis"  # LOPI's; all methods instrument what none of them refuses
SHARE = 80  # percent of the instructions that the instrumented functions make up
# Functions that are called wherever the source calls them: nothing is inlined, cloned or jumped to.
AS_WRITTEN = ["-O1", "-fno-inline", "-fno-optimize-sibling-calls", "-fno-ipa-sra"]
TIME = "time"
SHUFFLED = "mispredictions, shuffled"


def say(program, what):
    print(f"{program.name}: {what}", file=sys.stderr, flush=True)


class Measurement:
    """One program, measured as it is and instrumented."""

    def __init__(self, program, build, size):
        self.program, self.build, self.size = program, build, size
        self.base = os.path.join(program.where, "none")
        self.lopi = os.path.join(build, "lopi/lopi")
        self.before, self.binary_calls = {}, 0
        self.ratios, self.totals, self.calls, self.spread = {}, {}, {}, {}  # by method
        self.spread_of_orders = {}  # as well
        self.mispredicted_before = []  # as it is, in each order

    def prepare(self):
        """Compiles the program, and finds the functions that make up the share of its instructions."""
        if not os.path.exists(self.lopi):
            raise Broken(f"no {self.lopi}: run `make lopi` first")
        say(self.program, "fetching and compiling")
        self.program.fetch(self.build)
        self.program.compile(self.base)
        self.program.link(self.base)
        self.profile = counting.callgrind(self.program, self.base, self.size)
        can = [self.can_be(strategy) for strategy in STRATEGIES]
        self.symbols = [symbol for symbol in can[0] if all(symbol in others for others in can[1:])]
        if not self.symbols:
            raise Broken(f"{self.program.name}: no functions to instrument")
        self.expected = counting.run(self.program, self.base, self.size)

    def can_be(self, strategy):
        """Of the functions that make up the share, those that a strategy does not refuse, in the order of the objects."""
        listing = os.path.join(self.base, f"functions-{strategy}")
        command([self.lopi, "--share", str(SHARE), "--from-callgrind", self.profile, "--strategy", strategy, "--dry-run", "--quiet",
                 *self.program.objects(self.base)], self.program.where, listing)
        with open(listing, encoding="utf-8") as lines:
            return re.findall(r"^[^:]+: (\S+): (?!no:)", lines.read(), re.M)

    def own_functions(self):
        """The names of all functions in the program's object files."""
        listing = os.path.join(self.base, "symbols")
        command(["nm", "--defined-only", *self.program.objects(self.base)], self.base, listing)
        with open(listing, encoding="utf-8") as lines:
            return {words[2] for words in map(str.split, lines) if len(words) == 3 and words[1] in "tTwW"}

    def lengths(self):
        """How long calls of the program's functions are (Figure 5.7): (instructions of a call with its callees, on
        average over a function's; the share of all calls that are no longer, in percent)."""
        calls, inclusive = counting.profile_calls(self.profile)
        known = sorted((inclusive[name] / calls[name], calls[name])
                       for name in self.own_functions() if calls[name])
        every, sofar, points = sum(count for _, count in known), 0, []
        for length, count in known:
            sofar += count
            points.append((round(length, 1), round(100 * sofar / every, 2)))
        return points

    def added_per_call(self, method):
        """Instructions that a method adds for each call that it counts; not a number if all functions were inlined."""
        if not self.calls[method]:
            return math.nan
        return (self.totals[method]["instructions"] - self.before["instructions"]) / self.calls[method]

    def count(self, chosen):
        """Events and calls, as it is and with each method."""
        printed, self.before = counting.cachegrind(self.program, self.base, self.size)
        self.want_same("as it is", printed)
        wanted = self.wanted_calls()
        for method in chosen:
            say(self.program, method.name)
            folder = method.folder(self.program, "")
            method.make(self.program, folder, self.symbols, self.lopi, False)
            printed, events = counting.cachegrind(self.program, folder, self.size, method.around(folder))
            self.want_same(method.name, printed)
            self.totals[method.name] = events
            self.ratios[method.name] = {key: value / self.before[key] for key, value in events.items()}
            self.calls[method.name] = self.count_calls(method, wanted)

    def want_same(self, name, printed):
        status, text = printed
        if text != self.expected[1] or status not in (None, self.expected[0]):
            raise Broken(f"{self.program.name}, {name}: it computes something else")

    def wanted_calls(self):
        """What callgrind counts: for LOPI, of the symbols of the program as it is; for the source, of a build in
        which all calls are as it has them."""
        folder = os.path.join(self.program.where, "as-written")
        self.program.compile(folder, flags=AS_WRITTEN)
        self.program.link(folder)
        written, _ = counting.profile_calls(counting.callgrind(self.program, folder, self.size))
        binary, _ = counting.profile_calls(self.profile)
        self.binary_calls = sum(binary[name] for name in self.symbols)
        return {"binary": {name: binary[name] for name in self.symbols},
                "source": {name: written[name] for name in methods.source_names(self.symbols)}}

    def count_calls(self, method, wanted):
        """Counts the calls in a copy that is made to; returns their sum."""
        if not method.counts:
            return self.binary_calls
        folder = method.folder(self.program, "counting")
        method.make(self.program, folder, self.symbols, self.lopi, True)
        printed = counting.run(self.program, folder, self.size, around=method.around(folder))
        self.want_same(f"{method.name}, counting", printed)
        calls = dict(method.calls(self.program, folder, self.symbols))
        if not method.checked:
            return sum(calls.values())
        right = wanted["binary" if isinstance(method, methods.Lopi) else "source"]
        wrong = [f"{name}: {calls.get(name, 0)}, callgrind {right.get(name, 0)}"
                 for name in sorted(calls.keys() | right.keys()) if calls.get(name, 0) != right.get(name, 0)]
        if wrong:
            raise Broken(f"{self.program.name}, {method.name}: calls differ: {'; '.join(wrong[:8])}")
        return sum(calls.values())

    def shuffle(self, chosen, orders):
        """Ratios of mispredictions, on average over programs whose code is linked in so many orders: which branches the
        predictor takes for one another depends on the last 7 bits of where they lie. Sections are what is in an order, since
        a stub and its function, of one object file, would otherwise be equally far from each other in all."""
        before = self.mispredicted(self.base, orders, lambda: self.program.link(self.base))
        self.mispredicted_before = before
        for method in chosen:
            say(self.program, f"{method.name}, in {orders} orders")
            folder = method.folder(self.program, "shuffled")
            after = self.mispredicted(
                folder, orders, lambda: method.make(self.program, folder, self.symbols, self.lopi, False), method.around(folder))
            ratios = [one / other for one, other in zip(after, before)]
            self.ratios.setdefault(method.name, {})[SHUFFLED] = sum(ratios) / orders
            self.spread_of_orders[method.name] = (min(ratios), max(ratios))

    def mispredicted(self, folder, orders, make, around=()):
        """The mispredictions of each order."""
        counts = []
        for self.program.order in range(orders):
            make()
            counts.append(counting.mispredictions(self.program, folder, self.size, around))
        self.program.order = None
        return counts

    def time(self, chosen, rounds):
        """Ratios of run times, on the large input."""
        for method in chosen:
            say(self.program, f"{method.name}, {rounds} times")
            folder = method.folder(self.program, "timed")
            method.make(self.program, folder, self.symbols, self.lopi, False)
            lower, middle, upper = counting.quartiles(
                counting.paired_times(self.program, self.base, folder, rounds, method.around(folder)))
            self.ratios.setdefault(method.name, {})[TIME] = middle
            self.spread[method.name] = (lower, upper)
