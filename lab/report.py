"""The report: one page, as HTML that needs nothing else and as Markdown, made from the experiments and the
store. Both come from the same sections, so they cannot differ in what they say."""
import html
import os
import re
from dataclasses import dataclass
from typing import Optional

import jinja2
from markupsafe import Markup

from lab import TOP, charts
from lab.figures import Figures, Missing, Source, choose_source
from lab.judge import Sentence, Verdict, compare, gathered, judge
from lab.model import Experiment
from lab.shown import ShownTable, environment_of, shown_table
from lab.store import Store

TEMPLATES = os.path.join(TOP, "lab", "templates")
OUTCOMES = ("PASS", "SHORT", "missing", "timed out", "failed", "–")


@dataclass(frozen=True)
class ShownPlot:
    title: str
    kind: str
    note: str
    svg: Optional[str]


@dataclass
class Section:
    """One experiment, ready to be shown."""
    experiment: Experiment
    source: Source
    plots: list[ShownPlot]
    tables: list[ShownTable]
    verdicts: list[Verdict]
    sentences: list[Sentence]
    quoted: list[str]
    commands: list[tuple[str, str, str, str]]  # of each run: its name, command, outcome and log
    environment: list[str]

    @property
    def measure(self) -> str:
        quick = " QUICK=1" if self.source.profile == "quick" else ""
        return f"make lab EXP={self.experiment.name}{quick}"

    @property
    def repeat(self) -> str:
        return f"{self.measure} && make report"

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to be shown: no run was tried, and no figure comes from another experiment's."""
        counts = self.source.counts()
        shown = [cell for table in self.tables for _, cells in table.rows for cell in cells]
        return (counts["missing"] == sum(counts.values()) and not any(plot.svg for plot in self.plots)
                and not any(cell.kind == "castle" for cell in shown))


def anchor(run: tuple[str, str]) -> str:
    """The name of a run within a page, for links of figures to it."""
    return ".".join(run).replace("/", ".")


def commands_of(source: Source, store: Store, base: str) -> list[tuple[str, str, str, str]]:
    """Every run: its name in the page, the command that repeats it, what became of it, and where its raw output is."""
    commands = []
    for slot, run in source.runs.items():
        result = source.results[slot]
        log = ""
        entry = source.manifest.get("runs", {}).get(slot)
        folders = store.results(entry["key"]) if entry else []
        if folders:
            log = os.path.relpath(os.path.join(folders[-1], "output.txt"), base)
        outcome = result.reason if isinstance(result, Missing) else f"{result['seconds']:.1f} s"
        commands.append((anchor((source.experiment.name, slot)), run.command_line(), outcome, log))
    return commands


def section_of(experiment: Experiment, sources: dict[str, Source], store: Store, base: str) -> Section:
    source = sources[experiment.name]
    figures = Figures(source, sources)
    return Section(
        experiment, source,
        [ShownPlot(plot.title, plot.kind, plot.note, charts.draw(plot, figures)) for plot in experiment.plots],
        [shown_table(table, figures) for table in experiment.tables],
        [judge(target, figures) for target in experiment.targets],
        gathered([compare(comparison, figures) for comparison in experiment.comparisons]),
        [f"{quoted.label}: {quoted.source}" for quoted in experiment.quoted.values()],
        commands_of(source, store, base), environment_of([source]))


def tally(sections: list[Section]) -> dict[str, int]:
    """How many targets there are of each outcome."""
    outcomes = [verdict.outcome for section in sections for verdict in section.verdicts]
    return {outcome: outcomes.count(outcome) for outcome in OUTCOMES if outcome in outcomes}


def one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def in_html(text: str) -> Markup:
    """Prose of an experiment file: `code` is code, the rest is text."""
    escaped = html.escape(one_line(text), quote=False)
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", escaped))


def render(sections: list[Section], store: Store) -> tuple[str, str]:
    """(HTML, Markdown) of the whole report."""
    loader = jinja2.FileSystemLoader(TEMPLATES)
    facts = {"sections": sections, "here": {section.experiment.name for section in sections}, "tally": tally(sections), "store": os.path.relpath(store.folder, TOP),
             "runs": {word: sum(section.source.counts()[word] for section in sections)
                      for word in ("ok", "missing", "failed", "timed out")}}
    pages = []
    for name, escape in (("report.html", True), ("report.md", False)):
        environment = jinja2.Environment(loader=loader, autoescape=escape, trim_blocks=True, lstrip_blocks=True,
                                         undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
        environment.filters["prose"] = in_html if escape else one_line
        environment.filters["anchor"] = anchor
        environment.filters["slug"] = lambda text: re.sub(r"[^a-z]+", "-", text.lower()).strip("-")
        pages.append(environment.get_template(name).render(**facts))
    return pages[0], pages[1]


def write(experiments: dict[str, Experiment], store: Store, profile: Optional[str], output: str) -> list[Section]:
    """Writes OUTPUT/report.html and report.md; the sections that they have."""
    sources = {name: choose_source(experiment, store, profile) for name, experiment in experiments.items()}
    sections = [section_of(experiment, sources, store, output) for experiment in experiments.values()]
    for name, text in zip(("report.html", "report.md"), render(sections, store)):
        with open(os.path.join(output, name), "w", encoding="utf-8") as file:
            file.write(text)
    return sections
