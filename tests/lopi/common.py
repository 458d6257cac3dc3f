"""What the tests of LOPI share: running commands, reading results."""
import itertools
import os
import re
import shutil
import subprocess

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CORPUS = os.path.join(TOP, "tests/lopi/corpus")
HANGS_AFTER = 120 * int(os.environ.get("CASTLE_TEST_SLOWNESS", "1"))


class Failed(Exception):
    """A test that failed, and why."""


def status_of(work):
    """What a command that does this work ends with; what has failed is said."""
    try:
        work()
    except Failed as problem:
        print(problem)
        return 1
    return 0


class Lopi:
    def __init__(self, build):
        self.build = os.path.abspath(build)
        self.path = os.path.join(self.build, "lopi/lopi")
        self.sanitized = os.path.join(self.build, "tests/lopi/lopi")

    def directory(self, name):
        """An empty directory for the case `name`."""
        path = os.path.join(self.build, "tests/lopi/work", name.replace(" ", "_").replace("/", "_"))
        shutil.rmtree(path, ignore_errors=True)
        os.makedirs(path)
        return path

    def __call__(self, *arguments, **keywords):
        return run([self.path, *arguments], **keywords)


def run(command, status=0, where=None, environment=None, patience=1):
    """Runs a command and returns its standard output; wants the status, unless that is None."""
    try:
        done = subprocess.run(command, cwd=where, capture_output=True, timeout=patience * HANGS_AFTER,
                              check=False, env={**os.environ, **(environment or {})}, errors="replace")
    except subprocess.TimeoutExpired:
        raise Failed(f"hangs: {' '.join(command)}") from None
    if status is not None and done.returncode != status:
        raise Failed(f"status {done.returncode}, not {status}: {' '.join(command)}\n{done.stdout[-800:]}"
                     f"{done.stderr[-1500:]}")
    return done.stdout


def run_both(command, where=None):
    """Runs a command; returns its status and both its outputs."""
    try:
        done = subprocess.run(command, cwd=where, capture_output=True, timeout=HANGS_AFTER, check=False,
                              errors="replace")
    except subprocess.TimeoutExpired:
        raise Failed(f"hangs: {' '.join(command)}") from None
    return done.returncode, done.stdout, done.stderr


def functions_of(path):
    """The results of a run: for each function's name the sums of its calls and values."""
    functions = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("function "):
                _, _, calls, _, _, value, name = line.rstrip("\n").split(" ", 6)
                before = functions.get(name, (0, 0))
                functions[name] = (before[0] + int(calls), before[1] + int(value))
    return functions


def callers(lopi, where):
    """What `lopi report --callgraph` has: calls, caller and function of each line, names being without spaces."""
    return re.findall(r"^ *(\d+) +\d+ (?:.* )?(\S+) +(\S+)$", lopi("report", "--callgraph", where=where), re.M)


def difference(expected, printed):
    for one, other in itertools.zip_longest(expected.splitlines(), printed.splitlines()):
        if one != other:
            return f"expected {one}\nprinted  {other}"
    return ""


def want(good, message):
    if not good:
        raise Failed(message)
