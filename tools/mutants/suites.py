"""Which programs should notice that something is gone from a file: the first line of the table that fits says which, and in which modes
of the kernel with the lock-order checker. All programs run in one machine, a machine for each mode: booting takes longer than
most of them do."""
import os
import re
import subprocess
import sys

from mutants import TOP

sys.path.insert(0, os.path.join(TOP, "tests/boot"))
import tap  # noqa: E402

CPUS, MEMORY = "3", "48"
TIMEOUT = 900  # seconds, of a program with the unchanged kernel
PATIENCE = 60  # seconds, beside what programs take: a mutant that hangs is killed by them
FEW, MANY = 3, 10  # programs of the first machine, and of all
MODES = 2  # in which the first programs are run
# Pattern of the file's name, programs, modes.
TABLE = (
    (r"kernel/appkern/", "test_smp test_signals test_apkern test_deaths test_process", "appkern"),
    (r"kernel/fs/|kernel/calls/(file|path)",
     "test_files test_directories test_rename test_posix_details test_pipes test_usertests test_failnth", "coarse"),
    (r"kernel/ipc/|kernel/calls/message", "test_messages test_pipes test_receive test_failnth test_kernel_pointers test_usertests", "coarse"),
    (r"kernel/mem/", "test_memory test_containers test_heap test_faults test_failnth test_process test_kernel_pointers", "coarse"),
    (r"kernel/sched/", "test_process test_barrier test_signals test_smp", "coarse"),
    (r"kernel/proc/", "test_process test_signals test_exec_signals test_signal_threads test_deaths test_failnth test_killnth test_usertests", "coarse"),
    (r"kernel/time/", "test_time test_process test_signals", "giantlock"),
    (r"kernel/dev/|kernel/calls/", "test_devices test_terminal test_posix_details test_kernel_pointers test_statistics test_process", "giantlock"),
    (r"kernel/boot/|kernel/debug/|kernel/lib/", "test_statistics test_files test_process test_smp", "giantlock"),
    (r"kernel/smp/(own_|fine_)|kernel/organisation/smp/fine", "test_smp test_process test_signals test_barrier test_deaths stress", "fine"),
    (r"kernel/smp/giant_lock|kernel/organisation/smp/giant", "test_smp test_statistics locks stress", "giantlock"),
    (r"kernel/smp/|arch/ia32/smp/|kernel/lock/|kernel/organisation/|kernel/measure/",
     "test_smp test_statistics test_process test_signals test_barrier locks stress", "coarse"),
    (r"", "test_process test_faults test_signals test_float test_kernel_pointers test_smp test_odd_instructions", "giantlock"),
)
ARGUMENTS = {"stress": "stress -t 5 -s 1", "test_deaths": "test_deaths calls", "locks": "locks true"}


def for_file(file):
    """(programs, modes) for a file."""
    return next((programs.split(), modes.split()) for pattern, programs, modes in TABLE if re.match(pattern, file))


def pairs(files):
    """Each (mode, program) that the table has for these files."""
    found = map(for_file, files)
    return sorted({(mode, program) for programs, modes in found for mode in modes for program in programs})


WRONG = re.compile(r"PANIC.*|^LOCKS: .*|^not ok .*", re.M)


def wrong_with(status, output):
    """What a run shows to be wrong; None if nothing is."""
    found = WRONG.search(output)
    if found:
        return found.group()[:80]
    if status:
        return {124: "a hang", 126: "a reset"}.get(status, f"status {status}")
    problems = tap.parse(output)[2]
    return problems[0] if problems else None


def run(iso, programs, mode, timeout, more=()):
    """Boots a machine with the programs, and ends it with the first thing that is wrong; what that is, or None."""
    line = "; ".join(ARGUMENTS.get(name, name) for name in programs)
    command = [os.path.join(TOP, "tools/run"), "--iso", iso, "--mode", mode, "--smp", CPUS, "--mem", MEMORY,
               "--timeout", str(timeout), "--run", line, *more]
    lines = []
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as machine:
        for each in machine.stdout:
            lines.append(each.decode("utf-8", "replace"))
            if WRONG.search(lines[-1]):
                machine.terminate()
                break
    return wrong_with(machine.returncode, "".join(lines).replace("\r", ""))
