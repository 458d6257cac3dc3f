"""What is shown of an experiment, whoever shows it: the page, the terminal, the documents. Needs none of the page's
modules."""
from dataclasses import dataclass
from typing import Iterable, Optional

from lab.cell import Cell
from lab.figures import Figures, Missing, Result, Source, text_of
from lab.model import Table
from lab.versions import RELEVANT


@dataclass(frozen=True)
class ShownCell:
    text: str
    kind: str     # castle, quoted, empty or missing
    remark: str   # what a reader who points at it learns
    run: Optional[tuple[str, str]] = None  # the experiment, and its run that it is from


@dataclass(frozen=True)
class ShownTable:
    table: Table
    rows: list[tuple[str, list[ShownCell]]]


def shown_cell(cell: Cell, figures: Figures) -> ShownCell:
    result: Result = figures.figure(cell)
    kind = "quoted" if cell.quote else "castle"
    if isinstance(result, Missing):
        return ShownCell(result.word, "empty" if result.word in ("", "–") else "missing", result.reason)
    spread = (f"{result.least:,.{cell.digits}f} to {result.most:,.{cell.digits}f} in the rounds"
              if result.spread else "")
    return ShownCell(text_of(result, cell), kind, spread, figures.run_of(cell))


def shown_table(table: Table, figures: Figures) -> ShownTable:
    rows = [(row.label, [shown_cell(cell, figures) for cell in row.cells]) for row in table.rows]
    return ShownTable(table, rows)


def in_markdown(table: Table, rows: Iterable[tuple[str, list[str]]]) -> str:
    lines = [[table.corner, *table.columns], *([label, *texts] for label, texts in rows)]
    written = ["|" + "".join(f" {text} |" if text else " |" for text in line) for line in lines]
    written.insert(1, f"|---|{'---:|' * len(table.columns)}")
    return "\n".join(written) + "\n"


def on_terminal(table: Table, rows: Iterable[tuple[str, list[str]]]) -> str:
    """Columns as wide as what is in them."""
    lines = [[table.corner, *table.columns], *([label, *texts] for label, texts in rows)]
    lines = [[text.replace("`", "") for text in line] for line in lines]
    widths = [max(map(len, column)) for column in zip(*lines)]
    adjusted = [[line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])] for line in lines]
    return "".join("  ".join(line).rstrip() + "\n" for line in adjusted)


def environment_of(sources: Iterable[Source]) -> list[str]:
    """What was measured with what; each fact once."""
    facts: dict[str, list[str]] = {}
    for source in sources:
        for slot, result in source.results.items():
            if not isinstance(result, Missing):
                note_environment(facts, result["environment"], RELEVANT[source.runs[slot].machine])
    return [f"{key}: {', '.join(dict.fromkeys(values))}" for key, values in facts.items()]


def note_environment(facts: dict[str, list[str]], environment: dict, tools: tuple[str, ...]) -> None:
    dirty = " with changes that are not committed" if environment["dirty"] else ""
    facts.setdefault("commit", []).append(environment["commit"][:12] + dirty)
    if environment["image"]:
        facts.setdefault("image", []).append(environment["image"][:16])
    for key in ("compiler", *tools, "host"):
        if key in environment:  # older results do not tell of tools that came later
            facts.setdefault(key, []).append(environment[key])
    facts.setdefault("measured", []).append(environment["date"][:10])
