"""From cells to figures: looks results up and computes speed-ups and ratios. A cell that has no figure says why;
nothing is ever filled in."""
import statistics
from dataclasses import dataclass
from typing import Any, Optional, Union

from lab.cell import Cell
from lab.matrix import Run, cpu_counts, processors, runs_of, slot_name
from lab.model import HOST, PROFILES, Experiment, RunSpec
from lab.organisations import is_uniprocessor
from lab.store import Store


Points = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Figure:
    """A number; with rounds, the median, and the least and most of them."""
    value: float
    least: float
    most: float
    points: Points = ()  # of a curve, or of a heat map (row, column, value); of the last round
    names: tuple[tuple[str, ...], ...] = ()  # of a heat map's rows and columns

    @property
    def spread(self) -> bool:
        return self.least != self.most


@dataclass(frozen=True)
class Missing:
    """Why there is no figure, in a word that fits a table, and in full."""
    word: str
    reason: str


Result = Union[Figure, Missing]
NOT_MEASURED = Missing("missing", "not measured yet")
NOTHING = Missing("", "")
NO_PEERS = Missing("–", "measured by `make lab PEERS=linux`")


class Source:
    """The results of one experiment: those of one manifest."""

    def __init__(self, experiment: Experiment, profile: str, store: Store) -> None:
        self.experiment, self.profile, self.store = experiment, profile, store
        self.manifest: dict[str, Any] = store.manifest(experiment.name, profile) or {}
        self.runs: dict[str, Run] = {run.slot: run for run in runs_of(experiment, profile)}
        self.results = {slot: self.read(slot) for slot in self.runs}

    def read(self, slot: str) -> Union[dict[str, Any], Missing]:
        """The result of a run, or why there is none."""
        entry = self.manifest.get("runs", {}).get(slot)
        if entry is None:
            return NO_PEERS if self.runs[slot].of_peer else NOT_MEASURED
        if entry["command"] != self.runs[slot].command_line():
            return Missing("missing", "the experiment's file has changed since it was measured")
        if entry["absent"]:
            return Missing("missing", f"the image has no program {', '.join(entry['absent'])}")
        result = self.store.result(entry["key"])
        if result is None:
            return NOT_MEASURED
        if result["outcome"] == "timeout":
            return Missing("timed out", f"timed out: {result['note']}")
        if result["outcome"] != "ok":
            return Missing("failed", f"failed: {result['note']}")
        return result

    def counts(self) -> dict[str, int]:
        """How many runs there are, and how many of each outcome."""
        words = [result.word if isinstance(result, Missing) else "ok" for result in self.results.values()
                 if result is not NO_PEERS]
        return {word: words.count(word) for word in ("ok", "missing", "failed", "timed out")}


def choose_source(experiment: Experiment, store: Store, profile: Optional[str] = None) -> Source:
    """The results that the report shows: those of the profile that was asked for; else the full one's, but the
    quick one's if those are of another, newer image, or if there are no others."""
    manifests = {name: store.manifest(experiment.name, name) for name in PROFILES}
    if profile is None:
        full, quick = manifests["full"], manifests["quick"]
        newer = full and quick and quick["images"] != full["images"] and quick["date"] > full["date"]
        profile = "quick" if quick and (newer or not full) else "full"
    return Source(experiment, profile, store)


@dataclass(frozen=True)
class Place:
    """The runs of a source that a figure is the median of."""
    source: Source
    slots: list[str]


class Figures:
    """Evaluates the cells of one experiment; those of runs of others in their sources."""

    def __init__(self, source: Source, others: dict[str, Source]) -> None:
        self.source, self.others = source, others

    def figure(self, cell: Cell) -> Result:
        if cell.empty:
            return NOTHING
        if cell.number is not None:
            return exactly(cell.number, cell)
        if cell.quote:
            return self.quoted(cell)
        value = self.measured(cell)
        if cell.base is None or isinstance(value, Missing):
            return value if isinstance(value, Missing) else scaled(value, cell.scale)
        base = self.quoted(cell.base) if cell.base.quote else self.measured(cell.base)
        if isinstance(base, Missing):
            return Missing(base.word, f"what it is against: {base.reason}")
        grown = self.processors(cell) / self.processors(cell.base) if cell.weak else 1
        return combined(cell.show, value, base, cell.scale * grown)

    def processors(self, cell: Cell) -> int:
        """How many processors run programs in a cell's run."""
        name, _, run = cell.run.rpartition(":")
        source = self.others[name] if name else self.source
        spec = source.experiment.runs[source.profile][run]
        kernel = source.experiment.kernels[cell.kernel or spec.kernels[0]]
        return processors(kernel, cell.cpus or cpu_counts(spec, kernel)[0])

    def quoted(self, cell: Cell) -> Result:
        """A number of others', by its key or the number of CPUs."""
        values = self.source.experiment.quoted[cell.quote].values
        key = cell.key or str(cell.cpus)
        return exactly(values[key], cell) if key in values else Missing("", "not published")

    def measured(self, cell: Cell) -> Result:
        place = self.place(cell)
        if isinstance(place, Missing):
            return place
        return figure_of([place.source.results[slot] for slot in place.slots], cell)

    def run_of(self, cell: Cell) -> Optional[tuple[str, str]]:
        """The experiment and the (first) run that a figure is from; None if it is from none."""
        place = self.place(cell) if cell.measured else NOTHING
        return None if isinstance(place, Missing) else (place.source.experiment.name, place.slots[0])

    def place(self, cell: Cell) -> Union["Place", Missing]:
        """Where a figure is measured."""
        name, _, run = cell.run.rpartition(":")
        source = self.others[name] if name else self.source
        spec = source.experiment.runs[source.profile].get(run)
        if spec is None:
            if run in source.experiment.runs["full"]:
                return Missing("–", "not part of the quick profile")
            return Missing("missing", f"there is no run called {cell.run}")
        kernel = HOST if spec.command else cell.kernel or spec.kernels[0]
        counts = counts_of(source.experiment, spec, kernel)
        # A uniprocessor kernel is the same beside any number of CPUs.
        cpus = cell.cpus if cell.cpus and not on_one_cpu(source.experiment, kernel) else counts[0]
        if kernel not in spec.kernels or cpus not in counts:
            return self.outside(source, run, kernel, cpus)
        return Place(source, [slot_name(run, kernel, cpus, number) for number in range(spec.rounds)])

    def outside(self, source: Source, run: str, kernel: str, cpus: int) -> Missing:
        """Why a run that is not in the profile's matrix is not there."""
        full = source.experiment.runs["full"][run]
        if kernel in full.kernels and cpus in counts_of(source.experiment, full, kernel):
            return Missing("–", "not part of the quick profile")
        return Missing("", "not part of the experiment")


def on_one_cpu(experiment: Experiment, kernel: str) -> bool:
    return kernel == HOST or is_uniprocessor(experiment.kernels[kernel].mode)


def counts_of(experiment: Experiment, spec: RunSpec, kernel: str) -> list[int]:
    """The numbers of CPUs that a run is made with on a kernel; [0] for none."""
    return [1] if kernel == HOST else cpu_counts(spec, experiment.kernels[kernel]) or [0]


def figure_of(results: list[Union[dict[str, Any], Missing]], cell: Cell) -> Result:
    """The median over the rounds; missing if one of them is."""
    values, points, names = [], (), ()
    for result in results:
        record = result if isinstance(result, Missing) else record_in(result["records"], cell)
        if isinstance(record, Missing):
            return record
        values.append(record["value"])
        points = points_in(record)
        names = tuple(tuple(record[key]) for key in ("names", "columns") if isinstance(record.get(key), list))
    return Figure(statistics.median(values), min(values), max(values), points, names)


def record_in(records: list[dict[str, Any]], cell: Cell) -> Union[dict[str, Any], Missing]:
    """The one record that a cell selects."""
    found = [record for record in records if record["metric"] == cell.metric
             and (not cell.bench or record["bench"] == cell.bench)
             and all(record.get(key) == value for key, value in cell.where)]
    if not found:
        return Missing("missing", f"the run printed no {cell.metric}")
    if len(found) > 1:
        return Missing("missing", f"the run printed {len(found)} figures that are {cell.metric}")
    return found[0]


def points_in(record: dict[str, Any]) -> Points:
    """The points that come with a figure. A program's parameter may have that name, too: fft's number of points."""
    points = record.get("points")
    return tuple(tuple(map(float, point)) for point in points) if isinstance(points, list) else ()


def scaled(figure: Figure, scale: float) -> Figure:
    return Figure(figure.value * scale, figure.least * scale, figure.most * scale, figure.points, figure.names)


def exactly(number: float, cell: Cell) -> Figure:
    return scaled(Figure(number, number, number), cell.scale)


def combined(show: str, value: Figure, base: Figure, scale: float) -> Result:
    """A speed-up is base / value, a ratio value / base, percent how much more than the base."""
    above, below = (base, value) if show == "speedup" else (value, base)
    if not below.least or not below.value:
        return Missing("missing", "the figure that it is divided by is 0")
    quotient = Figure(above.value / below.value, above.least / below.most, above.most / below.least)
    if show == "percent":
        quotient = Figure(*(100 * (number - 1) for number in
                            (quotient.value, quotient.least, quotient.most)))
    return scaled(quotient, scale)


def text_of(result: Result, cell: Cell) -> str:
    """What a table shows."""
    if isinstance(result, Missing):
        return result.word
    return f"{result.value:,.{cell.digits}f}{cell.suffix}"
