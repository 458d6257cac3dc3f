"""A cost model: what the counted misses would cost, on machines whose latencies are assumptions. Nothing here is measured
but the counts; whoever shows an estimate says which machine it is of."""
import dataclasses
import math

from coherence.pairs import operations_of
from machines.organisations import organisations


@dataclasses.dataclass(frozen=True)
class Machine:
    """Latencies in cycles, and where they are from."""
    name: str
    memory: float    # a miss that memory answers
    transfer: float  # one that another processor's modified copy answers
    upgrade: float   # a write to a line that others have
    instruction: float
    source: str

    def estimate(self, counts):
        misses = counts["cold"] + counts["capacity"] + counts["coherence"]
        return (self.instruction * counts["instructions"] + self.memory * (misses - counts["transfers"]) +
                self.transfer * counts["transfers"] + self.upgrade * counts["upgrades"])


MACHINES = {machine.name: machine for machine in (
    Machine("bochs", 0, 0, 0, 1, "what Bochs charges: an instruction a cycle, and no caches"),
    Machine("pentium4", 200, 200, 100, 1, "a Pentium 4 as in Paper I, assumed: a bus shared by all, over which memory and other caches are as far; "
            "a cycle an instruction, as in its simulator"),
    Machine("server", 300, 150, 100, 0.5, "a server of the 2020s at 3 GHz: memory 100 ns, a line from another core 50 ns, "
            "two instructions a cycle"),
)}
TRANSFERS = (0, 50, 100, 200, 300, 400, 500)  # cycles, for the drawing of how much depends on it
BASE = MACHINES["server"]


def has_devices_alone(mode):
    """Whether the first processor does nothing but devices: an asymmetric organisation with another's locks."""
    return any(one.name == mode and one.category == "asymmetric" and bool(one.like) for one in organisations())


def sum_of(window, mode):
    """The counts of all processors together: with the application kernel, the boot processor works for both. One that looks at
    devices all the time does that whatever the others do, and is left out."""
    chosen = window["processors"][has_devices_alone(mode):]
    return {name: sum(counts[name] for counts in chosen) for name in chosen[0]}


def counts_of(found, by_name, mode):
    """{operation: counts of one operation}, from the pairs of an operation with itself."""
    result = {}
    for record, _, _ in found:
        if record["first"] == record["second"]:
            total = sum_of(by_name[record["window"]], mode)
            result[record["first"]] = {name: value / (2 * record["value"]) for name, value in total.items()}
    return result


def mean(values):
    """The geometric mean."""
    return math.exp(sum(math.log(max(value, 1)) for value in values) / len(values))


def figures(found, windows, mode, cpus):
    """The lines that the laboratory reads."""
    by_name = {window["window"]: window for window in windows}
    counts = counts_of(found, by_name, mode)
    common = {"bench": "cost", "mode": mode, "cpus": cpus, "machine": "model"}
    for operation in (name for name in operations_of(found) if name in counts):
        for machine in MACHINES.values():
            yield {**common, "metric": "estimate", "operation": operation, "model": machine.name, "unit": "cycles, estimated",
                   "value": round(machine.estimate(counts[operation]), 1)}
    for machine in MACHINES.values():
        yield {**common, "metric": "mean", "model": machine.name, "unit": "cycles, estimated",
               "value": round(mean([machine.estimate(one) for one in counts.values()]), 1)}
    points = [[latency, round(mean([changed(latency).estimate(one) for one in counts.values()]), 1)] for latency in TRANSFERS]
    for latency, value in points:
        yield {**common, "metric": "by_transfer", "transfer": latency, "unit": "cycles, estimated", "value": value}
    yield {**common, "metric": "sensitivity", "unit": "cycles, estimated", "value": points[-1][1], "points": points}


def changed(latency):
    """The server with another cost of a transfer, and half of that for an upgrade."""
    return dataclasses.replace(BASE, transfer=latency, upgrade=latency / 2)
