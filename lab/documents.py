"""Figures in the project's documents: put there from what the laboratory measured, and compared with it. What the
documents show is kept in docs/figures.json, so that they can be compared where nothing has been measured.

In a document, a table of an experiment stands between two lines,

    <!-- made by `make figures`: EXPERIMENT, table NUMBER -->
    <!-- end -->

and what was measured with what between such lines with `environment` in them. A figure within a sentence is a row of
the experiment `documents`, or of `documents-peers` if it is another system's; its label is the document's name and the sentence, with {}
where the figure is.
"""
import dataclasses
import functools
import os
import re
from typing import Any, Iterable, Iterator, Optional, Union

from lab import TOP, LabError
from lab.cell import Cell
from lab.figures import NO_PEERS, Figure, Figures, Missing, Source, text_of
from lab.model import Experiment, Table
from lab.organisations import EVERY, is_peer, modes_of
from lab.shown import in_markdown
from lab.store import Store
from lab.versions import RELEVANT, image_commit

DOCUMENTS = ("README.md", "docs/benchmarks.md", "docs/conflicts.md", "docs/database.md", "docs/debugging.md")
STORED = os.path.join(TOP, "docs", "figures.json")
SENTENCES = ("documents", "documents-peers")  # what needs other systems is apart: `make figures` alone has none
START = re.compile(r"<!-- made by `make figures`: (?:([\w.-]+), table (\d+)|environment) -->\n")
END = "<!-- end -->\n"
NUMBER = r"(\d[\d,]*(?:\.\d+)?)"

Value = Union[int, float, str]  # a word, of what is not to be shown
Rows = list[list[Value]]
# By experiment: {"environment": {what it was measured with}, "modes": [those that there were], "tables": {"NUMBER": rows}}
Stored = dict[str, dict[str, Any]]


def blocks(text: str, file: str) -> Iterator[tuple[int, int, Optional[str], int]]:
    """(begin, end, experiment, number of the table) of each block's inside; without an experiment, of the
    environment."""
    for start in START.finditer(text):
        end = text.find(END, start.end())
        if end < 0 or START.search(text, start.end(), end):
            raise LabError(f"{file}: no `{END.strip()}` after `{start.group().strip()}`")
        yield start.end(), end, start.group(1), int(start.group(2) or 0)


def table_of(experiments: dict[str, Experiment], name: str, number: int) -> Table:
    if name not in experiments or not 0 < number <= len(experiments[name].tables):
        raise LabError(f"documents: there is no table {number} of an experiment {name}")
    return experiments[name].tables[number - 1]


def tables_in(texts: dict[str, str], experiments: dict[str, Experiment]) -> list[tuple[str, int]]:
    """The tables that documents show, and those of sentences."""
    found = [(name, number) for file, text in texts.items() for _, _, name, number in blocks(text, file) if name]
    return list(dict.fromkeys([*found, *((name, 1) for name in SENTENCES if name in experiments)]))


def measured(shown: list[tuple[str, int]], experiments: dict[str, Experiment], sources: dict[str, Source]) -> Stored:
    """The values of tables, from the laboratory's results. LabError if one is missing."""
    stored: Stored = {}
    for name, number in shown:
        table, figures = table_of(experiments, name, number), Figures(sources[name], sources)
        used = {one: sources[one] for one in (name, *experiments[name].needs)}
        entry = stored.setdefault(name, {"environment": environment_of(used.values()), "modes": modes_of(EVERY), "tables": {}})
        entry["tables"][str(number)] = [[value_of(figures.figure(cell), f"{name}: {row.label}") for cell in row.cells]
                                        for row in table.rows]
    return stored


def concerns_peer(name: str, cell: Cell, experiments: dict[str, Experiment]) -> bool:
    """Whether a cell, or what it is against, was measured of another system."""
    if not cell.measured:
        return False
    other, _, run = cell.run.rpartition(":")
    experiment = experiments[other or name]
    kernel = experiment.kernels.get(cell.kernel or experiment.runs["full"][run].kernels[0])
    return (kernel is not None and is_peer(kernel.mode)) or (cell.base is not None and concerns_peer(name, cell.base, experiments))


def with_peers(stored: Stored, shown: list[tuple[str, int]], experiments: dict[str, Experiment], sources: dict[str, Source]) -> Stored:
    """The entries of tables that show other systems, with those figures as they were measured last; Castle's stay, for they do not depend on
    them. A table that is not there yet is added if it shows nothing else."""
    changed: Stored = {}
    for name, number in shown:
        entry = changed.get(name) or stored.get(name) or {"environment": {}, "modes": modes_of(EVERY), "tables": {}}
        table = of_modes(table_of(experiments, name, number), entry.get("modes"))
        others = [[concerns_peer(name, cell, experiments) for cell in row.cells] for row in table.rows]
        old = entry["tables"].get(str(number))
        if not any(map(any, others)) or (old is None and not all(map(all, others))):
            continue
        if old:
            texts_of(table, old, f"{name}, table {number}")  # complains of another layout
        figures = Figures(sources[name], sources)
        rows = [[value_of(figures.figure(cell), f"{name}: {row.label}") if of_peer else old[line][column]
                 for column, (cell, of_peer) in enumerate(zip(row.cells, others[line]))] for line, row in enumerate(table.rows)]
        used = environment_of((sources[one] for one in (name, *experiments[name].needs)), of_peers=True)
        changed[name] = {**entry, "tables": {**entry["tables"], str(number): rows},
                         "environment": {fact: sorted({*used.get(fact, []), *entry["environment"].get(fact, [])})
                                         for fact in sorted({*used, *entry["environment"]})}}
    return changed


def environment_of(sources: Iterable[Source], of_peers: bool = False) -> dict[str, list[str]]:
    """What the runs of some experiments, or those of other systems alone, were made with: images, the commits that changed them last, tools, days."""
    facts: dict[str, set[str]] = {"commit": set(), "image": set(), "measured": set()}
    for source in sources:
        known = commits_of_images(source.store)
        for slot, result in source.results.items():
            if isinstance(result, Missing) or (of_peers and not source.runs[slot].of_peer):
                continue
            environment = result["environment"]
            facts["image"].add((environment["image"] or "none")[:16])
            facts["commit"].add(known.get(environment["image"]) or f"{environment['commit'][:12]} with changes")
            facts["measured"].add(environment["date"][:10])
            for tool in {"compiler", *RELEVANT[source.runs[slot].machine]} & environment.keys():
                facts.setdefault(tool, set()).add(environment[tool])
    return {fact: sorted(facts[fact]) for fact in sorted(facts)}


@functools.cache
def commits_of_images(store: Store) -> dict[str, str]:
    """For each image that was once run when everything was committed: the last commit that changed what is in it. The
    same image is the same kernel, whatever else had changed when it ran again."""
    commits: dict[str, str] = {}
    for result in sorted(store.everything(), key=lambda result: result["environment"]["date"]):
        environment = result["environment"]
        if environment["image"] and not environment["dirty"]:
            commits.setdefault(environment["image"], environment["commit"])
    return {image: image_commit(commit)[:12] for image, commit in commits.items()}


def value_of(result: Union[Figure, Missing], place: str) -> Value:
    if isinstance(result, Figure):
        return int(result.value) if result.value == int(result.value) else round(result.value, 9)
    if result.word not in ("", "–") or result is NO_PEERS:
        raise LabError(f"{place}: {result.word}, {result.reason}; nothing was written")
    return result.word


def texts_of(table: Table, values: Rows, place: str) -> list[tuple[str, list[str]]]:
    """The rows of a table with stored values in it."""
    if [len(row.cells) for row in table.rows] != [len(row) for row in values]:
        raise LabError(f"docs/figures.json: {place} has other rows and columns now; measure anew: `make figures`")
    return [(row.label, [value if isinstance(value, str) else text_of(Figure(value, value, value), cell)
                         for cell, value in zip(row.cells, line)]) for row, line in zip(table.rows, values)]


def of_modes(table: Table, modes: Optional[list[str]]) -> Table:
    """The table without rows and columns of modes that came after it was measured."""
    kept = [not modes or not mode or mode in modes for mode in table.modes]
    rows = [dataclasses.replace(row, cells=tuple(cell for cell, keep in zip(row.cells, kept) if keep))
            for row in table.rows if not modes or not row.of_mode or row.of_mode in modes]
    return dataclasses.replace(table, columns=tuple(label for label, keep in zip(table.columns, kept) if keep), rows=tuple(rows))


def rendered(file: str, text: str, experiments: dict[str, Experiment], stored: Stored) -> str:
    """A document with the stored values in it."""
    for begin, end, name, number in reversed(list(blocks(text, file))):
        if name:
            table = of_modes(table_of(experiments, name, number), stored.get(name, {}).get("modes"))
            inside = in_markdown(table, texts_of(table, *rows_in(stored, name, number)))
        else:
            inside = "".join(f"- {line}\n" for line in environments(stored))
        text = text[:begin] + inside + text[end:]
    for name in SENTENCES:
        if name in experiments:
            text = with_sentences(file, text, name, table_of(experiments, name, 1), stored)
    return text


def rows_in(stored: Stored, name: str, number: int) -> tuple[Rows, str]:
    """The rows of a table, and what they are called."""
    place = f"{name}, table {number}"
    tables = stored.get(name, {"tables": {}})["tables"]
    if str(number) not in tables:
        raise LabError(f"docs/figures.json has no {place}; `make figures EXP={name}` measures it")
    return tables[str(number)], place


def environments(stored: Stored) -> list[str]:
    """Which experiments were measured when, on which commit; and with what, all of them together."""
    names: dict[str, list[str]] = {}
    tools: list[str] = []
    for name, entry in sorted(stored.items()):
        told = {fact: ", ".join(values) for fact, values in entry["environment"].items()}
        names.setdefault(f"the kernel of commit {told['commit']}, measured on {told['measured']}", []).append(name)
        tools += [f"{fact}: {text}" for fact, text in told.items() if fact not in ("commit", "measured", "image")]
    return [f"{when}: {', '.join(those)}" for when, those in names.items()] + list(dict.fromkeys(tools))


def with_sentences(file: str, text: str, name: str, table: Table, stored: Stored) -> str:
    for label, (figure, *_) in texts_of(table, *rows_in(stored, name, 1)):
        where, sentence = label.split(": ", 1)
        if where == file:
            begin, end = find_figure(file, text, sentence)
            text = text[:begin] + figure + text[end:]
    return text


def find_figure(file: str, text: str, sentence: str) -> tuple[int, int]:
    """Where the figure is; lines may be broken anywhere."""
    before, after = ([re.escape(word) for word in part.split(" ")] for part in sentence.split("{}"))
    found = list(re.finditer(r"\s+".join(before) + NUMBER + r"\s+".join(after), text))
    if len(found) != 1:
        raise LabError(f"{file}: `{sentence}` is there {len(found)} times")
    return found[0].span(1)
