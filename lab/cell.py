"""A cell: which figure to show, and how. Tables, plots, targets and comparisons are all made of cells; a cell is
a selector of a run's figure (run, kernel, cpus, metric), of a quoted number, or a number as it is, with what to make
of it (a speed-up or ratio to a base)."""
from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Optional

from lab.fields import Fields

if TYPE_CHECKING:
    from lab.model import Experiment

SHOWS = ("value", "speedup", "ratio", "percent")
IGNORED = {"label", "style", "note", "of_mode", "x"}
DIGITS = {"value": 0, "speedup": 2, "ratio": 2, "percent": 1}


@dataclass(frozen=True)
class Cell:
    run: str = ""         # NAME, or EXPERIMENT:NAME for a run of another file
    metric: str = ""
    kernel: str = ""      # empty: the only one that the run has
    cpus: int = 0         # 0: the only number that the run has
    bench: str = ""       # empty: whichever printed the metric
    where: tuple[tuple[str, Any], ...] = ()
    show: str = "value"
    base: Optional[Cell] = None
    weak: bool = False    # the work grows with the processors, and the speed-up is multiplied by them
    scale: float = 1.0
    digits: int = 0
    suffix: str = ""
    quote: str = ""       # the name of quoted numbers
    key: str = ""         # and which of them; the number of CPUs unless told
    number: Optional[float] = None
    empty: bool = False   # shows nothing

    @property
    def measured(self) -> bool:
        """Whether it is one of Castle's figures, rather than a number from elsewhere."""
        return bool(self.run) and not self.quote and self.number is None and not self.empty


def united(*parts: dict[str, Any]) -> dict[str, Any]:
    """The union of what several places say of a cell. The conditions of several `where` all hold; an empty one means
    that none does."""
    union: dict[str, Any] = {}
    for part in parts:
        where = part.get("where")
        if isinstance(where, dict) and where and isinstance(union.get("where"), dict):
            part = {**part, "where": {**union["where"], **where}}
        union.update(part)
    return union


def read_cell(table: dict[str, Any], owner: Fields, experiment: Experiment) -> Cell:
    """A cell from the union of what a table, row and column say; `owner` names it if it is wrong."""
    fields = Fields({key: value for key, value in table.items() if key not in IGNORED}, owner.file,
                    f"{owner.path} cell")
    show = fields.take_choice("show", SHOWS, "value")
    base = fields.take("base", dict, None)
    measured = show != "value" and not {"quote", "number", "empty"} & table.keys()
    cell = Cell(
        fields.take("run", str, ""), fields.take("metric", str, ""), fields.take("kernel", str, ""),
        fields.take("cpus", int, 0), fields.take("bench", str, ""),
        tuple(sorted(fields.take("where", dict, {}).items())), show,
        base_cell(table, base, owner, experiment) if base is not None and measured else None,
        fields.take("weak", bool, False), float(fields.take("scale", float, 1)), fields.take("digits", int, DIGITS[show]),
        fields.take("suffix", str, ""), fields.take("quote", str, ""), fields.take("key", str, ""),
        fields.take("number", float, None), fields.take("empty", bool, False))
    fields.finish()
    check_cell(cell, fields, experiment)
    return cell


def base_cell(table: dict[str, Any], base: dict[str, Any], owner: Fields, experiment: Experiment) -> Cell:
    """What a speed-up or ratio is against: the same cell but for what `base` changes."""
    changed = {key: value for key, value in table.items() if key not in ("show", "base", "quote", "number")}
    return read_cell(united(changed, base), owner, experiment)


def check_cell(cell: Cell, fields: Fields, experiment: Experiment) -> None:
    if cell.empty or cell.number is not None:
        return
    if cell.quote:
        if cell.quote not in experiment.quoted:
            raise fields.fault("quote", f"nothing quoted is called {cell.quote!r}")
        return
    if not cell.run or not cell.metric:
        raise fields.fault("run", "a cell needs a run and a metric, a quote, or a number")
    if cell.show != "value" and cell.base is None:
        raise fields.fault("base", f"is missing: {cell.show} of what?")
    if ":" in cell.run:
        if cell.run.split(":")[0] not in experiment.needs:
            raise fields.fault("run", f"{cell.run}: `needs` does not name that experiment")
        return
    spec = experiment.runs["full"].get(cell.run)
    if spec is None:
        raise fields.fault("run", f"no run called {cell.run!r}; there are "
                           f"{', '.join(experiment.runs['full']) or 'none'}")
    if cell.kernel and cell.kernel not in spec.kernels:
        raise fields.fault("kernel", f"run {cell.run!r} has no kernel {cell.kernel!r}")
    if not cell.kernel and len(spec.kernels) > 1:
        raise fields.fault("kernel", f"is missing: run {cell.run!r} has {', '.join(spec.kernels)}")
