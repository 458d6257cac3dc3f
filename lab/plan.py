"""What a call of the laboratory would cost, before it is made: its runs, and what each took of a processor when it was last
made: here (the store), or else where lab/costs.json was written. Wall clocks say nothing on a machine that others use."""
import json
import os
import statistics

from lab import TOP
from lab.matrix import Run, runs_of
from lab.model import Experiment
from lab.progress import UNKNOWN, duration
from lab.runner import ALONE
from lab.store import Store, write_json

COSTS = os.path.join(TOP, "lab", "costs.json")  # {profile: {label of a run: seconds of a processor}}


def distinct(experiments: list[Experiment], profile: str, peers: bool) -> list[Run]:
    """The runs, those that experiments share once, as the runner makes them."""
    runs: dict[tuple, Run] = {}
    for experiment in experiments:
        for run in runs_of(experiment, profile):
            if peers or not run.of_peer:
                runs.setdefault((run.image, run.arguments, run.patterns, run.round), run)
    return list(runs.values())


def committed(profile: str, path: str = COSTS) -> dict[str, float]:
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as file:
        return json.load(file).get(profile, {})


def stored(store: Store) -> dict[str, float]:
    """By the command line, since a label means another size in another profile; the newest image's is the last."""
    found = sorted((result for result in store.everything() if result.get("cpu_seconds") is not None),
                   key=lambda result: result["environment"].get("date", ""))
    return {result["command"]: result["cpu_seconds"] for result in found}


def costs_of(runs: list[Run], profile: str, store: Store) -> tuple[dict[str, float], int]:
    """By label; and of how many the cost is not known, since they were never made: those are taken to cost the median of the
    others, which is rather too much, for the runner makes the longest first; a mean would be that of the few long ones."""
    here, elsewhere = stored(store), committed(profile)
    known = {run.label: here.get(run.command_line(), elsewhere.get(run.label)) for run in runs}
    seconds = [cost for cost in known.values() if cost is not None]
    usual = statistics.median(seconds) if seconds else UNKNOWN
    return {label: usual if cost is None else cost for label, cost in known.items()}, len(known) - len(seconds)


def estimate(runs: list[Run], costs: dict[str, float], jobs: int) -> float:
    """Seconds by the clock on a machine that has `jobs` processors and nothing else to do: runs side by side, but not shorter than
    the longest, and then those that have the machine to themselves."""
    beside = [costs[run.label] for run in runs if run.machine not in ALONE]
    alone = [costs[run.label] for run in runs if run.machine in ALONE]
    return max(sum(beside) / jobs, max(beside, default=0.0)) + sum(alone)


def show(experiments: list[Experiment], profile: str, store: Store, jobs: int, peers: bool) -> None:
    runs = distinct(experiments, profile, peers)
    costs, unknown = costs_of(runs, profile, store)
    print(f"{'experiment':16} {'runs':>4} {'CPU seconds':>12}   longest")
    for experiment in experiments:
        own = [run for run in runs if run.experiment == experiment.name]
        if own:
            longest = max(own, key=lambda run: costs[run.label])
            total = sum(costs[run.label] for run in own)
            print(f"{experiment.name:16} {len(own):4} {total:12.0f}   {longest.label}: {costs[longest.label]:.0f}")
    print(f"{len(runs)} runs, {sum(costs.values()):,.0f} CPU seconds: about {duration(estimate(runs, costs, jobs))} on {jobs} processors"
          + (f"; {unknown} of them were never made, and taken as the median of the others" if unknown else ""))


def note(experiments: list[Experiment], profile: str, store: Store, peers: bool, path: str = COSTS) -> None:
    """Puts what the runs took here into the file that others go by."""
    here, every = stored(store), {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            every = json.load(file)
    found = {run.label: here[run.command_line()] for run in distinct(experiments, profile, peers)
             if run.command_line() in here}
    every[profile] = dict(sorted({**every.get(profile, {}), **found}.items()))
    write_json(path, every)
    os.chmod(path, 0o644)
