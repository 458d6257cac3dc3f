"""Makes the runs of experiments that have not been made yet: several at a time where they do not disturb one
another, each with a time limit; what it interrupts or what fails leaves the store consistent."""
import os
import shutil
import signal
import time
from dataclasses import dataclass
from typing import Optional

from lab import TOP, LabError
from lab.child import Child
from lab.image import absent_from
from lab.matrix import Run, runs_of
from lab.model import TIMED, Experiment
from lab.progress import Estimate, Progress, duration
from lab.records import read
from lab.store import Store, key_of, write_json
from lab.versions import environment, now

LAUNCHER = os.path.join(TOP, "tools", "run")
STATUS_TIMEOUT = 124  # of tools/run
MARGIN = 30           # seconds that tools/run gets to report a time-out before it is ended
POLL = 0.05
# On these machines whatever else the host does changes the figures: CPUs are its threads, or a command is timed.
ALONE = ("qemu", TIMED)


@dataclass
class Job:
    """A run to be made, its key in the store, and the SHA-256 of what it boots."""
    run: Run
    key: str
    image: Optional[str]


@dataclass
class Active:
    job: Job
    child: Child
    workplace: str


class Runner:
    def __init__(self, store: Store, jobs: int = 1, launcher: str = LAUNCHER, retry: bool = False,
                 folder: str = TOP, timeout: Optional[float] = None, peers: bool = False) -> None:
        self.store, self.jobs, self.launcher, self.retry, self.peers = store, jobs, launcher, retry, peers
        self.folder, self.timeout = folder, timeout
        self.images: dict[str, str] = {}
        self.counts = {"ok": 0, "failed": 0, "timeout": 0, "kept": 0}
        self.left_out: dict[str, list[Run]] = {}  # by the programs that the image has not

    def work(self, experiments: list[Experiment], profile: str) -> bool:
        """Makes all runs that are missing; whether all of them are there now and well."""
        with self.store.locked():
            jobs = self.plan(experiments, profile)
            self.execute(jobs)
        return not self.counts["failed"] and not self.counts["timeout"]

    def plan(self, experiments: list[Experiment], profile: str) -> list[Job]:
        """The jobs to do; what each experiment consists of goes to its manifest first."""
        jobs: dict[str, Job] = {}
        for experiment in experiments:
            slots = {}
            for run in (run for run in runs_of(experiment, profile) if self.peers or not run.of_peer):
                image = self.image(run)
                key = key_of(run, image)
                absent = absent_from(self.store.image_path(image), run.programs()) if image else []
                slots[run.slot] = {"key": key, "command": run.command_line(), "absent": absent}
                if absent:
                    self.left_out.setdefault(", ".join(absent), []).append(run)
                else:
                    jobs.setdefault(key, Job(run, key, image))
            write_json(self.store.manifest_path(experiment.name, profile),
                       {"experiment": experiment.name, "profile": profile, "date": now(),
                        "images": dict(self.images), "runs": slots})
        return [job for job in jobs.values() if self.wanted(job)]

    def image(self, run: Run) -> Optional[str]:
        """The SHA-256 of the image that a run boots."""
        if run.image is None:
            return None
        if run.image not in self.images:
            self.images[run.image] = self.store.image(os.path.join(self.folder, run.image))
        return self.images[run.image]

    def wanted(self, job: Job) -> bool:
        """Whether a run must be made: it is not there, or it is to be tried again."""
        result = self.store.result(job.key)
        if result is None or (self.retry and result["outcome"] != "ok"):
            return True
        self.counts["kept"] += 1
        if result["outcome"] in ("failed", "timeout"):
            self.counts[result["outcome"]] += 1
        return False

    def execute(self, waiting: list[Job]) -> None:
        progress = Progress(len(waiting), Estimate(self.store.everything()), self.jobs)
        # The longest first, so that none is left alone at the end; those that run alone come last. Of what was
        # never run, that which may take the longest.
        waiting.sort(key=lambda job: (job.run.machine in ALONE, -progress.estimate.of(job.run), -job.run.timeout))
        active: list[Active] = []
        signal.signal(signal.SIGTERM, interrupted)
        try:
            while waiting or active:
                while waiting and self.may_start(waiting[0], active):
                    active.append(self.start(waiting.pop(0)))
                for one in [one for one in active if one.child.status() is not None or one.child.late()]:
                    active.remove(one)
                    self.finish(one, progress)
                progress.show([job.run for job in waiting],
                              [(one.job.run, one.child.seconds()) for one in active])
                time.sleep(POLL)
        finally:
            progress.clear()
            for one in active:
                one.child.end()
                shutil.rmtree(one.workplace)

    def may_start(self, job: Job, active: list[Active]) -> bool:
        if {job.run.machine, *(one.job.run.machine for one in active)}.intersection(ALONE):
            return not active
        return len(active) < self.jobs

    def start(self, job: Job) -> Active:
        workplace = self.store.workplace(job.key)
        timeout = self.timeout or job.run.timeout
        command = list(job.run.arguments)
        if job.image:
            # Under its own name: that says whose image it is.
            name = os.path.join(workplace, os.path.basename(str(job.run.image)))
            os.symlink(os.path.abspath(self.store.image_path(job.image)), name)
            command = [self.launcher, "--iso", name, "--timeout", str(timeout), *command]
        child = Child(command, os.path.join(workplace, "output.txt"), TOP,
                      timeout + (MARGIN if job.image else 0))
        return Active(job, child, workplace)

    def finish(self, one: Active, progress: Progress) -> None:
        """Reads what a run that has ended, or must, has printed."""
        seconds, status = one.child.seconds(), one.child.status()
        if status is None:
            one.child.end()
            status = STATUS_TIMEOUT
        if one.job.run.image:
            os.remove(os.path.join(one.workplace, os.path.basename(one.job.run.image)))
        self.keep(one.job, one.workplace, seconds, status, progress, one.child.cpu_seconds)

    def keep(self, job: Job, workplace: str, seconds: float, status: int, progress: Progress,
             cpu_seconds: Optional[float] = None) -> None:
        """Judges a run by its output, and keeps both; what it took of the processors is not known of other hosts."""
        with open(os.path.join(workplace, "output.txt"), "rb") as file:
            output = file.read().decode("utf-8", "replace")
        run = job.run
        records, malformed = read(output, run.patterns, run.name)
        outcome = outcome_of(run, status, records)
        note = describe(outcome, status, seconds, records, malformed)
        progress.estimate.note(run, seconds)
        progress.ended(run, outcome, seconds, note)
        self.counts[outcome] += 1
        self.store.keep(job.key, workplace,
                        {"key": job.key, "label": run.label, "command": run.command_line(),
                         "outcome": outcome, "status": status, "note": note, "seconds": round(seconds, 1),
                         "cpu_seconds": None if cpu_seconds is None else round(cpu_seconds, 2),
                         "records": records, "malformed": malformed,
                         "environment": environment(job.image)})

    def summary(self) -> str:
        """What became of the runs, in a sentence or two."""
        counts = self.counts
        text = f"{counts['ok']} runs made, {counts['kept']} were there already"
        for names, runs in self.left_out.items():
            text += f"; {len(runs)} left out: the image has no {names}"
        if counts["failed"] or counts["timeout"]:
            text += (f"; {counts['failed']} failed and {counts['timeout']} timed out "
                     f"(RETRY=1 tries them again)")
        return text


def outcome_of(run: Run, status: int, records: list[dict]) -> str:
    if status in run.accept:
        return "ok" if records else "failed"
    return "timeout" if status == STATUS_TIMEOUT else "failed"


def describe(outcome: str, status: int, seconds: float, records: list[dict], malformed: list[str]) -> str:
    """What is to be said of a run, beside its outcome."""
    notes = []
    if outcome == "timeout":
        notes.append(f"no end after {duration(seconds)}")
    elif status:
        notes.append(f"status {status}")
    elif not records:
        notes.append("printed no figures")
    if malformed:
        notes.append(f"{len(malformed)} malformed lines")
    return ", ".join(notes)


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def select(experiments: dict[str, Experiment], names: list[str]) -> list[Experiment]:
    """The experiments of these names, and those that they need; all if there are no names."""
    unknown = [name for name in names if name not in experiments]
    if unknown:
        raise LabError(f"no experiment called {', '.join(unknown)}; there are {', '.join(experiments)}")
    wanted = set(names or experiments)
    for name in names:
        wanted.update(experiments[name].needs)
    return [experiment for name, experiment in experiments.items() if name in wanted]
