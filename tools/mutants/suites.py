"""Which suites should notice that something is gone from a file: the first line of the table that fits says which, in the order in
which they are tried, and in which modes of the kernel with the lock-order checker; the modes take turns."""
import itertools
import re

# Pattern of the file's name, suites, modes.
TABLE = (
    (r"kernel/appkern/", "apkern signals smp failnth deaths-calls appkern-migrate", "appkern"),
    (r"kernel/fs/|kernel/calls/(file|path)", "files directories rename posix-details failnth usertests fuzz", "coarse giantlock"),
    (r"kernel/ipc/|kernel/calls/message", "messages pipes receive failnth kernel-pointers fuzz", "coarse giantlock"),
    (r"kernel/mem/", "memory containers heap faults failnth process kernel-pointers smp usertests", "coarse giantlock"),
    (r"kernel/sched/", "process barrier signals smp priority progress parallel deaths-waits", "coarse giantlock"),
    (r"kernel/proc/", "process signals exec-signals signal-threads deaths-calls deaths-races failnth usertests fuzz",
     "coarse giantlock"),
    (r"kernel/smp/|arch/ia32/smp/|kernel/lock/|kernel/organisation/", "smp parallel locks stress deaths-races affinity-off statistics",
     "coarse giantlock"),
    (r"kernel/time/", "time process signals", "giantlock coarse"),
    (r"kernel/dev/|kernel/calls/", "devices terminal posix-details kernel-pointers statistics fuzz", "giantlock coarse"),
    (r"kernel/debug/|kernel/measure/", "panic-null panic-trace statistics", "giantlock"),
    (r"kernel/boot/", "boot-damaged-packages boot-bad-mode boot-unknown-key boot-damaged-files files",
     "giantlock"),
    (r"arch/", "process faults signals float kernel-pointers smp vm86 odd-instructions", "giantlock coarse"),
    (r"", "process files smp signals fuzz", "giantlock coarse"),
)


def for_file(file, known):
    """(suite, mode) of each run for a file; of the suites those that there are."""
    for pattern, suites, modes in TABLE:
        if re.match(pattern, file):
            return list(zip((name for name in suites.split() if name in known), itertools.cycle(modes.split())))
    raise AssertionError("the last line of the table fits every file")
