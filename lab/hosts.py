"""Runs spread over several machines, by GNU parallel over ssh: runs are independent, and parallel knows how to give them out, and to
give those of a host that is lost to others. What a host needs is sent to it first: tools/, what writes images, and the images
themselves; Python, QEMU and Bochs it must have. Runs that are timed by the host, and commands, stay here."""
import hashlib
import io
import os
import shlex
import subprocess
import tarfile
import time
from typing import Optional

from lab import TOP, LabError
from lab.progress import Estimate, Progress
from lab.runner import ALONE, MARGIN, Job, Runner
from lab.versions import digest_of_source

SENT = ("tools", "iso/write-iso")
PLACE = ".cache/castle-lab"  # below a host's home
STATUS = "@status "          # the last line that a host says of a run
LOST = 255                   # ssh's own failure
TRIES = 3                    # of a run, each time on another host
POLL = 0.2


class Hosts(Runner):
    """A runner with machines elsewhere."""

    def __init__(self, hosts: list[str], ssh: str, *arguments, **how) -> None:
        super().__init__(*arguments, **how)
        self.hosts, self.ssh = hosts, ssh

    def execute(self, waiting: list[Job]) -> None:
        elsewhere = [job for job in waiting if job.image and job.run.machine not in ALONE]
        here = [job for job in waiting if job not in elsewhere]
        if elsewhere:
            here += self.spread(elsewhere)
        super().execute(here)

    def spread(self, jobs: list[Job]) -> list[Job]:
        """Makes the runs on the hosts; those that came back from none of them, as the last host was lost."""
        folder = self.send(sorted({job.image for job in jobs if job.image}))
        if not self.hosts:
            return jobs
        results = self.store.path("work", "hosts")
        os.makedirs(results)
        progress = Progress(len(jobs), Estimate(self.store.everything()), len(self.hosts) * self.jobs)
        jobs.sort(key=lambda job: -progress.estimate.of(job.run))
        child = subprocess.Popen(self.parallel(results), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL, cwd=TOP)
        assert child.stdin
        child.stdin.write("".join(f"{job.key}\t{self.command(job, folder)}\n" for job in jobs).encode())
        child.stdin.close()
        left = self.gather(child, jobs, results, progress)
        child.wait()
        if left:
            print(f"lab: {len(left)} runs came back from no host, and are made here", flush=True)
        return left

    def send(self, images: list[str]) -> str:
        """Puts what runs need onto each host; where that is, below its home. Hosts that cannot be reached are left out."""
        names = hashlib.sha256("".join([digest_of_source(SENT), *images]).encode()).hexdigest()[:16]
        folder = f"{PLACE}/{names}"
        missing = f"mkdir -p {folder} && test -e {folder}/complete || (tar -xzf - -C {folder} && touch {folder}/complete)"
        bundle = self.bundle(images)
        good = []
        for host in self.hosts:
            done = subprocess.run([*shlex.split(self.ssh), "-o", "BatchMode=yes", host, missing], input=bundle,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
            if done.returncode == 0:
                good.append(host)
            else:
                print(f"lab: host {host} is left out: {done.stderr.decode('utf-8', 'replace').strip()}", flush=True)
        self.hosts = good
        return folder

    def bundle(self, images: list[str]) -> bytes:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as archive:
            for name in SENT:
                archive.add(os.path.join(TOP, name), name, filter=without_caches)
            # Organisations are read from the kernel's source.
            archive.add(os.path.join(TOP, "kernel"), "kernel", filter=without_caches)
            for image in images:
                archive.add(self.store.image_path(image), f"images/{image}/{image_name(self.images, image)}")
        return buffer.getvalue()

    def command(self, job: Job, folder: str) -> str:
        """What a host does for a run; the run's status is its last line, so that a host that fails is told from a run that does."""
        image = f"images/{job.image}/{image_name(self.images, job.image)}"
        words = ["tools/run", "--iso", image, "--timeout", str(self.timeout or job.run.timeout), *job.run.arguments]
        return f": {job.key}; cd {folder} && {{ {shlex.join(words)}; echo; echo {STATUS}$?; }} 2>&1"

    def parallel(self, results: str) -> list[str]:
        hosts = ",".join(f"{self.jobs}/{host}" for host in self.hosts)
        # {1} is the run's key, which names its output; {2} what the host does.
        return ["parallel", "--will-cite", "--no-notice", "--ssh", self.ssh, "--sshlogin", hosts, "--retries", str(TRIES),
                "--colsep", "\t", "--results", os.path.join(results, "{1}"), "--joblog", os.path.join(results, "log"),
                "sh", "-c", "{2}"]

    def gather(self, child: subprocess.Popen, jobs: list[Job], results: str, progress: Progress) -> list[Job]:
        """Keeps each result as it comes; the jobs that have none in the end."""
        left = list(jobs)
        while True:
            ended = child.poll() is not None
            for job in [job for job in left if self.take(job, results, progress)]:
                left.remove(job)
            if ended:
                return left
            progress.show([job.run for job in left], [])
            time.sleep(POLL)

    def take(self, job: Job, results: str, progress: Progress) -> bool:
        """Keeps the result of a run that a host has ended."""
        path = os.path.join(results, job.key)
        if not os.path.exists(path):
            return False
        with open(path, "rb") as file:
            output, mark, status = file.read().decode("utf-8", "replace").rpartition(STATUS)
        seconds = seconds_of(os.path.join(results, "log"), job.key)
        if not mark or not status.strip().isdigit() or seconds is None:
            return False
        workplace = self.store.workplace(job.key)
        with open(os.path.join(workplace, "output.txt"), "w", encoding="utf-8") as file:
            file.write(output.rstrip("\n") + "\n")
        self.keep(job, workplace, seconds, int(status), progress)
        return True


def without_caches(member: tarfile.TarInfo):
    return None if "__pycache__" in member.name else member


def image_name(images: dict[str, str], wanted) -> str:
    """An image's file name says what it is (castle-up.iso)."""
    return next(os.path.basename(name) for name, image in images.items() if image == wanted)


def seconds_of(log: str, key: str) -> Optional[float]:
    """How long a run took, by parallel's log: the fourth column, in the last line that names the run. None before its end."""
    if os.path.exists(log):
        with open(log, encoding="utf-8", errors="replace") as file:
            found = [line.split("\t") for line in file if key in line]
        if found:
            return float(found[-1][3])
    return None


def hosts_in(text: str) -> list[str]:
    hosts = text.replace(",", " ").split()
    if len(set(hosts)) != len(hosts):
        raise LabError(f"--hosts names a host twice: {text}")
    return hosts
