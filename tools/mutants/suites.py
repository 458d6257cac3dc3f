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

CPUS = "3"
TIMEOUT = 100  # seconds; a mutant that hangs is killed by them
COMMON = "test_process test_files test_signals test_smp"
# Pattern of the file's name, programs, modes.
TABLE = (
    (r"kernel/appkern/", "test_smp test_signals test_apkern test_failnth test_deaths test_process test_migrate", "appkern"),
    (r"kernel/fs/|kernel/calls/(file|path)",
     "test_files test_directories test_rename test_posix_details test_pipes test_usertests test_failnth", "coarse giantlock"),
    (r"kernel/ipc/|kernel/calls/message", "test_messages test_pipes test_receive test_failnth test_kernel_pointers test_usertests", "coarse giantlock"),
    (r"kernel/mem/", "test_memory test_containers test_heap test_faults test_failnth test_process test_kernel_pointers test_usertests", "coarse giantlock"),
    (r"kernel/sched/", "test_process test_barrier test_pthread test_signals test_smp test_priority test_progress", "coarse giantlock"),
    (r"kernel/proc/", "test_process test_signals test_exec_signals test_signal_threads test_deaths test_failnth test_usertests", "coarse giantlock"),
    (r"kernel/time/", "test_time test_process test_signals", "giantlock coarse"),
    (r"kernel/dev/|kernel/calls/", "test_devices test_terminal test_posix_details test_kernel_pointers test_statistics test_process", "giantlock coarse"),
    (r"kernel/boot/|kernel/debug/|kernel/lib/", "test_statistics test_files test_process test_smp", "giantlock coarse"),
    (r"kernel/smp/|arch/ia32/smp/|kernel/lock/|kernel/organisation/|kernel/measure/",
     "test_smp test_statistics test_process test_signals test_barrier locks stress", "coarse giantlock"),
    (r"", "test_process test_faults test_signals test_float test_kernel_pointers test_smp test_odd_instructions", "giantlock coarse"),
)
ARGUMENTS = {"stress": "stress -t 5 -s 1", "test_deaths": "test_deaths calls", "locks": "locks true"}


def for_file(file):
    """(programs, modes) for a file."""
    return next((programs.split(), modes.split()) for pattern, programs, modes in TABLE if re.match(pattern, file))


def wrong_with(status, output):
    """What a run shows to be wrong; None if nothing is."""
    found = re.search(r"PANIC.*|^LOCKS: .*|^not ok .*", output, re.M)
    if found:
        return found.group()[:80]
    if status:
        return {124: "a hang", 126: "a reset"}.get(status, f"status {status}")
    problems = tap.parse(output)[2]
    return problems[0] if problems else None


def run(iso, programs, mode):
    """Boots a machine with the programs; what is wrong, or None."""
    line = "; ".join(ARGUMENTS.get(name, name) for name in programs)
    done = subprocess.run([os.path.join(TOP, "tools/run"), "--iso", iso, "--mode", mode, "--smp", CPUS, "--timeout", str(TIMEOUT),
                           "--run", line], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return wrong_with(done.returncode, done.stdout.decode("utf-8", "replace"))
