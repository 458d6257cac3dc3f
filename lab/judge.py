"""Whether figures meet their targets, and how they compare with those of others: computed, so that text and
numbers cannot contradict each other."""
from dataclasses import dataclass

from lab.figures import Figures, Missing, text_of
from lab.model import Comparison, Target

RELATIONS = {"at_least": ("≥", lambda value, limit: value >= limit),
             "at_most": ("≤", lambda value, limit: value <= limit),
             "above": (">", lambda value, limit: value > limit),
             "below": ("<", lambda value, limit: value < limit)}


@dataclass(frozen=True)
class Verdict:
    """What came out of a target: PASS, SHORT, or the word of what is missing."""
    text: str
    limit: str
    value: str
    outcome: str
    remark: str


def judge(target: Target, figures: Figures) -> Verdict:
    sign, holds = RELATIONS[target.relation]
    value, limit = figures.figure(target.cell), figures.figure(target.limit)
    shown_limit = f"{sign} {text_of(limit, target.limit)}"
    if figures.source.profile not in target.profiles:
        return Verdict(target.text, shown_limit, text_of(value, target.cell), "–",
                       f"for the {' and '.join(target.profiles)} profile")
    for result in (value, limit):
        if isinstance(result, Missing):
            return Verdict(target.text, shown_limit, text_of(value, target.cell), result.word or "missing",
                           result.reason)
    if holds(value.value, limit.value):
        return Verdict(target.text, shown_limit, text_of(value, target.cell), "PASS", "")
    short = 100 * abs(value.value - limit.value) / abs(limit.value) if limit.value else 0
    return Verdict(target.text, shown_limit, text_of(value, target.cell), "SHORT", f"by {short:.1f} %")


@dataclass(frozen=True)
class Sentence:
    """A comparison in words, and why it is so. `outcome` is agrees, above, below or missing; a missing one says
    what it would have been about, and what is missing."""
    outcome: str
    text: str
    why: str


def compare(comparison: Comparison, figures: Figures) -> Sentence:
    value, other = figures.figure(comparison.cell), figures.figure(comparison.other)
    label = label_of(comparison, figures)
    for who, result in (("Castle's", value), (label, other)):
        if isinstance(result, Missing):
            return Sentence("missing", comparison.text, f"{who}: {result.reason}")
    shown = f"{text_of(value, comparison.cell)} against {text_of(other, comparison.other)} ({label})"
    outcome = outcome_of(value.value, other.value, comparison.within)
    relation = (f"within {comparison.within:g} %" if outcome == "agrees"
                else distance(value.value, other.value))
    return Sentence(outcome, f"{comparison.text}: {shown}, {relation}.", comparison.words[outcome])


def gathered(sentences: list[Sentence]) -> list[Sentence]:
    """The sentences that there are, and one for each reason why others are not."""
    missing: dict[str, list[str]] = {}
    for sentence in sentences:
        if sentence.outcome == "missing":
            missing.setdefault(sentence.why, []).append(sentence.text)
    return [sentence for sentence in sentences if sentence.outcome != "missing"] + [
        Sentence("missing", f"Not compared ({why}): {'; '.join(texts)}.", "") for why, texts in missing.items()]


def outcome_of(value: float, other: float, within: float) -> str:
    """agrees, if a figure is within so many percent of another; else above or below."""
    if abs(value - other) <= abs(other) * within / 100:
        return "agrees"
    return "above" if value > other else "below"


def label_of(comparison: Comparison, figures: Figures) -> str:
    """Whose figure the other one is."""
    quote = comparison.other.quote
    if quote:
        return figures.source.experiment.quoted[quote].label
    return "" if comparison.other.number is not None else "Castle's"


def distance(value: float, other: float) -> str:
    """How far a figure is from another, in percent or, if that is far, as a factor."""
    way = "higher" if value > other else "lower"
    factor = max(value / other, other / value) if value > 0 and other > 0 else 0
    if factor >= 100:
        return f"{way} by far"
    if factor >= 2 or not other:
        return f"{way} by a factor of {factor:.1f}" if factor else way
    return f"{abs(100 * (value / other - 1)):.0f} % {way}"
