"""The runner, on a pretended machine: what it repeats and what not, what it records of runs that fail or hang, and that
nothing is left behind however it ends."""
import os
import signal
import subprocess
import sys
import time
import unittest
from unittest import mock

from lab import TOP, LabError, runner as runner_module
from lab.figures import Figures, choose_source
from lab.matrix import runs_of
from lab.progress import Estimate, duration
from lab.runner import select
from lab.shown import shown_table
from support import FAKE_MACHINE, HEAD, LabCase, experiment

TWO = '[runs.a]\nprograms = "report 7"\nkernels = ["giantlock"]\ncpus = [1, 2]\n'


def results(store, one, profile="full"):
    """The results of an experiment's runs, by slot."""
    manifest = store.manifest(one.name, profile)
    return {slot: store.result(entry["key"]) for slot, entry in manifest["runs"].items()}


class Peers(LabCase):
    """Other systems are measured when that is asked for, on their own image."""
    BODY = '''[runs.a]
programs = "report 7"
kernels = ["giantlock", "linux"]

[[tables]]
title = "T"
cell = { run = "a", metric = "cycles" }
rows = { cpus = [1] }
columns = [{ label = "c", kernel = "giantlock" }, { label = "l", kernel = "linux" }]
'''

    def shown(self, one):
        """The table's cells."""
        source = choose_source(one, self.store, "full")
        return [cell for _, cells in shown_table(one.tables[0], Figures(source, {one.name: source})).rows for cell in cells], source

    def test_not_unless_asked_for(self):
        one = experiment(self.BODY)
        self.assertEqual(self.work(one).counts["ok"], 1)
        cells, source = self.shown(one)
        self.assertEqual([cell.text for cell in cells], ["7", "–"])
        self.assertIn("PEERS=linux", cells[1].remark)
        self.assertEqual(source.counts()["missing"], 0)

    def test_on_their_own_image(self):
        os.makedirs(os.path.join(self.folder, "build/peers"))
        with open(os.path.join(self.folder, "build/peers/linux-smp.iso"), "w", encoding="ascii") as file:
            file.write("another image")
        one = experiment(self.BODY)
        self.assertEqual(self.work(one, peers=True).counts["ok"], 2)
        self.assertEqual([cell.text for cell in self.shown(one)[0]], ["7", "7"])
        run = next(run for run in runs_of(one, "full") if run.of_peer)
        self.assertEqual(run.image, "build/peers/linux-smp.iso")
        self.assertNotIn("--mode", run.arguments)

    def test_images_are_booted_under_their_own_names(self):
        """tools/run knows by it whose image it is."""
        self.test_on_their_own_image()
        self.work(experiment(self.BODY.replace("report 7", "image")), peers=True)
        outputs = []
        for result in self.store.everything():
            folder = self.store.results(result["key"])[-1]
            self.assertEqual(sorted(os.listdir(folder)), ["output.txt", "result.json"])
            with open(os.path.join(folder, "output.txt"), encoding="utf-8") as file:
                outputs.append(file.read().split("\n")[0])
        self.assertLessEqual({"castle.iso", "linux-smp.iso"}, set(outputs))


class TakingUp(LabCase):
    def test_what_is_there_is_not_made_again(self):
        one = experiment(TWO)
        self.assertEqual(self.work(one).counts["ok"], 2)
        again = self.work(one)
        self.assertEqual((again.counts["ok"], again.counts["kept"], self.started()), (0, 2, 2))

    def test_another_image_is_another_run(self):
        one = experiment(TWO)
        self.work(one)
        self.write_image("another image")
        self.assertEqual(self.work(one).counts["ok"], 2)

    def test_other_tools_are_another_run(self):
        one = experiment(TWO)
        self.work(one)
        with mock.patch("lab.store.relevant", return_value={"bochs": "another"}):
            self.assertEqual(self.work(one).counts["ok"], 2)

    def test_only_what_is_new_is_made(self):
        self.work(experiment(TWO))
        self.assertEqual(self.work(experiment(TWO.replace("[1, 2]", "[1, 2, 4]"))).counts["ok"], 1)

    def test_experiments_share_runs(self):
        self.work(experiment(TWO), experiment(TWO, "other"))
        self.assertEqual(self.started(), 2)
        self.assertEqual(len(results(self.store, experiment(TWO, "other"))), 2)

    def test_rounds_are_runs_of_their_own(self):
        self.work(experiment(TWO + 'machine = "qemu"\nrounds = 2'))
        self.assertEqual(self.started(), 4)

    def test_results_say_what_they_depend_on(self):
        one = experiment(TWO)
        self.work(one)
        result = results(self.store, one)["a/giantlock/2/0"]
        self.assertEqual(result["records"][0]["value"], 7.0)
        self.assertLessEqual({"date", "commit", "dirty", "image", "compiler", "qemu", "bochs", "host"},
                             set(result["environment"]))
        folder = self.store.results(result["key"])[0]
        with open(os.path.join(folder, "output.txt"), encoding="utf-8") as file:
            self.assertIn("@castle", file.read())

    def test_programs_that_the_image_has_not(self):
        one = experiment(TWO)
        with mock.patch.object(runner_module, "absent_from", return_value=["report"]):
            runner = self.work(one)
        self.assertIn("2 left out: the image has no report", runner.summary())
        self.assertEqual(self.started(), 0)
        self.assertEqual(self.store.manifest("trial", "full")["runs"]["a/giantlock/1/0"]["absent"], ["report"])
        self.assertEqual(self.work(one).counts["ok"], 2)


class Failing(LabCase):
    def outcome(self, programs, **how):
        """The only result of an experiment that runs this."""
        one = experiment(f'[runs.a]\nprograms = "{programs}"\ntimeout = 3\n')
        runner = self.work(one, **how)
        return runner, results(self.store, one)["a/up/1/0"]

    def test_a_run_that_fails(self):
        _, result = self.outcome("report 1; fail 3")
        self.assertEqual((result["outcome"], result["status"], result["note"]), ("failed", 3, "status 3"))

    def test_a_run_without_figures(self):
        _, result = self.outcome("nothing")
        self.assertEqual((result["outcome"], result["note"]), ("failed", "printed no figures"))

    def test_malformed_lines(self):
        _, result = self.outcome("garble; report 1")
        self.assertEqual((result["outcome"], result["note"]), ("ok", "2 malformed lines"))
        self.assertEqual(len(result["malformed"]), 2)

    def test_a_run_that_hangs(self):
        with mock.patch.object(runner_module, "MARGIN", 0):
            _, result = self.outcome("report 1; hang")
        self.assertEqual((result["outcome"], result["status"]), ("timeout", 124))
        self.assertEqual(len(result["records"]), 1)
        self.assertFalse(alive(int(self.events()[0][1])))

    def test_one_that_reports_its_time_out(self):
        self.assertEqual(self.outcome("fail 124")[1]["outcome"], "timeout")

    def test_failures_are_kept_until_they_are_to_be_tried_again(self):
        self.outcome("fail 3")
        runner, result = self.outcome("fail 3")
        self.assertEqual((self.started(), runner.counts["kept"], runner.counts["failed"]), (1, 1, 1))
        self.assertIn("RETRY=1", runner.summary())
        self.outcome("fail 3", retry=True)
        self.assertEqual(self.started(), 2)
        self.assertEqual(len(self.store.results(result["key"])), 2)

    def test_others_go_on(self):
        runner = self.work(experiment('[runs.a]\nprograms = "fail 1"\n[runs.b]\nprograms = "report 1"'))
        self.assertEqual((runner.counts["failed"], runner.counts["ok"]), (1, 1))


class Together(LabCase):
    def most_at_once(self, machines=None):
        """How many ran at once, of those on some machines against all."""
        running, most = set(), 0
        for word, process, machine in self.events():
            (running.add if word == "start" else running.discard)((process, machine))
            if not machines or any(machine in machines for _, machine in running):
                most = max(most, len(running))
        return most

    def test_as_many_as_there_are_jobs(self):
        self.work(experiment('[runs.a]\nprograms = "report 1; sleep 0.5"\nkernels = ["giantlock"]\n'
                             "cpus = [1, 2, 3, 4]"), jobs=2)
        self.assertEqual(self.most_at_once(), 2)

    def test_what_the_host_times_runs_alone(self):
        self.work(experiment('[runs.a]\nprograms = "report 1; sleep 0.2"\nkernels = ["giantlock"]\ncpus = [1, 2]\n'
                             '[runs.b]\nprograms = "report 1; sleep 0.2"\nmachine = "qemu"\nrounds = 3\n'), jobs=4)
        self.assertEqual(self.started(), 5)
        self.assertEqual(self.most_at_once({"qemu"}), 1)

    def test_the_second_runner_is_refused(self):
        with self.store.locked():
            with self.assertRaisesRegex(LabError, f"another runner \\(process {os.getpid()}\\)"):
                self.work(experiment(TWO))
        self.assertEqual(self.work(experiment(TWO)).counts["ok"], 2)


def alive(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{process}/stat", encoding="utf-8") as file:
        return file.read().split(")")[1].split()[0] != "Z"


class Ends(LabCase):
    """The runner as a program, ended from outside while two runs are under way."""

    BODY = '[runs.a]\nprograms = "report 1; sleep {seconds}"\nvalues = { seconds = SECONDS }\n' \
           'kernels = ["giantlock"]\ncpus = [1, 2, 3]\n'

    def start(self, seconds):
        folder = os.path.join(self.folder, "experiments")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "trial.toml"), "w", encoding="ascii") as file:
            file.write(HEAD + self.BODY.replace("SECONDS", str(seconds)))
        # What a shell starts in the background ignores SIGINT, and so does all that it starts.
        program = ("import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
                   "import sys; sys.path.insert(0, sys.argv[1]); import lab.runner; "
                   "from lab.runner import Runner; from lab.store import Store; from lab.experiment import load\n"
                   "Runner(Store(sys.argv[2] + '/store'), 2, sys.argv[3], folder=sys.argv[2])"
                   ".work(list(load(sys.argv[2] + '/experiments').values()), 'full')")
        return subprocess.Popen([sys.executable, "-c", program, TOP, self.folder, FAKE_MACHINE],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def wait_until(self, what):
        for _ in range(600):
            if what():
                return
            time.sleep(0.05)
        self.fail("it does not happen")

    def end_by(self, number):
        runner = self.start(300)
        self.wait_until(lambda: self.started() == 2)
        machines = [int(process) for _, process, _ in self.events()]
        self.assertTrue(all(map(alive, machines)))
        runner.send_signal(number)
        runner.wait(60)
        self.wait_until(lambda: not any(map(alive, machines)))
        self.assertEqual(list(self.store.everything()), [])
        self.assertEqual(self.start(0).wait(60), 0)
        self.assertEqual([result["outcome"] for result in self.store.everything()], ["ok"] * 3)
        self.assertEqual(os.listdir(self.store.path("work")), [])

    def test_interrupt(self):
        self.end_by(signal.SIGINT)

    def test_terminate(self):
        self.end_by(signal.SIGTERM)

    def test_kill(self):
        self.end_by(signal.SIGKILL)


class Choosing(unittest.TestCase):
    KNOWN = {one.name: one for one in (experiment(TWO, "a"), experiment('needs = ["a"]\n' + TWO, "b"),
                                       experiment(TWO, "c"))}

    def names(self, *names):
        return [one.name for one in select(self.KNOWN, list(names))]

    def test_all_some_and_what_they_need(self):
        self.assertEqual(self.names(), ["a", "b", "c"])
        self.assertEqual(self.names("c"), ["c"])
        self.assertEqual(self.names("b"), ["a", "b"])

    def test_an_unknown_one(self):
        with self.assertRaisesRegex(LabError, "no experiment called d; there are a, b, c"):
            self.names("d")


class TimeLeft(unittest.TestCase):
    def test_as_long_as_last_time_or_as_others_now(self):
        first, second = runs_of(experiment(TWO), "full")
        estimate = Estimate([{"label": first.label, "seconds": 5}])
        self.assertEqual(estimate.of(first), 5)
        estimate.note(first, 9)
        self.assertEqual(estimate.of(second), 9)

    def test_in_words(self):
        self.assertEqual([duration(seconds) for seconds in (5, 600, 7500)], ["5 s", "10 min", "2 h 5 min"])
