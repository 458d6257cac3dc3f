"""Tries files of an exercise: compiles them and all that includes them, links the rest of the kernel to that, and boots it."""
import os
import re
import shlex
import shutil
import subprocess

import tap
from exercises import TOP, Unfit
from mutants import Unfit as KitchenUnfit
from mutants.kernel import Kitchen, run

# Functions and parameters that only the solution uses.
QUIET = ("-Wno-unused-function", "-Wno-unused-parameter", "-Wno-unused-variable", "-Wno-error")
MEMORY = 64
TIMEOUT = int(900 * float(os.environ.get("CASTLE_TEST_SLOWNESS", "1")))  # seconds: to catch what hangs


class Bench(Kitchen):
    """Where an exercise's kernel is made: build/exercises/N."""

    def __init__(self, options, number):
        try:
            super().__init__(options, "kernel", "castle")
        except KitchenUnfit as error:
            raise Unfit(str(error).replace(" DEBUG=1", "")) from error
        self.folder = os.path.join(os.path.abspath(options.build), "exercises", number)
        self.overlay, self.made = os.path.join(self.folder, "source"), os.path.join(self.folder, "objects")
        self.tree, self.iso = os.path.join(self.folder, "castle"), os.path.join(self.folder, "castle.iso")

    def lay(self, files):
        """The files, in a folder that the compiler looks into first."""
        for path, text in files.items():
            place = os.path.join(self.overlay, path)
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "w", encoding="utf-8") as file:
                file.write(text)

    def concerned(self, files):
        """{object: source} of what must be compiled: what is made of the files, and the new ones."""
        found = {}
        for path in files:
            found.update(self.sources_with(path))
            if not os.path.exists(os.path.join(TOP, path)):
                found[f"new/{os.path.basename(path)}"] = path
        return found

    def objects_of(self, files):
        """{object: its new one}"""
        os.makedirs(self.made, exist_ok=True)
        new = {}
        for number, (name, source) in enumerate(self.concerned(files).items()):
            new[name] = os.path.join(self.made, f"{number}.o")
            text = os.path.join(self.overlay, source) if source in files else source
            language = [] if source.endswith(".c") else ["-D__ASSEMBLER__"]
            done = run(*shlex.split(self.options.compile), *QUIET, f"-I{self.overlay}", "-I.", "-Iinclude", *language, "-c", text, "-o", new[name])
            if done.returncode:
                raise Unfit(f"{source} does not compile:\n{done.stdout.replace(self.overlay + '/', '')}")
        return new

    def make_iso(self, files):
        """An image whose kernel has these files in place of the tree's; its path."""
        self.start()
        self.lay(files)
        new = self.objects_of(files)
        added = [made for name, made in new.items() if name not in self.objects]
        elf = os.path.join(self.folder, "castle.elf")
        done = run(*shlex.split(self.options.link), "-T", "linker.ld", *(new.get(name, name) for name in self.objects), *added, "-lgcc", "-o", elf)
        if done.returncode:
            raise Unfit(f"the kernel does not link:\n{done.stdout}")
        self.write(elf)
        shutil.rmtree(self.tree)
        return self.iso


def problem(test, status, output):
    """What is wrong with a test's run; None if nothing is."""
    found = re.search(r"PANIC.*|^LOCKS: .*|^Castle: (?:no mode|cannot|option).*|^not ok .*", output, re.M)
    if found:
        return found.group()
    if status:
        return {124: "it hangs", 126: "the machine resets itself"}.get(status, f"status {status}; the console is in the log")
    if not re.search(test.get("expect", ""), output):
        return f"the console does not say {test['expect']}"
    return next(iter(tap.parse(output)[2]), None)


def try_test(iso, test, log):
    """What is wrong; None if nothing is."""
    done = subprocess.run([os.path.join(TOP, "tools/run"), "--iso", iso, "--append", f"mode={test['mode']}", "--smp", str(test["cpus"]),
                           "--mem", str(MEMORY), "--timeout", str(TIMEOUT), "--run", test["run"]],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    output = done.stdout.decode("utf-8", "replace")
    with open(log, "w", encoding="utf-8") as file:
        file.write(output)
    return problem(test, done.returncode, output)


def joined(tests):
    """The same tests, with what needs the same machine in one."""
    found = {}
    for test in tests:
        machine = (test["mode"], test["cpus"], test.get("expect", ""))
        found.setdefault(machine, []).extend(program.strip() for program in test["run"].split(";"))
    return [{"mode": mode, "cpus": cpus, "expect": expect, "run": "; ".join(dict.fromkeys(programs))} for (mode, cpus, expect), programs in found.items()]


def try_all(bench, exercise, files):
    """[(test's name, what is wrong or None)]"""
    iso = bench.make_iso(files)
    return [(f"{test['run']} in mode={test['mode']}, {test['cpus']} CPUs",
             try_test(iso, test, os.path.join(bench.folder, f"console-{number}"))) for number, test in enumerate(exercise["test"], 1)]
