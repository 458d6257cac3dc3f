"""What valgrind counts in a run of a program, and what a run prints. The caches are those of the thesis's simulated
machine (Section 5.4: 16 KB each, 4-way, and 512 KB, 8-way; the Pentium III's lines have 32 bytes), not this one's, so
that counts repeat anywhere."""
import os
import re
import shutil
import statistics
import subprocess
from collections import Counter

from commands import Broken, environment

CACHES = ["--I1=16384,4,32", "--D1=16384,4,32", "--LL=524288,8,32"]


def run(program, folder, size, tool=(), around=()):
    """Runs a program (under valgrind, perhaps, and by another command around that); returns all that it computes. What ends with
    1 where the program has another answer (uftrace) is asked for no status."""
    product = os.path.join(program.where, program.product) if program.product else ""
    if product and os.path.exists(product):
        os.remove(product)
    done = subprocess.run([*around, *tool, *program.run_command(os.path.join(folder, "program"), size)],
                          cwd=program.where, capture_output=True, check=False,
                          env=environment(os.path.join(folder, "lopi.out")))
    if done.returncode not in (*program.answers, *([1] if around and len(program.answers) > 1 else [])):
        raise Broken(f"{program.name} in {folder}: status {done.returncode}\n{done.stderr.decode()[-500:]}")
    status = None if around else done.returncode
    if not product:
        return status, done.stdout
    with open(product, "rb") as file:
        return status, file.read()


def valgrind(around):
    """What is run by a command that wants programs is not Debian's script."""
    return f"{shutil.which('valgrind')}.bin" if around else "valgrind"


def cachegrind(program, folder, size, around=()):
    """(what it computes, its events)"""
    out = os.path.join(folder, "cachegrind.out")
    printed = run(program, folder, size, [valgrind(around), "-q", "--tool=cachegrind", "--cache-sim=yes", *CACHES,
                                          "--branch-sim=yes", f"--cachegrind-out-file={out}"], around)
    return printed, figures(events_of(out))


def mispredictions(program, folder, size, around=()):
    """Mispredicted branches alone. Where one branch skips another one, valgrind makes one of the two, if it follows jumps,
    and a copy that lies apart is two."""
    out = os.path.join(folder, "branches.out")
    run(program, folder, size, [valgrind(around), "-q", "--tool=cachegrind", "--vex-guest-chase=no", "--cache-sim=no",
                                "--branch-sim=yes", f"--cachegrind-out-file={out}"], around)
    events = events_of(out)
    return events["Bcm"] + events["Bim"]


def events_of(out):
    """The sums of an output of cachegrind's."""
    with open(out, encoding="ascii", errors="replace") as lines:
        text = lines.read()
    names = re.search(r"^events: (.*)$", text, re.M).group(1).split()
    values = re.search(r"^summary: (.*)$", text, re.M).group(1).split()
    return dict(zip(names, map(int, values)))


def figures(events):
    """The columns of Table 5.2."""
    return {
        "instructions": events["Ir"],
        "branches": events["Bc"] + events["Bi"],
        "mispredictions": events["Bcm"] + events["Bim"],
        "L1 data references": events["Dr"] + events["Dw"],
        "L1 data misses": events["D1mr"] + events["D1mw"],
        "L1 instruction misses": events["I1mr"],
        "L2 references": events["I1mr"] + events["D1mr"] + events["D1mw"],
        "L2 misses": events["ILmr"] + events["DLmr"] + events["DLmw"],
    }


def callgrind(program, folder, size):
    """Makes a profile; returns its file."""
    out = os.path.join(folder, "callgrind.out")
    run(program, folder, size, ["valgrind", "-q", "--tool=callgrind", "--compress-strings=no",
                                "--compress-pos=no", f"--callgrind-out-file={out}"])
    return out


def profile_calls(path, own=None):
    """Of a profile: calls of each function, and instructions in those calls, with callees; of those of the object `own` alone, perhaps,
    since libraries and the loader have functions of the same names."""
    calls, inclusive, callee, here, there = Counter(), Counter(), "", "", None
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith("ob="):
                here = line[3:].strip()
            elif line.startswith("cob="):
                there = line[4:].strip()
            elif line.startswith("cfn="):
                callee = re.sub(r"'\d+$", "", line[4:].strip())
            elif line.startswith("calls="):
                cost = int(next(lines).split()[1])
                if own in (None, there or here):
                    calls[callee] += int(line[6:].split()[0])
                    inclusive[callee] += cost
                there = None
    return calls, inclusive


def seconds(program, folder, around=()):
    """Processor time of a run, of its own and the system's, in seconds."""
    arguments = [*around, *program.run_command(os.path.join(folder, "program"), "large")]
    with open(os.devnull, "wb") as nowhere:
        child = subprocess.Popen(arguments, cwd=program.where, stdout=nowhere,
                                 env=environment(os.devnull))
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (*program.answers, *([1] if around else [])):
        raise Broken(f"{' '.join(arguments)}: status {child.returncode}")
    return usage.ru_utime + usage.ru_stime


def paired_times(program, base, folder, rounds, around=()):
    """Runs a program as it is and an instrumented copy in turn, each first in half of the rounds; returns the
    ratios, sorted: what slows the machine down for a while slows both."""
    ratios = []
    for number in range(rounds):
        order = [base, folder] if number % 2 else [folder, base]
        times = {one: seconds(program, one, around if one == folder else ()) for one in order}
        ratios.append(times[folder] / times[base])
    return sorted(ratios)


def quartiles(ratios):
    """(lower quartile, median, upper quartile)"""
    if len(ratios) < 2:
        return ratios[0], ratios[0], ratios[0]
    lower, middle, upper = statistics.quantiles(ratios, n=4, method="inclusive")
    return lower, middle, upper
