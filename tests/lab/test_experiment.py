"""Experiment files: what is wrong with one is said with the file's name and the key; what is right becomes the runs that
were meant."""
import os
import unittest

from lab import TOP, LabError
from lab.experiment import FOLDER, load
from lab.matrix import runs_of
from lab.model import KERNELS
from lab.records import read
from support import experiment

RUN = '[runs.a]\nprograms = "report 1"\n'
CELL = 'cell = { run = "a", metric = "cycles" }\n'
TABLE = '[[tables]]\ntitle = "t"\nrows = [{ label = "r" }]\ncolumns = [{ label = "c" }]\n'


class Faults(unittest.TestCase):
    """Each file here is wrong in one way."""

    FILES = {
        "trial.toml: not TOML": "= 1",
        "trial.toml: speed: is not known here; known are": "speed = 1",
        "trial.toml: runs.a.programs: a run has either": '[runs.a]\nmachine = "bochs"',
        "trial.toml: runs.a.machine: 'vax' is none of bochs, icount, qemu": RUN + 'machine = "vax"',
        "trial.toml: runs.a.cpus: element 2 must be a whole number, not 'two'": RUN + 'cpus = [1, "two"]',
        "trial.toml: runs.a.cpus: must be at least 1": RUN + "cpus = [0]",
        "trial.toml: runs.a.cpus: machine icount has one CPU": RUN + 'machine = "icount"\ncpus = [2]',
        "trial.toml: runs.a.kernels: 'nosuch' is none of appkern": RUN + 'kernels = ["nosuch"]',
        "trial.toml: runs.a.rounds: must be a whole number, not True": RUN + "rounds = true",
        "trial.toml: runs.a.programs: no value for {keys}": '[runs.a]\nprograms = "radix {keys}"',
        "trial.toml: runs.a.patterns.x: must have one group": RUN + 'patterns = { x = "a" }',
        "trial.toml: runs.a.patterns.x: not a regular expression": RUN + 'patterns = { x = "(" }',
        "trial.toml: runs.a.quick.timeout: must be at least 1": RUN + "quick = { timeout = 0 }",
        "trial.toml: kernels.k.mode: is missing": '[kernels.k]\nlabel = "k"',
        "trial.toml: quoted.q.source: is missing": "[quoted.q]\nvalues = { a = 1 }",
        "trial.toml: quoted.q.values.a: must be a number": '[quoted.q]\nsource = "s"\nvalues = { a = "1" }',
        "trial.toml: tables[1].rows: must be a list": RUN + '[[tables]]\ntitle = "t"\nrows = 1\ncolumns = [{label="c"}]',
        "trial.toml: tables[1].columns[1]: has no label": RUN + '[[tables]]\ntitle = "t"\ncolumns = [{}]\nrows = 1',
        "trial.toml: tables[1] cell.run: no run called 'b'": RUN + TABLE + 'cell = { run = "b", metric = "m" }',
        "trial.toml: tables[1] cell.kernel: run 'a' has no kernel 'up2'":
            RUN + TABLE + 'cell = { run = "a", metric = "m", kernel = "up2" }',
        "trial.toml: tables[1] cell.kernel: is missing: run 'a' has up, smp0":
            RUN + 'kernels = ["up", "smp0"]\n' + TABLE + CELL,
        "trial.toml: tables[1] cell.base: is missing":
            RUN + TABLE + 'cell = { run = "a", metric = "m", show = "speedup" }',
        "trial.toml: tables[1] cell.quote: nothing quoted is called 'q'": RUN + TABLE + 'cell = { quote = "q" }',
        "trial.toml: tables[1] cell.run: other:a: `needs` does not name":
            RUN + TABLE + 'cell = { run = "other:a", metric = "m" }',
        "trial.toml: targets[1].at_least: a target has one of": RUN + "[[targets]]\ntext = 't'\n" + CELL,
        "trial.toml: plots[1].kind: 'pie' is none of bars": RUN + TABLE.replace("tables", "plots").replace(
            "rows", "x").replace("columns", "series") + 'kind = "pie"\n' + CELL,
    }

    def test_the_message_names_file_and_key(self):
        for message, body in self.FILES.items():
            with self.subTest(message):
                with self.assertRaises(LabError) as caught:
                    experiment(body)
                self.assertTrue(str(caught.exception).startswith(message), str(caught.exception))

    def test_a_title_is_wanted(self):
        with self.assertRaisesRegex(LabError, "^trial.toml: title: is missing; it must be a text"):
            experiment("", head='about = "a"\n')


class Matrix(unittest.TestCase):
    BODY = '''[kernels.poll]
mode = "appkern"
options = ["apkern.notify=poll"]
[runs.a]
programs = "radix -p {processors} -k {keys}"
kernels = ["up", "smp0", "giantlock", "poll"]
cpus = [1, 2, 8]
values = { keys = 100 }
quick = { cpus = [2], values = { keys = 10 } }
'''

    def commands(self, body, profile="full"):
        return [run.command_line() for run in runs_of(experiment(body), profile)]

    def test_kernels_and_processors(self):
        runs = runs_of(experiment(self.BODY), "full")
        self.assertEqual([run.slot for run in runs],
                         ["a/up/1/0", "a/smp0/1/0", "a/giantlock/1/0", "a/giantlock/2/0", "a/giantlock/8/0",
                          "a/poll/2/0", "a/poll/8/0"])
        programs = [run.arguments[-1] for run in runs]
        self.assertEqual([words.split()[2] for words in programs], ["1", "1", "1", "2", "8", "1", "7"])

    def test_command_line(self):
        self.assertEqual(self.commands(self.BODY)[-1],
                         "tools/run --iso castle.iso --machine bochs --mode appkern --without 'test_*' --smp 8 --mem 128 "
                         "--append apkern.notify=poll --run 'radix -p 7 -k 100'")
        self.assertIn("--iso castle-up.iso --machine bochs --mode up", self.commands(self.BODY)[1])

    def test_quick_overrides_and_keeps_the_rest(self):
        self.assertEqual([command.split("--run ")[1] for command in self.commands(self.BODY, "quick")],
                         ["'radix -p 1 -k 10'", "'radix -p 1 -k 10'", "'radix -p 2 -k 10'", "'radix -p 1 -k 10'"])

    def test_skipped_in_quick(self):
        self.assertEqual(self.commands(RUN + "quick = { skip = true }", "quick"), [])

    def test_rounds(self):
        self.assertEqual([run.round for run in runs_of(experiment(RUN + 'machine = "qemu"\nrounds = 3'), "full")],
                         [0, 1, 2])

    def test_a_command_boots_nothing(self):
        run, = runs_of(experiment('[runs.a]\ncommand = "count --all {what}"\nvalues = { what = "x" }'), "full")
        self.assertEqual((run.image, run.arguments, run.slot), (None, ("count", "--all", "x"), "a/host/1/0"))


class TheProjectsOwn(unittest.TestCase):
    def test_all_files_are_right(self):
        experiments = load()
        self.assertEqual(len(experiments), sum(name.endswith(".toml") for name in os.listdir(FOLDER)))
        for one in experiments.values():
            with self.subTest(one.name):
                self.assertTrue(runs_of(one, "full") or one.needs)
                self.assertTrue(runs_of(one, "quick") or one.needs)
                self.assertTrue(one.tables or one.plots)

    def test_kernels_are_named_as_the_suites_name_them(self):
        self.assertLessEqual({"giantlock", "up", "appkern", "smp0", "smp0-appkern"}, set(KERNELS))


class Modes(unittest.TestCase):
    def test_an_axis_of_all_multiprocessor_modes(self):
        one = experiment('''[runs.a]
command = "true"

[[plots]]
title = "P"
kind = "heat"
cell = { run = "a", metric = "m" }
series = { modes = [] }
''')
        names = [line.label for line in one.plots[0].series]
        self.assertLessEqual({"giantlock", "appkern"}, set(names))
        self.assertNotIn("up", names)
        self.assertEqual([line.cells[0].where for line in one.plots[0].series], [(("mode", name),) for name in names])

    def test_every_mode_is_that_and_partitions(self):
        text = '[runs.a]\ncommand = "true"\n[[plots]]\ntitle = "P"\nkind = "heat"\ncell = { run = "a", metric = "m" }\nseries = { modes = %s }\n'
        several, every = ([line.label for line in experiment(text % value).plots[0].series] for value in ("[]", '"every"'))
        self.assertEqual(every[:len(several)], several)
        self.assertEqual(every[len(several):], ["partitioned"])
        kernels = experiment('[runs.a]\nprograms = "radix"\nkernels = ["up", "every"]\n').runs["full"]["a"].kernels
        self.assertEqual(list(kernels), ["up", *every])

    def test_a_boot_of_each_multiprocessor_mode(self):
        one = experiment('''[runs.a]
programs = "radix"
kernels = ["up", "modes"]
cpus = [2]

[[tables]]
title = "T"
cell = { run = "a", metric = "m" }
rows = { cpus = [2] }
columns = { kernels = "modes" }
''')
        names = [line for line in one.tables[0].columns]
        self.assertEqual([run.kernel for run in runs_of(one, "full")], ["up", *names])
        self.assertLessEqual({"giantlock", "appkern"}, set(names))
        self.assertEqual([cell.kernel for cell in one.tables[0].rows[0].cells], names)


    def test_a_mode_each_among_other_columns(self):
        one = experiment('''[runs.a]
programs = "radix"
kernels = ["up", "modes"]

[[tables]]
title = "T"
cell = { run = "a", metric = "m" }
rows = [{ label = "r" }]
columns = [{ label = "one", kernel = "up" }, { kernels = "modes", label = "Castle, {}" }]
''')
        table = one.tables[0]
        self.assertEqual(table.columns[0], "one")
        self.assertIn("Castle, giant lock", table.columns)
        self.assertEqual(table.modes[0], "")
        self.assertEqual([cell.kernel for cell in table.rows[0].cells[1:]], list(table.modes[1:]))

    def test_beside_one_processor_the_application_kernel_has_one_for_programs(self):
        runs = runs_of(experiment('[runs.a]\nprograms = "radix -p {processors}"\nkernels = ["up", "appkern"]\n'), "full")
        self.assertEqual([(run.slot, run.arguments[-1]) for run in runs],
                         [("a/up/1/0", "radix -p 1"), ("a/appkern/2/0", "radix -p 1")])


class Manual(unittest.TestCase):
    def test_its_example_is_right(self):
        with open(os.path.join(TOP, "docs/lab.md"), encoding="utf-8") as file:
            text = file.read()
        example = text[text.index("    title ="):text.index("### The head")]
        one = experiment("\n".join(line[4:] for line in example.splitlines()), head="")
        self.assertEqual(len(runs_of(one, "full")), 4)
        self.assertEqual([target.text for target in one.targets],
                         ["Not slower than Linux, 1 processor", "Not slower than Linux, 2 processors"])


class Records(unittest.TestCase):
    GOOD = '@castle {"bench":"a","metric":"m","value":1.5,"threads":2}'

    def test_records_among_other_output(self):
        records, malformed = read(f"noise\n{self.GOOD}\nmore @castle {{}}\n")
        self.assertEqual([record["value"] for record in records], [1.5])
        self.assertEqual(malformed, [])

    def test_records_of_a_partition(self):
        self.assertEqual([record["value"] for record in read(f"[2] {self.GOOD}\n[x] {self.GOOD}\n")[0]], [1.5])

    def test_malformed_lines_are_kept_apart(self):
        bad = ["@castle {", "@castle", "@castle []", '@castle {"bench":"a","metric":"m"}',
               '@castle {"bench":"a","metric":"m","value":"1"}', '@castle {"bench":"a","metric":"m","value":true}']
        self.assertEqual(read("\n".join([*bad, self.GOOD]))[1], bad)

    def test_patterns(self):
        records, malformed = read("moved 1,234 times\n", [("moved", r"moved ([\d,]+)"), ("lost", r"lost (\d+)")], "b")
        self.assertEqual(records, [{"bench": "b", "metric": "moved", "value": 1234.0}])
        self.assertEqual(malformed, [])
        self.assertEqual(len(read("moved x", [("moved", r"moved (\w)")])[1]), 1)
