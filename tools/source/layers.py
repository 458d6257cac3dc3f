"""The layers of the kernel, lowest first, and the includes that go upwards all the same, each with its reason; and the
parts of a subsystem that are kept apart by what they may include.

Data alone: tools/source/includes.py reads it, docs/layers.md shows it. A file belongs to the layer with the longest
pattern that fits; `*` stands for anything but a slash, and a pattern that ends with a slash for all below it.
"""

# (name, what it is, patterns)
LAYERS = [
    ("abi", "what kernel and programs share", ["include/castle/"]),
    ("lib", "strings, lists, printing, options: no processor, no state", ["kernel/lib/"]),
    ("processor", "what everybody asks of the processor, as headers",
     ["arch/ia32/*.h", "arch/ia32/smp/*.h", "boot/*.h"]),
    ("lock", "lock domains, the kernel's lock, and what an organisation is made of",
     ["kernel/lock/", "kernel/organisation/organisation.h"]),
    ("hooks", "what may be called from anywhere: the lock-order checker, the event log, panic, symbols; copies to and "
              "from programs; other processors; supervisor signals",
     ["kernel/debug/", "kernel/mem/user_copy.h", "arch/ia32/processors.h", "kernel/interrupt/*.h"]),
    ("measure", "statistics and the account of time", ["kernel/measure/"]),
    ("time", "the timing wheel and the clock", ["kernel/time/"]),
    ("hardware", "interrupt controllers, timers, firmware, segments, patching", ["arch/ia32/", "boot/"]),
    ("mem", "pages, slabs, page tables, containers, code packages; the paging that they are built on",
     ["kernel/mem/", "arch/ia32/paging.c", "arch/ia32/smp/cpu.c"]),
    ("sched", "threads and their contexts, the scheduler, placement, wait queues",
     ["kernel/sched/", "arch/ia32/context.h", "arch/ia32/fpu.c"]),
    ("dev", "devices and drivers", ["kernel/dev/"]),
    ("fs", "the RAM file system and open files", ["kernel/fs/"]),
    ("ipc", "pipes and messages", ["kernel/ipc/"]),
    ("proc", "processes, programs, signals", ["kernel/proc/"]),
    ("net", "cards, and sockets that a process serves", ["kernel/net/"]),
    ("calls", "system calls that join several of those below", ["kernel/calls/"]),
    ("entry", "the ways in and out: traps, entry code, the table of calls, what runs before leaving",
     ["kernel/entry/", "kernel/interrupt/", "arch/ia32/trap.c", "arch/ia32/entry*"]),
    ("organisation", "what an organisation adds: the giant lock, the application kernel",
     ["kernel/smp/", "kernel/appkern/", "kernel/organisation/", "kernel/partition/", "arch/ia32/smp/entry*", "arch/ia32/smp/start.c"]),
    ("reports", "what is behind the hooks and looks at everything: panic, the event log's reader, the checker's reports",
     ["kernel/debug/panic.c", "kernel/debug/trace.c", "kernel/debug/trace_dump.c", "kernel/debug/lock_report.c",
      "kernel/debug/lock_fault.c", "kernel/debug/fail_nth.c", "kernel/debug/kill_nth.c", "kernel/debug/nth.c", "kernel/debug/race_report.c", "kernel/debug/race_fault.c"]),
    ("boot", "options, and kernel_main(), which starts all of it", ["kernel/boot/"]),
]

CHOSEN = "the organisation's half of an interface, chosen when the kernel is compiled; without it, stubs are in the header"
OWN = "what each processor, or each object, has of its own where there is a lock an object: in a form that is compiled " \
    "for several processors alone"

# {(file, header that it includes although that is in a higher layer, both as patterns): why}
EXCEPTIONS = {
    ("kernel/lib/print.c", "kernel/dev/console.h"): "`kprintf` has nowhere else to print to",
    ("kernel/lock/kernel_lock.h", "kernel/smp/giant_lock.h"): CHOSEN,
    ("kernel/lock/lock.h", "kernel/smp/lock.h"): CHOSEN,
    ("arch/ia32/reference.h", "kernel/lock/lock.h"): "a count's instruction has the prefix `lock` where calls overlap",
    ("arch/ia32/entry_blocks.inc", "arch/ia32/smp/entry_locked.inc"): CHOSEN,
    ("kernel/mem/container.h", "kernel/smp/container_directories.h"): CHOSEN,
    ("kernel/mem/container_directories.h", "kernel/smp/container_directories.h"): CHOSEN,
    ("kernel/sched/place.h", "kernel/smp/place.h"): CHOSEN,
    ("kernel/sched/placement.h", "kernel/smp/placement.h"): CHOSEN,
    ("kernel/mem/*.c", "kernel/smp/own_lock.h"): OWN,
    ("kernel/mem/page.c", "kernel/smp/page_stocks.h"): OWN,
    ("kernel/mem/slab.c", "kernel/smp/magazines.h"): OWN,
    ("kernel/mem/reclaim.c", "kernel/smp/epoch.h"): OWN,
    ("kernel/fs/*.c", "kernel/smp/epoch.h"): OWN,
    ("kernel/sched/*.c", "kernel/smp/wait_locks.h"): OWN,
    ("kernel/sched/scheduler.c", "kernel/smp/own_queues.h"): OWN,
    ("kernel/sched/scheduler.c", "kernel/smp/lockfree_queues.h"): OWN,
    ("kernel/proc/thread.c", "kernel/smp/wait_locks.h"): OWN,
    ("kernel/fs/content.c", "kernel/proc/limit.h"): "how large a file may become is the writing process's limit",
    ("kernel/dev/device.c", "kernel/fs/"): "a device that registers gets its name in `/dev`",
    ("kernel/dev/console.c", "kernel/fs/file.h"): "an open console is a file, with a file's flags",
    ("kernel/dev/console.c", "kernel/proc/group.h"): "ctrl-C is a signal to the processes in the foreground",
    ("arch/ia32/entry_blocks.inc", "arch/ia32/smp/entry_locked.inc"): CHOSEN,
    ("arch/ia32/smp/start.c", "kernel/boot/boot_memory.h"): "the trampoline's page is below 1 MB, which only boot knows of",
    ("kernel/partition/monitor.c", "kernel/boot/modules.h"): "the monitor is all of the boot that sees what the boot loader left out",
}

PROTOCOL = ["include/castle/apkern.h", "include/castle/errno.h"]
NATIVE = "kernel/appkern/castle/native.h"

# (files, what they are, the headers of the project that they may include, and no others), all as patterns
PARTS = [
    ("kernel/appkern/*", "the application kernel that knows neither the processor nor the kernel beside it",
     PROTOCOL + ["kernel/appkern/*.h", NATIVE] + [f"kernel/appkern/ia32/{name}.h" for name in ("machine", "registers", "space")]),
    ("kernel/appkern/ia32/*", "what knows IA-32: traps, page directories, processors, registers",
     PROTOCOL + ["include/castle/info.h", "kernel/appkern/*.h", "kernel/appkern/ia32/", NATIVE, "arch/ia32/"]),
    ("kernel/appkern/castle/*", "what knows Castle's kernel: `native.h`, the interface, and the driver",
     ["include/castle/", "kernel/"]),
]
