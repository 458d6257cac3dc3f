"""What the runner says while it works: a line a run, and on a terminal how far it is and how long it will take."""
import shutil
import sys
import time
from typing import Iterable

from lab.matrix import Run

UNKNOWN = 60.0  # seconds, before anything is known


def duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


class Estimate:
    """How long a run takes: as long as when it was last made, on whatever image; else as others now do."""

    def __init__(self, earlier: Iterable[dict]) -> None:
        self.known = {result["label"]: float(result["seconds"]) for result in earlier}
        self.now: dict[str, list[float]] = {}

    def note(self, run: Run, seconds: float) -> None:
        self.known[run.label] = seconds
        self.now.setdefault(run.machine, []).append(seconds)

    def of(self, run: Run) -> float:
        if run.label in self.known:
            return self.known[run.label]
        others = self.now.get(run.machine)
        return sum(others) / len(others) if others else UNKNOWN


class Progress:
    def __init__(self, total: int, estimate: Estimate, jobs: int) -> None:
        self.total, self.estimate, self.jobs = total, estimate, jobs
        self.remaining = ""
        self.done = 0
        self.terminal = sys.stderr.isatty()
        self.shown = 0.0

    def say(self, text: str) -> None:
        self.clear()
        print(text, flush=True)

    def clear(self) -> None:
        if self.terminal:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def ended(self, run: Run, outcome: str, seconds: float, note: str = "") -> None:
        self.done += 1
        self.say(f"  {outcome:8} {run.label:48} {seconds:8.1f} s  {f'{self.done}/{self.total}':9}"
                 f"{note or self.remaining}")

    def left(self, waiting: Iterable[Run], active: Iterable[tuple[Run, float]]) -> float:
        rest = sum(self.estimate.of(run) for run in waiting)
        return (rest + sum(max(0.0, self.estimate.of(run) - spent) for run, spent in active)) / self.jobs

    def show(self, waiting: list[Run], active: list[tuple[Run, float]]) -> None:
        """Draws the status line, at most twice a second."""
        if time.monotonic() < self.shown + 0.5:
            return
        self.shown = time.monotonic()
        self.remaining = f"about {duration(self.left(waiting, active))} left"
        running = "; ".join(f"{run.label} ({spent:.0f} s)" for run, spent in active)
        text = f"{self.done} of {self.total}, {self.remaining}: {running}"
        if self.terminal:
            print(f"\r\x1b[K{text[:shutil.get_terminal_size().columns - 1]}", end="", file=sys.stderr, flush=True)
