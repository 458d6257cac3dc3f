"""From an experiment to its runs: one boot, or one command, for each kernel, number of CPUs and round."""
import re
import shlex
from dataclasses import dataclass
from typing import Optional

from lab.model import HOST, Experiment, Kernel, RunSpec
from lab.organisations import boots, image_of, is_application, is_peer, is_uniprocessor, peer_images, spared

# Programs that no experiment runs. On Bochs the boot loader takes longer than most programs do, in proportion to what it loads.
UNUSED = "test_*"


@dataclass(frozen=True)
class Run:
    """One boot or one command."""
    experiment: str
    name: str
    kernel: str
    cpus: int
    round: int
    machine: str
    image: Optional[str]          # castle.iso or castle-up.iso; None without a boot
    arguments: tuple[str, ...]    # of tools/run, without the image; or the command's words
    timeout: int
    patterns: tuple[tuple[str, str], ...]
    accept: tuple[int, ...]
    inputs: tuple[str, ...]

    @property
    def slot(self) -> str:
        return slot_name(self.name, self.kernel, self.cpus, self.round)

    @property
    def label(self) -> str:
        where = "" if self.image is None else f" {self.kernel}.{self.cpus}"
        again = f" round {self.round + 1}" if self.round else ""
        return f"{self.experiment} {self.name}{where}{again}"

    def command_line(self) -> str:
        """What repeats it, from the top of the tree."""
        if self.image is None:
            return shlex.join(self.arguments)
        return shlex.join(["tools/run", "--iso", self.image, *self.arguments])

    @property
    def of_peer(self) -> bool:
        """Whether it measures another system, which is only done when asked for."""
        return self.image in peer_images()

    def programs(self) -> list[str]:
        """The names of the programs that it runs."""
        if self.image is None:
            return []
        text = self.arguments[self.arguments.index("--run") + 1]
        return [words.split()[0] for words in text.split(";") if words.split()]


def slot_name(name: str, kernel: str, cpus: int, number: int) -> str:
    return f"{name}/{kernel}/{cpus}/{number}"


def cpu_counts(spec: RunSpec, kernel: Kernel) -> list[int]:
    """A uniprocessor kernel is measured on one CPU; the application kernel needs a second, and has it where one is all that
    the run is made with, so that it stands beside the others with one for programs."""
    if is_uniprocessor(kernel.mode):
        return [1]
    if is_application(kernel.mode):
        return [count for count in spec.cpus if count > 1] or [2]
    return list(spec.cpus)


def processors(kernel: Optional[Kernel], cpus: int) -> int:
    """How many CPUs run programs: beside the application kernel, and where it has the devices, the first one does not."""
    if kernel is not None and is_uniprocessor(kernel.mode):
        return 1
    return cpus if kernel is None else cpus - spared(kernel.mode, cpus)


def fill(text: str, spec: RunSpec, kernel: Optional[Kernel], cpus: int) -> str:
    """The programs, with placeholders replaced. {processors} is how many CPUs run programs."""
    values = {**spec.values, "cpus": cpus, "processors": processors(kernel, cpus)}
    return re.sub(r"\{(\w+)\}", lambda found: str(values[found.group(1)]), text)


def boot_arguments(spec: RunSpec, kernel: Kernel, cpus: int) -> tuple[str, ...]:
    words = ["--machine", spec.machine]
    if not is_peer(kernel.mode):
        words += ["--mode", boots()[kernel.mode].organisation.name]
        if spec.machine == "bochs":
            words += ["--without", UNUSED]
    words += ["--smp", str(cpus), "--mem", str(spec.mem)]
    if spec.net:
        words += ["--net", spec.net]
    for option in kernel.options:
        words += ["--append", option]
    return tuple(words + ["--run", fill(spec.programs or "", spec, kernel, cpus)])


def runs_of(experiment: Experiment, profile: str) -> list[Run]:
    """Every run of an experiment in a profile."""
    runs = []
    for spec in experiment.runs[profile].values():
        patterns = tuple(spec.patterns.items())
        for kernel in (experiment.kernels.get(name) for name in spec.kernels):
            for cpus in cpu_counts(spec, kernel) if kernel else [1]:
                arguments = (boot_arguments(spec, kernel, cpus) if kernel
                             else tuple(shlex.split(fill(spec.command or "", spec, None, 1))))
                runs += [Run(experiment.name, spec.name, kernel.name if kernel else HOST, cpus, number,
                             spec.machine, image_of(kernel.mode) if kernel else None, arguments, spec.timeout,
                             patterns, spec.accept, spec.inputs) for number in range(spec.rounds)]
    return runs
