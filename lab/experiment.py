"""Reading an experiment's file, lab/experiments/NAME.toml. docs/lab.md describes the format; everything that a file can
get wrong is found here and in layout.py, before anything is run."""
import os
import re
import tomllib

from lab import TOP, LabError
from lab.fields import Fields
from lab.layout import Layout
from lab.model import (HOST, KERNELS, MACHINES, MODES, PROFILES, TIMED, Experiment, Kernel, Quoted,
                       RunSpec)
from lab.organisations import EACH, EVERY, modes_of

FOLDER = os.path.join(TOP, "lab", "experiments")
TIMEOUT = 3600


def read_kernels(fields: Fields) -> dict[str, Kernel]:
    kernels = dict(KERNELS)
    for name, table in fields.tables("kernels"):
        kernels[name] = Kernel(name, table.take("label", str, name),
                               table.take_choice("mode", MODES), tuple(table.take_list("options", str, [])))
        table.finish()
    return kernels


def read_run(name: str, fields: Fields, kernels: dict[str, Kernel]) -> RunSpec:
    programs, command = fields.take("programs", str, None), fields.take("command", str, None)
    if (programs is None) == (command is None):
        raise fields.fault("programs", "a run has either programs (it boots) or a command (it does not)")
    spec = RunSpec(
        name, programs, command,
        (fields.take_choice("machine", (HOST, TIMED), HOST) if command
         else fields.take_choice("machine", MACHINES, "bochs")),
        (HOST,) if command else with_modes(fields.take_list("kernels", str, ["up"])),
        (1,) if command else tuple(fields.take_list("cpus", int, [1])),
        fields.take("values", dict, {}), fields.take("mem", int, 128), fields.take("net", str, None), fields.take("rounds", int, 1),
        fields.take("timeout", int, TIMEOUT), fields.take("patterns", dict, {}),
        tuple(fields.take_list("accept", int, [0])),
        tuple(fields.take_list("inputs", str, ["arch", "boot", "include", "kernel", "uapps/lib", "lab",
                                               "tools"])))
    fields.finish()
    check_run(spec, fields, kernels)
    return spec


def with_modes(names: list[str]) -> tuple[str, ...]:
    """`modes` stands for each mode in which programs run on several processors, whichever there are; `every` for those and for
    partitions, too."""
    return tuple(kernel for name in names for kernel in (modes_of(name) if name in (EACH, EVERY) else [name]))


def check_run(spec: RunSpec, fields: Fields, kernels: dict[str, Kernel]) -> None:
    """What types alone do not tell."""
    for name in spec.kernels:
        if name not in kernels and name != HOST:
            raise fields.fault("kernels", f"{name!r} is none of {', '.join(sorted(kernels))}")
    for key in ("rounds", "timeout", "mem"):
        if getattr(spec, key) < 1:
            raise fields.fault(key, "must be at least 1")
    if any(count < 1 for count in spec.cpus):
        raise fields.fault("cpus", "must be at least 1")
    if spec.net and (spec.command or spec.machine != "bochs"):
        raise fields.fault("net", "is of a run with programs on machine bochs")
    if spec.machine == "icount" and spec.cpus != (1,):
        raise fields.fault("cpus", "machine icount has one CPU")
    for metric, pattern in spec.patterns.items():
        try:
            groups = re.compile(pattern).groups
        except (re.error, TypeError) as error:
            raise fields.fault(f"patterns.{metric}", f"not a regular expression: {error}") from error
        if groups != 1:
            raise fields.fault(f"patterns.{metric}", "must have one group, around the number")
    for word in re.findall(r"\{(\w+)\}", spec.programs or spec.command or ""):
        if word not in spec.values and word not in ("processors", "cpus"):
            raise fields.fault("programs", f"no value for {{{word}}}; known are {{processors}}, {{cpus}} and "
                               "what `values` has")


def read_runs(fields: Fields, kernels: dict[str, Kernel]) -> dict[str, dict[str, RunSpec]]:
    """Each run in each profile: [runs.NAME.quick] overrides keys of [runs.NAME]."""
    runs: dict[str, dict[str, RunSpec]] = {profile: {} for profile in PROFILES}
    for name, table in fields.tables("runs"):
        quick = dict(table.take("quick", dict, {}))
        full = {key: value for key, value in table.table.items() if key != "quick"}
        runs["full"][name] = read_run(name, Fields(full, table.file, table.path), kernels)
        if quick.pop("skip", False):
            continue
        changed = {**full, **quick, "values": {**full.get("values", {}), **quick.get("values", {})}}
        runs["quick"][name] = read_run(name, Fields(changed, table.file, f"{table.path}.quick"), kernels)
    return runs


def read_quoted(fields: Fields) -> dict[str, Quoted]:
    quoted = {}
    for name, table in fields.tables("quoted"):
        values = table.take("values", dict)
        for key, value in values.items():
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise table.fault(f"values.{key}", f"must be a number, not {value!r}")
        quoted[name] = Quoted(name, table.take("label", str, name), table.take("source", str), values, table.take("measured_by", dict, {}))
        table.finish()
    return quoted


def parse(text: str, name: str, file: str) -> Experiment:
    """The experiment in an experiment file's text; LabError names the file and the key that is wrong."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LabError(f"{file}: not TOML: {error}") from error
    fields = Fields(table, file)
    kernels = read_kernels(fields)
    experiment = Experiment(name, fields.take("title", str), fields.take("thesis", str, ""),
                            fields.take("about", str), fields.take("order", int, 1000), file, kernels,
                            read_runs(fields, kernels), read_quoted(fields))
    experiment.needs = tuple(fields.take_list("needs", str, []))
    layout = Layout(experiment)
    experiment.tables = [layout.table(entry) for entry in fields.entries("tables")]
    experiment.plots = [layout.plot(entry) for entry in fields.entries("plots")]
    experiment.targets = [target for entry in fields.entries("targets") for target in layout.targets(entry)]
    experiment.comparisons = [layout.comparison(entry) for entry in fields.entries("comparisons")]
    fields.finish()
    return experiment


def load(folder: str = FOLDER) -> dict[str, Experiment]:
    """Every experiment of a folder, in the report's order."""
    experiments = []
    for file in sorted(os.listdir(folder)):
        name, extension = os.path.splitext(file)
        if extension != ".toml":
            continue
        path = os.path.join(folder, file)
        with open(path, encoding="utf-8") as source:
            experiments.append(parse(source.read(), name, os.path.relpath(path)))
    known = {experiment.name: experiment for experiment in experiments}
    for experiment in experiments:
        check_references(experiment, known)
    return {experiment.name: experiment for experiment in sorted(experiments, key=lambda one: one.order)}


def check_references(experiment: Experiment, known: dict[str, Experiment]) -> None:
    """Cells may name runs of other experiments, as EXPERIMENT:RUN, if `needs` names those."""
    for name in experiment.needs:
        if name not in known:
            raise LabError(f"{experiment.file}: needs: no experiment called {name!r}")
