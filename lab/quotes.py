"""What documents and experiments say of other systems, held against what the laboratory measured of them. A document's table or
sentence says what a cell of an experiment showed when it was written; a quoted number says by which cell it was measured
(`measured_by`). Either is to be corrected if it is further from the cell's figure than WITHIN percent."""
import dataclasses
from dataclasses import dataclass
from typing import Callable, Iterator, Optional

from lab.cell import Cell, read_cell
from lab.documents import Stored, concerns_peer, of_modes, table_of
from lab.fields import Fields
from lab.figures import Figure, Missing, Result, combined
from lab.model import Experiment, Quoted

WITHIN = 5.0  # percent

Experiments = dict[str, Experiment]


@dataclass(frozen=True)
class Claim:
    """Where something is said, what, and the cell of an experiment whose figure it is."""
    place: str
    said: float
    experiment: str
    cell: Cell


@dataclass(frozen=True)
class Verdict:
    claim: Claim
    result: Result
    percent: Optional[float]  # how far the measured figure is from what is said; None if it is missing

    @property
    def holds(self) -> bool:
        return self.percent is not None and abs(self.percent) <= WITHIN


def judge(claim: Claim, result: Result) -> Verdict:
    """What percents say is how much more than a base something is: held to account is the whole of it."""
    if isinstance(result, Missing):
        return Verdict(claim, result, None)
    whole = 100 if claim.cell.show == "percent" else 0
    return Verdict(claim, result, 100 * ((whole + result.value) / (whole + claim.said) - 1))


# --- what is said -------------------------------------------------------------------------------


def of_documents(experiments: Experiments, stored: Stored) -> Iterator[Claim]:
    """Each figure of another system that docs/figures.json has, of tables and of sentences."""
    for name, entry in stored.items():
        for number, values in entry["tables"].items():
            table = of_modes(table_of(experiments, name, int(number)), entry.get("modes"))
            for row, line in zip(table.rows, values):
                for column, cell, value in zip(table.columns, row.cells, line):
                    if not isinstance(value, str) and concerns_peer(name, cell, experiments):
                        yield Claim(f"documents: {name}, table {number}: {row.label}, {column}", value, name, cell)


def of_quotes(experiments: Experiments) -> Iterator[Claim]:
    """Each number that an experiment quotes of what another one measures."""
    for experiment in experiments.values():
        for quoted in experiment.quoted.values():
            for key, value in quoted.values.items() if quoted.measured_by else ():
                place = f"{experiment.name}: quoted {quoted.name}, {key}"
                name, cell = cell_of(quoted, key, Fields(quoted.measured_by, experiment.file, f"quoted.{quoted.name}"), experiments)
                yield Claim(place, value, name, cell)


def cell_of(quoted: Quoted, key: str, fields: Fields, experiments: Experiments) -> tuple[str, Cell]:
    """The experiment and the cell that measured what a key of quoted numbers stands for: `PROGRAM.METRIC`, `PROGRAM PROCESSORS`, a
    number of processors, a kernel that `kernels` translates, or a metric."""
    selector = dict(quoted.measured_by)
    kernels = selector.pop("kernels", {})
    name, _, run = selector.pop("run", "").partition(":")
    if name not in experiments or not run:
        raise fields.fault("measured_by", "its `run` must be EXPERIMENT:RUN")
    experiment, (first, _, second) = experiments[name], key.partition(" ")
    if key in kernels:
        selector["kernel"] = kernels[key]
    elif key.isdigit():
        selector["cpus"] = int(key)
    elif second.isdigit():
        selector |= {"bench": first, "cpus": int(second)}
    elif "." in key:
        selector["bench"], selector["metric"] = key.split(".")
    else:
        selector["metric"] = key
    return name, read_cell({"run": run, **selector}, fields, experiment)


# --- what was measured, by the documents --------------------------------------------------------


def bare(cell: Cell) -> Cell:
    """What a cell selects, without how it is written."""
    return dataclasses.replace(cell, scale=1.0, digits=0, suffix="", key="", quote="", base=cell.base and bare(cell.base))


def published(experiments: Experiments, stored: Stored) -> Callable[[str, Cell], Result]:
    """A look-up of cells in docs/figures.json, in place of the laboratory's results: of whoever has measured nothing."""
    known: dict[tuple[str, Cell], float] = {}
    for claim in of_documents(experiments, stored):
        known[claim.experiment, bare(claim.cell)] = claim.said / claim.cell.scale

    def figure(name: str, cell: Cell) -> Result:
        value = known.get((name, bare(cell)))
        if value is not None:
            return Figure(*3 * (value * cell.scale,))
        if cell.base is None:
            return Missing("missing", "no document shows it")
        parts = figure(name, dataclasses.replace(cell, show="value", base=None, scale=1.0)), figure(name, cell.base)
        missing = [part for part in parts if isinstance(part, Missing)]
        return missing[0] if missing else combined(cell.show, *parts, cell.scale)

    return figure
