"""Where results are kept: build/lab.

    runs/KEY/N/         the N-th try of a run: output.txt, the whole console, and result.json
    manifests/E.P.json  the runs of experiment E in profile P when the runner was last asked for them
    images/SHA256.iso   the images that were booted
    lock                held by the one runner that may write

A run's key says everything that its figures depend on, so a run that is there need not be repeated. Folders
and files appear whole, by a rename: whoever reads, or interrupts, finds all of one or nothing.
"""
import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from typing import Any, Iterator, Optional

from lab import TOP, LabError
from lab.matrix import Run
from lab.versions import digest, digest_of_source, relevant

FOLDER = os.path.join(TOP, "build", "lab")


def write_json(path: str, value: Any) -> None:
    """Replaces a file in one step."""
    with tempfile.NamedTemporaryFile("w", dir=os.path.dirname(path), delete=False, encoding="utf-8") as file:
        json.dump(value, file, indent=1)
        file.write("\n")
    os.rename(file.name, path)


def read_json(path: str) -> Any:
    with open(path, encoding="utf-8") as file:
        return json.load(file)


class Store:
    def __init__(self, folder: str = FOLDER) -> None:
        self.folder = folder
        for name in ("runs", "manifests", "images", "work"):
            os.makedirs(self.path(name), exist_ok=True)

    def path(self, *names: str) -> str:
        return os.path.join(self.folder, *names)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """For the one who writes. What another left half done, because it was killed, is removed."""
        with open(self.path("lock"), "a+", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                file.seek(0)
                raise LabError(f"another runner (process {file.read().strip() or 'unknown'}) writes to "
                               f"{self.folder}; wait for it, or say another folder with --store") from error
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            shutil.rmtree(self.path("work"))
            os.mkdir(self.path("work"))
            yield

    def image(self, path: str) -> str:
        """Keeps a copy of an image, so that a build in the meantime changes nothing; its SHA-256."""
        if not os.path.exists(path):
            raise LabError(f"no {path}: run `make iso` first (SMP=0 for castle-up.iso)")
        name = digest(path)
        kept = self.image_path(name)
        if not os.path.exists(kept):
            copy = self.path("work", name)
            shutil.copyfile(path, copy)
            os.rename(copy, kept)
        return name

    def image_path(self, name: str) -> str:
        return self.path("images", f"{name}.iso")

    def results(self, key: str) -> list[str]:
        """The folders of a run's tries, oldest first."""
        folder = self.path("runs", key)
        return [os.path.join(folder, name) for name in
                sorted(os.listdir(folder), key=int)] if os.path.isdir(folder) else []

    def result(self, key: str) -> Optional[dict[str, Any]]:
        """The result of a run's last try."""
        folders = self.results(key)
        return read_json(os.path.join(folders[-1], "result.json")) if folders else None

    def everything(self) -> Iterator[dict[str, Any]]:
        for key in sorted(os.listdir(self.path("runs"))):
            result = self.result(key)
            if result:
                yield result

    def workplace(self, key: str) -> str:
        """A folder for a try that has not ended."""
        return tempfile.mkdtemp(prefix=f"{key}.", dir=self.path("work"))

    def keep(self, key: str, workplace: str, result: dict[str, Any]) -> None:
        """Makes what is in a workplace the last try of a run."""
        write_json(os.path.join(workplace, "result.json"), result)
        folder = self.path("runs", key)
        os.makedirs(folder, exist_ok=True)
        os.rename(workplace, os.path.join(folder, str(len(self.results(key)) + 1)))

    def manifest_path(self, experiment: str, profile: str) -> str:
        return self.path("manifests", f"{experiment}.{profile}.json")

    def manifest(self, experiment: str, profile: str) -> Optional[dict[str, Any]]:
        path = self.manifest_path(experiment, profile)
        return read_json(path) if os.path.exists(path) else None


def key_of(run: Run, image: Optional[str]) -> str:
    """All that a run's figures depend on, in 16 digits."""
    source = digest_of_source(run.inputs) if run.image is None else None
    facts = [run.machine, image, run.arguments, run.patterns, run.round, source, relevant(run.machine)]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
