"""An experiment file, lab/experiments/NAME.toml, as objects: which runs there are, what tables and plots show
of them, which numbers are quoted beside them, which targets they are held to. docs/lab.md describes the
format; everything a file can get wrong is found here, before anything is run."""
import os
import re
import tomllib
from dataclasses import dataclass, field
from typing import Any, Optional

from lab import TOP, LabError
from lab.cell import Cell, read_cell
from lab.fields import Fields

FOLDER = os.path.join(TOP, "lab", "experiments")
PROFILES = ("full", "quick")
MACHINES = ("bochs", "icount", "qemu")
MODES = ("smp0", "up", "giantlock", "appkern", "smp0-appkern")
HOST = "host"  # the machine, and the kernel, of a command that boots nothing
TIMEOUT = 3600


@dataclass(frozen=True)
class Kernel:
    """A way to boot Castle: a mode and more of the kernel's command line."""
    name: str
    label: str
    mode: str
    options: tuple[str, ...] = ()


KERNELS = {kernel.name: kernel for kernel in (
    Kernel("smp0", "SMP=0", "smp0"), Kernel("up", "uniprocessor", "up"),
    Kernel("giantlock", "giant lock", "giantlock"), Kernel("appkern", "application kernel", "appkern"),
    Kernel("smp0-appkern", "SMP=0 + application kernel", "smp0-appkern"))}


@dataclass(frozen=True)
class RunSpec:
    """What [runs.NAME] says in one profile: a boot for each kernel and number of CPUs, or a command."""
    name: str
    programs: Optional[str]
    command: Optional[str]
    machine: str
    kernels: tuple[str, ...]
    cpus: tuple[int, ...]
    values: dict[str, Any]
    mem: int
    rounds: int
    timeout: int
    patterns: dict[str, str]
    accept: tuple[int, ...]  # exit statuses that are no failure
    inputs: tuple[str, ...]


@dataclass(frozen=True)
class Quoted:
    """Numbers that others published, by key: a number of CPUs, a metric."""
    name: str
    label: str
    source: str
    values: dict[str, float]


@dataclass(frozen=True)
class Line:
    """A labelled row of cells: of a table, or one series, category or point of a plot."""
    label: str
    cells: tuple[Cell, ...]
    style: str = ""
    note: str = ""


@dataclass(frozen=True)
class Table:
    title: str
    corner: str
    columns: tuple[str, ...]
    rows: tuple[Line, ...]
    note: str


@dataclass(frozen=True)
class Plot:
    title: str
    kind: str
    x_label: str
    y_label: str
    xs: tuple[str, ...]
    series: tuple[Line, ...]
    ideal: bool
    note: str


@dataclass(frozen=True)
class Target:
    """What a figure is held to: a number, a quoted number, or another figure."""
    text: str
    cell: Cell
    limit: Cell
    relation: str  # at_least, at_most, above, below
    profiles: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """A figure beside one of others'. The words for each outcome are the file's; which of them is shown is
    computed."""
    text: str
    cell: Cell
    other: Cell
    within: float
    words: dict[str, str]


@dataclass
class Experiment:
    name: str
    title: str
    thesis: str
    about: str
    order: int
    file: str
    kernels: dict[str, Kernel]
    runs: dict[str, dict[str, RunSpec]]  # by profile, by name
    quoted: dict[str, Quoted]
    tables: list[Table] = field(default_factory=list)
    plots: list[Plot] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    needs: tuple[str, ...] = ()


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
        HOST if command else fields.take_choice("machine", MACHINES, "bochs"),
        (HOST,) if command else tuple(fields.take_list("kernels", str, ["up"])),
        (1,) if command else tuple(fields.take_list("cpus", int, [1])),
        fields.take("values", dict, {}), fields.take("mem", int, 128), fields.take("rounds", int, 1),
        fields.take("timeout", int, TIMEOUT), fields.take("patterns", dict, {}),
        tuple(fields.take_list("accept", int, [0])),
        tuple(fields.take_list("inputs", str, ["arch", "boot", "include", "kernel", "uapps/lib", "lab",
                                               "tools"])))
    fields.finish()
    check_run(spec, fields, kernels)
    return spec


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
        quoted[name] = Quoted(name, table.take("label", str, name), table.take("source", str), values)
        table.finish()
    return quoted


class Layout:
    """Reads what an experiment shows; cells are checked against its runs and quoted numbers."""

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment

    def cell(self, fields: Fields, *parts: dict[str, Any]) -> Cell:
        merged: dict[str, Any] = {}
        for part in parts:
            merged.update(part)
        return read_cell(merged, fields, self.experiment)

    def lines(self, fields: Fields, key: str) -> list[dict[str, Any]]:
        """A list of selectors; or, short, one table of one key with a list: { cpus = [2, 4] }."""
        value = fields.table.get(key)
        fields.known.add(key)
        if isinstance(value, dict) and len(value) == 1:
            (axis, values), = value.items()
            if isinstance(values, list):
                return [{axis: item, "label": str(item)} for item in values]
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value) or not value:
            raise fields.fault(key, "must be a list of tables, or like { cpus = [1, 2, 4] }")
        for number, item in enumerate(value, 1):
            if not isinstance(item.get("label"), str):
                raise fields.fault(f"{key}[{number}]", "has no label")
        return value

    def table(self, fields: Fields) -> Table:
        common = fields.take("cell", dict, {})
        columns, rows = self.lines(fields, "columns"), self.lines(fields, "rows")
        result = Table(fields.take("title", str), fields.take("corner", str, ""),
                       tuple(column["label"] for column in columns),
                       tuple(Line(row["label"], tuple(self.cell(fields, common, row, column)
                                                      for column in columns), row.get("style", ""))
                             for row in rows), fields.take("note", str, ""))
        fields.finish()
        return result

    def plot(self, fields: Fields) -> Plot:
        common = fields.take("cell", dict, {})
        xs, series = self.lines(fields, "x"), self.lines(fields, "series")
        result = Plot(fields.take("title", str),
                      fields.take_choice("kind", ("lines", "bars", "stack", "tradeoff")),
                      fields.take("x_label", str, ""), fields.take("y_label", str, ""),
                      tuple(x["label"] for x in xs),
                      tuple(Line(line["label"], tuple(self.cell(fields, common, line, x) for x in xs),
                                 line.get("style", ""), line.get("note", "")) for line in series),
                      fields.take("ideal", bool, False), fields.take("note", str, ""))
        fields.finish()
        return result

    def targets(self, fields: Fields) -> list[Target]:
        """One target, or one for each of { cpus = [2, 4, 8] }."""
        cell, each = fields.take("cell", dict), fields.take("each", dict, None)
        relations = [key for key in ("at_least", "at_most", "above", "below") if key in fields.table]
        if len(relations) != 1:
            raise fields.fault("at_least", "a target has one of at_least, at_most, above, below")
        relation = relations[0]
        fields.known.add(relation)
        limit = fields.table[relation]
        if isinstance(limit, str):
            limit = {"quote": limit}
        elif isinstance(limit, (int, float)) and not isinstance(limit, bool):
            limit = {"number": limit}
        elif not isinstance(limit, dict):
            raise fields.fault(relation, "must be a number, the name of quoted numbers, or a cell")
        text, profiles = fields.take("text", str), tuple(fields.take_list("profiles", str, list(PROFILES)))
        parts = self.lines(fields, "each") if each else [{}]
        fields.finish()
        return [Target(text + which(part), self.cell(fields, cell, part), self.cell(fields, cell, part, limit),
                       relation, profiles) for part in parts]

    def comparison(self, fields: Fields) -> Comparison:
        cell, other = fields.take("cell", dict), fields.take("with", dict)
        words = {key: fields.take(key, str, "") for key in ("agrees", "above", "below")}
        result = Comparison(fields.take("text", str), self.cell(fields, cell), self.cell(fields, cell, other),
                            float(fields.take("within", float, 10)), words)
        fields.finish()
        return result


def which(part: dict[str, Any]) -> str:
    """What is added to a target's text for one of `each`."""
    if not part:
        return ""
    unit = "" if "cpus" not in part else " processor" if part["cpus"] == 1 else " processors"
    return f", {part['label']}{unit}"


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
