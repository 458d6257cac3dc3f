"""The debugger's test, run inside GDB by tests/gdb/run: goes through Castle's commands on a machine that runs
gdb_subject, and prints TAP. What is expected of the kernels differs where they do; MODE says which one it is."""
import os
import re

import gdb

MODE = os.environ["CASTLE_GDB_MODE"]
APPLICATION = MODE.endswith("appkern")
# Where a kernel's thread comes from: on the boot processor there are bootstrap threads alone.
ROOT = r"bootstrap_loop \(" if APPLICATION else r"main \("
tests = 0


def ok(good, name, output=""):
    global tests
    tests += 1
    print(f"{'' if good else 'not '}ok {tests} - {name}", flush=True)
    if not good:
        print("\n".join(f"# {line}" for line in output.splitlines()), flush=True)


def run(line):
    """A command's output, errors included."""
    try:
        return gdb.execute(line, to_string=True)
    except gdb.error as error:
        return f"error: {error}"


def expect(line, *patterns, absent=None):
    """What a command prints has all of the patterns, in lines of their own or not, and not `absent`."""
    output = run(line)
    missing = [pattern for pattern in patterns if not re.search(pattern, output, re.M)]
    ok(not missing and not (absent and re.search(absent, output, re.M)), f"{line}: {' '.join(patterns)}", output)
    return output


def first(pattern, output):
    found = re.search(pattern, output, re.M)
    return found.group(1) if found else "none"


def go_on():
    """Runs the machine to the next stop; where that is."""
    run("continue")
    return run("frame")


def before_the_kernel():
    expect("castle cpus", r"not started")
    expect("castle processes", r"PID +PARENT")
    expect("castle bt 1", r"no thread 1")


def stop_at_the_mark():
    """Once both processes have passed: then the threads of the parent are where they stay."""
    run("castle break gdb_subject subject_mark")
    for _ in range(5):
        go_on()
    ok("subject_mark (" in run("frame"), "a breakpoint by program stops in it", run("frame"))


def lists():
    output = expect("castle processes", r"^1 +0 +alive +1 .* init$", r"^\d+ +\d+ +alive +3 .* gdb_subject$",
                    r"^\d+ +\d+ +alive +1 .* gdb_subject$")
    parent = first(r"^(\d+) +\d+ +alive +3 .* gdb_subject", output)
    child = first(rf"^(\d+) +{parent} +alive +1 .* gdb_subject", output)
    expect("castle cpus", r"^\d+ +\d+ +(kernel|application) +user .*gdb_subject +.*subject_mark")
    expect("castle containers", rf"^\w+ +{parent} .* [0-9a-f]{{8}} .*gdb_subject", r"global +init")
    expect("castle threads", rf"^\d+ +{parent} +gdb_subject")
    ok(len(run(f"castle threads {parent}").splitlines()) == (7 if APPLICATION else 4),
       "threads of one process", run(f"castle threads {parent}"))
    expect("castle threads gdb_subject", rf"several processes run gdb_subject: {parent}, {child}")
    expect("castle queue", r"QUEUE +PRIORITY")
    return parent, child


def thread_in(function, pid):
    """The thread of the process whose backtrace has the function."""
    names = re.findall(rf"^(a?\d+) +{pid} ", run(f"castle threads {pid}"), re.M)
    for name in names:
        if f"{function} (" in run(f"castle bt {name}"):
            return name
    return None


def backtraces(parent):
    reader = thread_in("subject_read", parent)
    ok(reader is not None, "a thread that waits is found by its backtrace", run("castle threads"))
    expect(f"castle bt {reader}", r"In user mode, in the system call read", r"subject_read \(fd=\d+\)", r"reader \(")
    computer = thread_in("subject_compute", parent)
    ok(computer is not None, "a thread that computes is, too", run("castle threads"))
    expect("castle bt 1", r"process 1 \(init\)", r"In user mode, in the system call", ROOT)
    if APPLICATION:
        ok(reader and reader.startswith("a") and computer and computer.startswith("a"),
           "both are application threads", f"{reader} {computer}")
        bootstrap = thread_in("bootstrap_loop", parent)
        ok(bootstrap is not None, "their bootstrap threads are in bootstrap_loop", run("castle threads"))


def looking_at(parent, child):
    """Spaces and threads are entered and left, and the machine is what it was."""
    registers = run("info registers")
    run(f"castle space {parent}")
    in_parent = run("print subject_word")
    run(f"castle space {child}")
    in_child = run("print subject_word")
    ok(re.search(r"= 10\d\d$", in_parent) and re.search(r"= 20\d\d$", in_child),
       "a variable of two processes has two values", in_parent + in_child)
    reader = thread_in("subject_read", parent)
    run(f"castle thread {reader}")
    expect("backtrace", r"subject_read")
    run("castle back")
    ok(run("info registers") == registers, "the processor has its registers back", run("info registers"))


def directories(parent):
    expect(f"castle directory {parent}", r"^page directory [0-9a-f]{8}", r"^  00000000-003fffff  page table",
           r"4 MB pages, kernel writable", r"^  c0000000-.*user writable, thread stacks")
    expect(f"castle directory {parent} 0x80100000", r"directory entry 512: .*page table",
           r"page table entry 256: \w+, user writable")
    expect("castle directory 1", r"global page directory, with the entry")
    expect("castle directory", r"loaded on CPU \d", r"user read-only, code of gdb_subject\n")
    expect("castle directory cpu0 0", r"page table entry 0: \w+, absent")


def one_process_alone(child):
    run("delete")
    run(f"castle break {child} subject_mark")
    stops = 0
    for _ in range(3):
        output = go_on()
        stops += "subject_mark" in output
        current = re.findall(r"^\d+ +\d+ +\w+ +user +\S+ +(\d+) +gdb_subject +\S+ subject_mark$", run("castle cpus"),
                             re.M)
        if child not in current:
            stops = -1
            break
    ok(stops == 3, "a breakpoint in one process stops in no other", run("castle cpus"))


def in_the_kernel():
    """Where a call is half done, both parts of the backtrace are there."""
    run("delete")
    run("break sys_write")
    output = go_on()
    ok("sys_write" in output, "a breakpoint in the kernel", output)
    # With several CPUs another one may be in the kernel, too, waiting for the lock.
    current = first(r"^\d+ +\d+ +kernel +kernel +(\d+) .* sys_write", run("castle cpus"))
    expect(f"castle bt {current}", r"in the kernel:", r"#0 +sys_write", r"In user mode, in the system call write",
           ROOT)
    run("delete")


def mistakes():
    expect("castle bt", r"usage: castle bt THREAD")
    expect("castle bt 4711", r"no thread 4711; `castle threads` lists them")
    expect("castle space nobody", r"no process nobody")
    expect("castle symbols nobody", r"the build has no program nobody")


def main():
    before_the_kernel()
    stop_at_the_mark()
    parent, child = lists()
    backtraces(parent)
    looking_at(parent, child)
    directories(parent)
    one_process_alone(child)
    in_the_kernel()
    mistakes()
    go_on()
    console = run("castle console")
    ok("\x1b" not in console, "what the boot loader printed is shown without its escape sequences", console)
    ok("the parent is done" in console and "power off, status 0" in console, "the programs end as ever", console)
    print(f"1..{tests}")


main()
