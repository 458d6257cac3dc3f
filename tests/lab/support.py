"""What the laboratory's tests share: experiments written on the spot, a store and an image in a folder of their own, and the
pretended machine."""
import contextlib
import io
import os
import tempfile
import unittest

from lab.experiment import parse
from lab.runner import Runner
from lab.store import Store

HERE = os.path.dirname(os.path.abspath(__file__))
FAKE_MACHINE = os.path.join(HERE, "fake_machine")
HEAD = 'title = "A title"\nabout = "What it is about."\n'


def experiment(body, name="trial", head=HEAD):
    return parse(head + body, name, f"{name}.toml")


class LabCase(unittest.TestCase):
    """A test with a store, an image that is not one, and a log of what the machine did."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="castle-lab-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.log = os.path.join(self.folder, "log")
        os.environ["FAKE_MACHINE_LOG"] = self.log
        self.store = Store(os.path.join(self.folder, "store"))
        self.write_image("an image")

    def write_image(self, text):
        for name in ("castle.iso", "castle-up.iso"):
            with open(os.path.join(self.folder, name), "w", encoding="ascii") as file:
                file.write(text)

    def runner(self, **how):
        return Runner(self.store, launcher=FAKE_MACHINE, folder=self.folder, **how)

    def work(self, *experiments, profile="full", **how):
        """Makes the runs that are missing; the runner, for its counts."""
        runner = self.runner(**how)
        with contextlib.redirect_stdout(io.StringIO()):
            runner.work(list(experiments), profile)
        return runner

    def events(self):
        """What the machine noted: (word, process, machine)."""
        if not os.path.exists(self.log):
            return []
        with open(self.log, encoding="ascii") as file:
            return [tuple(line.split()) for line in file]

    def started(self):
        return sum(event[0] == "start" for event in self.events())
