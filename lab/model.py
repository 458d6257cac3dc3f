"""What an experiment consists of, once its file has been read: runs, quoted numbers, and the tables, plots, targets and
comparisons that are made of cells."""
from dataclasses import dataclass, field
from typing import Any, Optional

from lab.cell import Cell
from lab.organisations import PEERS, boots

PROFILES = ("full", "quick")
MACHINES = ("bochs", "icount", "qemu")
HOST = "host"    # the machine, and the kernel, of a command that boots nothing
TIMED = "timed"  # the machine of a command that measures time, and so wants it to itself


@dataclass(frozen=True)
class Kernel:
    """A way to boot Castle: a mode and more of the kernel's command line."""
    name: str
    label: str
    mode: str
    options: tuple[str, ...] = ()


# What every experiment may name: each organisation, in each image, and the other systems.
KERNELS = {boot.name: Kernel(boot.name, boot.title, boot.name) for boot in boots().values()}
KERNELS |= {name: Kernel(name, title, name) for name, (title, _, _) in PEERS.items()}
MODES = tuple(KERNELS)


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
    net: Optional[str]       # what is behind the machine's Ethernet card; None: it has no card
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
    measured_by: dict[str, Any] = field(default_factory=dict)  # the cell of another experiment, but for what the key says


@dataclass(frozen=True)
class Line:
    """A labelled row of cells: of a table, or one series, category or point of a plot."""
    label: str
    cells: tuple[Cell, ...]
    style: str = ""
    note: str = ""
    of_mode: str = ""  # if it is there for each mode


@dataclass(frozen=True)
class Table:
    title: str
    corner: str
    columns: tuple[str, ...]
    rows: tuple[Line, ...]
    note: str
    modes: tuple[str, ...] = ()  # of the columns that are there for each mode; empty for others


@dataclass(frozen=True)
class Plot:
    title: str
    kind: str
    x_label: str
    y_label: str
    xs: tuple[str, ...]
    series: tuple[Line, ...]
    ideal: bool
    bottom: float  # where the y axis of lines begins
    log: bool      # whether the x axis of curves is logarithmic
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
