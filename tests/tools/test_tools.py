#!/usr/bin/env python3
"""Tests of what the other tests rely on: reading TAP, judging a run, damaging packages, machines. As a program, runs
the tests of all files here."""
import argparse
import collections
import filecmp
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

from support import HERE, TOP, load  # which makes what follows known
import damage
import tap
from machines import boot_image, organisations, resume
from machines.bochs import Bochs
from machines.console import Keys, STOPPED, VERDICT, status_in
from machines.machine import Refused, STATUS_MACHINE_FAILED, STATUS_NO_VERDICT
from machines.qemu import Icount, Qemu


# They compare certain organisations with each other, or choose those that notice what is broken.
COMPARISONS = {"tools/compare", "tools/mutants/suites.py"}
# Here it is a cluster's nodes that are "up".
OTHER_MEANINGS = {"tools/cluster/page.py", "tools/cluster/page.html"}


class Tap(unittest.TestCase):
    def test_all_good(self):
        self.assertEqual(tap.parse("noise\nok 1 - a\nkernel says\nok 2 - b\n1..2\n"), (2, 0, []))

    def test_failure_is_counted(self):
        passed, failed, problems = tap.parse("ok 1 - a\nnot ok 2 - b\n1..2\n")
        self.assertEqual((passed, failed), (1, 1))
        self.assertEqual(problems, ["not ok 2 - b"])

    def test_missing_plan(self):
        self.assertTrue(tap.parse("ok 1 - a\n")[2])

    def test_plan_not_kept(self):
        self.assertTrue(tap.parse("ok 1 - a\n1..2\n")[2])

    def test_nothing(self):
        self.assertTrue(tap.parse("")[2])


class Damage(unittest.TestCase):
    def setUp(self):
        self.data = bytearray(b"\177ELF\1\1" + bytes(194))
        struct.pack_into("<H", self.data, damage.MACHINE, 3)
        struct.pack_into("<I", self.data, damage.ENTRY, 0x40400100)
        struct.pack_into("<I", self.data, damage.PROGRAM_OFFSET, 52)
        struct.pack_into("<I", self.data, 52 + damage.P_VADDR, 0x40400000)

    def test_moving_code_moves_the_entry_point(self):
        damage.move_code(self.data, 0x41000000)
        self.assertEqual(damage.get(self.data, damage.ENTRY), 0x41000100)
        self.assertEqual(damage.get(self.data, 52 + damage.P_VADDR), 0x41000000)

    def test_every_damage_changes_something(self):
        for name, change in damage.DAMAGES.items():
            self.assertNotEqual(bytes(change(bytearray(self.data))), bytes(self.data), name)


def options(**changes):
    """What tools/run makes of its command line, with these changes."""
    values = dict(iso="castle.iso", machine="bochs", mode="up", smp="1", mem=128, cpu=None, accel=None,
                  qemu=[], timeout=None, run="getpid", append=[], cmdline=None, boot_log=False,
                  interactive=False, com2=None, trace=None, net=[], node=1,
                  netboot=None)
    values.update(changes)
    values["cpus"] = int(values["smp"].partition(",")[0])
    return argparse.Namespace(**values)


class BootImage(unittest.TestCase):
    def test_words_are_those_the_kernel_reads(self):
        self.assertEqual(boot_image.words_of(' mode=up  run="a b; c" x=""'),
                         ["mode=up", "run=a b; c", "x="])
        self.assertEqual(boot_image.words_of('a"b c"d="e f'), ["ab cd=e f"])
        self.assertEqual(boot_image.words_of(""), [])

    def test_what_grub_cannot_pass_on_is_refused(self):
        self.assertEqual(boot_image.grub_word("run=a $b; c > d"), "'run=a $b; c > d'")
        for word in ("run=echo 'a'", "run=a\\b", "run=a\nb", "run=\u00e9"):
            self.assertRaises(Refused, boot_image.grub_word, word)

    def test_configuration_boots_at_once(self):
        menu = "set timeout=1\nfunction f {\n\tmodule2 /a package a\n\tmodule2 /b b\n}\n" \
               "function g {\n\tmodule2 /a package a\n}\nmenuentry x {\n}\n"
        lines = boot_image.grub_configuration(menu, 'mode=up run="a; b"').splitlines()
        self.assertEqual(lines[2:], ["multiboot2 /boot/castle.elf 'mode=up' 'run=a; b'",
                                     "module2 /a package a", "module2 /b b", "set gfxpayload=text", "boot"])

    def test_the_same_image_for_the_same_input(self):
        with tempfile.TemporaryDirectory() as folder:
            root = os.path.join(folder, "root")
            os.makedirs(os.path.join(root, "boot/grub"))
            with open(os.path.join(root, "boot/grub/grub.cfg"), "w", encoding="ascii") as file:
                file.write("module2 /boot/a package a\n")
            with open(os.path.join(root, "boot/grub/eltorito.img"), "wb") as file:
                file.write(bytes(8192))
            iso = os.path.join(folder, "castle.iso")
            subprocess.run([os.path.join(TOP, "iso/write-iso"), root, iso], check=True)
            images = []
            for name, line in (("1", "mode=up"), ("2", "mode=up"), ("3", "mode=down")):
                output = os.path.join(folder, name)
                boot_image.write(iso, output, line, output + ".files")
                with open(output, "rb") as file:
                    images.append(file.read())
        self.assertEqual(images[0], images[1])
        self.assertNotEqual(images[0], images[2])
        self.assertTrue(b"'mode=up'\nmodule2 /boot/a package a\nset gfxpayload=text\nboot\n" in images[0])

    def test_a_program_is_left_out_and_the_others_counted(self):
        lines = ["multiboot2 /boot/castle.elf", "module2 /boot/modules modules 4", "module2 /boot/packages/ls package ls",
                 "module2 /boot/packages/test_a package test_a", "module2 /boot/packages/test_b package test_b",
                 "module2 /boot/root.tar files", "boot", ""]
        self.assertEqual(boot_image.leave_out("\n".join(lines), ["test_*"]).splitlines(),
                         [lines[0], "module2 /boot/modules modules 2", lines[2], *lines[5:7]])
        self.assertEqual(boot_image.leave_out("\n".join(lines), []), "\n".join(lines))

    def test_programs_are_spread_over_folders(self):
        names = [f"p{number}" for number in range(boot_image.IN_A_FOLDER + 1)]
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(os.path.join(folder, "boot/packages"))
            for name in [*names, "left_out"]:
                with open(os.path.join(folder, "boot/packages", name), "w", encoding="ascii") as file:
                    file.write(name)
            text = boot_image.spread("\n".join(f"module2 /boot/packages/{name} package {name}" for name in names), folder)
            found = []
            for line in text.splitlines():
                with open(folder + line.split()[1], encoding="ascii") as file:
                    found.append((file.read(), line.split()[3]))
            folders = sorted(os.listdir(os.path.join(folder, "boot/p")))
            self.assertEqual(os.listdir(os.path.join(folder, "boot")), ["p"])
        self.assertEqual(found, [(name, name) for name in names])
        self.assertEqual(folders, ["0", "1"])

    def test_other_images_are_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            iso = os.path.join(folder, "x.iso")
            with open(iso, "wb") as file:
                file.write(bytes(65536))
            self.assertRaises(Refused, boot_image.write, iso, iso + "2", "", iso + ".files")


class Resume(unittest.TestCase):
    """Machines that begin at the kernel's first instruction."""

    def test_where_the_kernel_starts(self):
        def elf(entry, header):
            return (b"\x7fELF" + bytes(20) + struct.pack("<I", entry)).ljust(64, b"\0") + struct.pack("<4I", *header)
        sound, wrong = (0xE85250D6, 0, 16, -(0xE85250D6 + 16) & 0xFFFFFFFF), (0xE85250D6, 0, 16, 5)
        image = bytes(2048) + elf(1, wrong).ljust(2048, b"\0") + elf(0x102d6c, sound)
        self.assertEqual(resume.entry_point(image), 0x102d6c)
        self.assertRaises(resume.Failed, resume.entry_point, bytes(2048) + elf(1, wrong))
        self.assertRaises(resume.Failed, resume.entry_point, bytes(2000) + elf(1, sound))

    def test_a_saved_machine_wakes_running(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "saved")
            for saved, good in ((b"a\0\0\0\6debug\0\0\0z", True), (b"nothing", False)):
                with open(path, "wb") as file:
                    file.write(saved)
                if not good:
                    self.assertRaises(resume.Failed, resume.make_runnable, path)
                    continue
                resume.make_runnable(path)
                with open(path, "rb") as file:
                    self.assertEqual(file.read(), b"a\0\0\0\x08running\0z")

    def test_what_cannot_be_saved_boots(self):
        """Neither is it tried again; a machine of another size is another one."""
        tried = []
        with tempfile.TemporaryDirectory() as folder:
            image = os.path.join(folder, "image")
            with open(image, "wb") as file:
                file.write(bytes(4096))
            for key in (["1"], ["1"], ["2"]):
                self.assertIsNone(resume.saved(None, folder, image, key, lambda: tried.append(1)))
        self.assertEqual(len(tried), 2)

    def test_suites_that_may(self):
        program, suite = Suites().suite("run = a\nmem = 64\n")
        machines = {program.run_name(suite, run, False): suite.machine_of(run, False) for run in suite.runs()}
        self.assertEqual(machines["s.giantlock.4"], machines["s.up.4"])
        self.assertEqual(len(set(machines.values())), 7)
        program, suite = Suites().suite("run = a\nmem = 64\ndamage = a missing\n")
        self.assertNotIn(suite.machine_of(suite.runs()[0], False), machines.values())
        for line in ("resume = no\n", "machine = icount\n"):
            program, suite = Suites().suite("run = a\n" + line)
            self.assertEqual({suite.machine_of(run, False) for run in suite.runs()}, {None})


class Machines(unittest.TestCase):
    def test_kernel_command_line(self):
        self.assertEqual(Bochs(options(append=["cpus=2"])).kernel_command_line(),
                         'mode=up machine=bochs run="getpid" cpus=2')
        self.assertEqual(Qemu(options(cmdline="x")).kernel_command_line(), "x")

    def test_bochs_has_15_cpus(self):
        Bochs(options(smp="15")).check()
        with self.assertRaisesRegex(Refused, "at most 15 CPUs, not 16"):
            Bochs(options(smp="16")).check()

    def test_bochs_refuses_what_is_qemus(self):
        for changes in ({"accel": "kvm"}, {"qemu": ["-S"]}, {"smp": "4,sockets=4"}, {"run": "echo 'a'"}):
            self.assertRaises(Refused, Bochs(options(**changes)).check)

    def test_icount_has_one_cpu(self):
        self.assertRaises(Refused, Icount(options(smp="2")).check)

    def test_bochs_has_networks_of_its_own(self):
        for net in (["user"], ["vnet", "null"], ["socket,listen=127.0.0.1:9000"]):
            self.assertRaises(Refused, Bochs(options(net=net)).check)
        Bochs(options(net=["vnet"])).check()
        with_card, without = (Bochs(options(net=net)).configuration("file", "/x") for net in (["vnet"], []))
        self.assertIn("slot1=e1000\ne1000: enabled=1, mac=52:54:00:00:01:00, ethmod=vnet, ", with_card)
        self.assertNotIn("e1000", without)

    def test_bochs_configuration(self):
        text = Bochs(options(smp="8", mem=64, cpu="core_duo_t2400_yonah")).configuration("file", "/x")
        for part in ("cpu: model=core_duo_t2400_yonah, count=8,", "memory: guest=64, host=64\n",
                     "clock: sync=none, time0=946684800\n", "com1: enabled=1, mode=file, dev=/x\n"):
            self.assertIn(part, text)

    def test_qemu_gets_its_arguments(self):
        with tempfile.TemporaryDirectory() as folder:
            command = Qemu(options(smp="4,sockets=4", qemu=["-machine", "acpi=off"])).command(folder)
        self.assertEqual(command[command.index("-smp") + 1], "4,sockets=4")
        self.assertEqual(command[-2:], ["-machine", "acpi=off"])

    def test_second_serial_line(self):
        """There is one if somebody listens, and what Bochs wrote goes where it is wanted."""
        line = "com2: enabled=1, mode=file, dev=com2\n"
        self.assertNotIn(line, Bochs(options()).configuration("file", "/x"))
        with tempfile.TemporaryDirectory() as folder:
            wanted = os.path.join(folder, "wanted")
            bochs = Bochs(options(com2=wanted))
            bochs.directory = folder
            self.assertIn(line, bochs.configuration("file", "/x"))
            bochs.finish()
            self.assertFalse(os.path.exists(wanted))
            with open(os.path.join(folder, "com2"), "w", encoding="ascii") as file:
                file.write("bytes")
            bochs.finish()
            with open(wanted, encoding="ascii") as file:
                self.assertEqual(file.read(), "bytes")
            command = Qemu(options(com2=wanted)).command(folder)
        serial = [command[i + 1] for i, word in enumerate(command) if word == "-serial"]
        self.assertEqual(serial, ["stdio", f"file:{wanted}"])

    def test_status_of_qemu(self):
        statuses = [Qemu(options()).status(code, verdict)
                    for code, verdict in ((0, 0), (0, None), (0, 3), (7, 3), (1, None), (-9, None))]
        self.assertEqual(statuses, [0, STATUS_NO_VERDICT, STATUS_NO_VERDICT, 3,
                                    STATUS_MACHINE_FAILED, STATUS_MACHINE_FAILED])

    def test_a_reset_is_no_power_off(self):
        with tempfile.TemporaryDirectory() as folder:
            machine = Qemu(options())
            machine.command(folder)
            for said, status in (("", STATUS_NO_VERDICT), ("qemu_system_shutdown_request reason=6\n", 0)):
                with open(os.path.join(folder, "events"), "w", encoding="ascii") as file:
                    file.write(said)
                self.assertEqual(machine.status(0, 0), status)

    def test_status_of_bochs(self):
        with tempfile.TemporaryDirectory() as folder:
            bochs = Bochs(options())
            bochs.directory = folder
            log = os.path.join(folder, "log")
            self.assertEqual([bochs.status(1, 0), bochs.status(1, 5)], [0, 5])
            self.assertEqual(bochs.status(1, None), STATUS_NO_VERDICT)
            self.assertEqual(bochs.status(-6, None), STATUS_MACHINE_FAILED)
            for said, status in (
                    ("001p[CPU0  ] >>PANIC<< exception(): 3rd (13) exception with no resolution",
                     STATUS_NO_VERDICT),
                    ("000p[      ] >>PANIC<< bochsrc:1: cpu directive malformed.",
                     STATUS_MACHINE_FAILED)):
                with open(log, "w", encoding="ascii") as file:
                    file.write("000i[      ] hello\n" + said + "\n")
                self.assertEqual(bochs.complaint(), [said])
                self.assertEqual(bochs.status(1, None), status)
                self.assertEqual(bochs.status(1, 0), STATUS_NO_VERDICT if status == STATUS_NO_VERDICT else 0)

    def test_verdict(self):
        self.assertEqual(status_in(VERDICT, b"x\r\nCastle: power off, status 12\r\n"), 12)
        self.assertIsNone(status_in(VERDICT, b"Castle: power off, status 1\nmore\n"))
        self.assertEqual(
            status_in(STOPPED, b"Castle has stopped with status 7; it is safe to switch off\r\n"), 7)

    def test_keys(self):
        keys = Keys()
        self.assertEqual([keys.pass_on(b"ax\x01"), keys.pass_on(b"\x01b\x01cx")], [b"ax", b"\x01bcx"])
        self.assertEqual([keys.pass_on(b"\x01"), keys.pass_on(b"x")], [b"", None])


class CastleCc(unittest.TestCase):
    def test_main_may_be_in_an_archive(self):
        with tempfile.TemporaryDirectory() as directory:
            source, archive, program = (os.path.join(directory, name) for name in ("m.c", "libm.a", "a.out"))
            with open(source, "w", encoding="utf-8") as file:
                file.write("int main(void) { return 0; }\n")
            compiler = os.path.join(TOP, "uapps/castle-cc")
            subprocess.run([compiler, "-c", "-o", f"{source}.o", source], check=True)
            subprocess.run(["ar", "rcs", archive, f"{source}.o"], check=True)
            done = subprocess.run([compiler, "-o", program, archive], check=False, capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_what_an_object_depends_on_is_of_this_tree_also_in_a_copy(self):
        compiler = os.path.join(TOP, "uapps/castle-cc")
        arguments = ["-M", "-x", "c", "-include", "castle/partition.h", "-include", "stdio.h", os.devnull]
        done = subprocess.run([compiler, *arguments], check=True, capture_output=True, text=True, cwd=TOP)
        names = done.stdout.replace("\\\n", " ").split()
        self.assertIn("include/castle/partition.h", names)
        self.assertEqual([name for name in names if name.startswith(TOP + os.sep)], [])


class Suites(unittest.TestCase):
    def test_the_document_has_the_table_of_suites_and_modes(self):
        done = subprocess.run([os.path.join(TOP, "tests/boot/run"), "--table"], check=True, capture_output=True, text=True)
        with open(os.path.join(TOP, "docs/suites.md"), encoding="utf-8") as file:
            self.assertTrue(file.read().endswith("\n\n" + done.stdout))

    def test_of_several_systems_the_first_one_is_looked_at(self):
        output = "Castle: two\n[2] hello\n[1] ok 1 - x\n[1] \n[12] [1] y\n"
        self.assertEqual(load("tests/boot/run").output_of_first(output), "Castle: two\nok 1 - x\n\n")


class PortSize(unittest.TestCase):
    def test_the_document_says_what_the_command_says(self):
        program = load("tools/port-size")
        try:
            text = program.report()
        except subprocess.CalledProcessError:
            self.skipTest("a shallow clone has no history to count in")
        for document, result in ((program.DOCUMENT, text), (program.STEPS_DOCUMENT, program.steps())):
            with open(os.path.join(TOP, document), encoding="utf-8") as file:
                self.assertIn(program.START + result + program.END, file.read())

    def test_every_file_of_the_port_has_a_step(self):
        program = load("tools/port-size")
        try:
            files = [name for name, _ in program.new_files(program.CASTLE) + program.changed_files(program.CASTLE)]
        except subprocess.CalledProcessError:
            self.skipTest("a shallow clone has no history to count in")
        self.assertEqual([name for name in files if not program.step_of(name)], [])

    def test_another_tree(self):
        """A kernel of two files and its port, which changes a line, adds two and brings a file of three."""
        before = "int one;\n/* no code */\nint two;\n"
        after = "int one;\nint three;\nint four;\nint five;\n"
        with tempfile.TemporaryDirectory() as folder:
            git = ["git", "-C", folder, "-c", "user.name=x", "-c", "user.email=x@x"]
            for name, text in (("sys/a.c", before), ("sys/b.c", before), ("user/c.c", before), ("sys/a.c", after), ("sys/smp.c", "1\n2\n3\n")):
                path = os.path.join(folder, name)
                if not os.path.exists(os.path.join(folder, ".git")):
                    subprocess.run(["git", "init", "-q", folder], check=True)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w", encoding="ascii") as file:
                    file.write(text)
                subprocess.run([*git, "add", "-A"], check=True)
                subprocess.run([*git, "commit", "-q", "-m", name], check=True)
            done = subprocess.run([os.path.join(TOP, "tools/port-size"), "--tree", folder, "--base", "HEAD~2", "--below", "sys"],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
            self.assertEqual(done.stderr, "")
            self.assertRegex(done.stdout, "took 3 lines in new files and changed 3 lines of the others; the uniprocessor kernel had 4 lines")
            self.assertIn("| `sys/a.c` | 1 | 2 | 0 |", done.stdout)
            for arguments, words in ((["--tree", folder], "--tree needs --base"), (["--tree", folder, "--base", "v9"], "there is no commit v9"),
                                     (["--tree", folder, "--base", "HEAD~2", "--below", "nothing"], "no C or assembly")):
                done = subprocess.run([os.path.join(TOP, "tools/port-size"), *arguments], stderr=subprocess.PIPE, stdout=subprocess.PIPE,
                                      text=True, check=False)
                self.assertEqual((done.returncode, words in done.stderr, done.stderr.count("\n")), (1, True, 1), done.stderr)


class ApplicationKernelSize(unittest.TestCase):
    def run_size(self, *arguments):
        return subprocess.run([os.path.join(TOP, "tools/appkern-size"), *arguments], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False)

    def test_small_and_simple_enough(self):
        done = self.run_size()
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [int(line.split()[-3]) for line in done.stdout.splitlines()[1:6]]
        self.assertEqual(sum(lines[:4]), lines[4])
        lines += [int(line.split()[-2]) for line in done.stdout.splitlines()[6:10]]
        self.assertEqual(sum(lines[4:8]), lines[8])
        parts = [int(line.split()[-2]) for line in done.stdout.splitlines()[12:16]]
        self.assertEqual(sum(parts[:3]), lines[0] + lines[1] + lines[5] + lines[7], "each file is of one part")
        self.assertLess(parts[3], parts[2])
        self.assertTrue(all(lines))
        with open(os.path.join(TOP, "docs/benchmarks.md"), encoding="utf-8") as file:
            document = file.read()
        for count in lines:
            self.assertTrue(f"| {count:,} |" in document, f"docs/benchmarks.md has no {count:,} lines")
        with open(os.path.join(TOP, "docs/porting.md"), encoding="utf-8") as file:
            document = file.read()
        for count in parts:
            self.assertTrue(f"| {count:,} |" in document, f"docs/porting.md has no {count:,} lines")

    def test_a_complex_function_is_named(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "complex.c")
            with open(path, "w", encoding="utf-8") as file:
                file.write("int tangled(int x)\n{\n" + "\tif (x > 1)\n\t\tx--;\n" * 10 + "\treturn x;\n}\n")
            done = self.run_size("--also", path)
        self.assertEqual(done.returncode, 1)
        self.assertIn("tangled in application kernel: 11", done.stderr)


def objects_of(folder):
    """The object files of a kind of kernel: paths within its folder."""
    return {os.path.relpath(os.path.join(path, name), folder)
            for path, _, names in os.walk(folder) for name in names if name.endswith(".o")}


def different_objects(one, other):
    """Which objects of `one` are missing from `other`, or not the same there to the byte."""
    def same(name):
        paths = [os.path.join(folder, name) for folder in (one, other)]
        return os.path.exists(paths[1]) and filecmp.cmp(*paths, shallow=False)
    return sorted(name for name in objects_of(one) if not same(name))


def symbols_of(*files):
    """How often each symbol is defined in these files."""
    text = subprocess.run(["nm", "--defined-only", "--format=posix", *files], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    lines = [line.split() for line in text.splitlines()]
    return collections.Counter(line[0] for line in lines if len(line) > 1 and not line[0].startswith(".L"))


def sizes_of(elf):
    """{name: size} of the global symbols of a file that have a size: functions and variables."""
    text = subprocess.run(["nm", "-g", "--print-size", elf], check=True, stdout=subprocess.PIPE, text=True).stdout
    lines = [line.split() for line in text.splitlines()]
    return {line[3]: int(line[1], 16) for line in lines if len(line) == 4}


class UniprocessorKernel(unittest.TestCase):
    """The application kernel is a driver: the kernel that it is linked to is not changed for it."""

    MULTIPROCESSOR = re.compile("apic|trampoline|giant_lock|cross_call|placement_|cpu_create|slot_table|lock_take|_locked$|ticket_|lock_domains_used")

    @classmethod
    def setUpClass(cls):
        # Apart from the build tree, where objects of sources that are gone may lie around.
        build = tempfile.mkdtemp(prefix="castle-kernels-")
        cls.addClassCleanup(shutil.rmtree, build)
        cls.plain, cls.up, cls.partition = (os.path.join(build, kind) for kind in ("kernel-plain", "kernel-up", "kernel-partition"))
        environment = {name: value for name, value in os.environ.items()
                       if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
        subprocess.run(["make", "-s", "-C", TOP, f"BUILD={build}",
                        *(os.path.join(folder, "castle.elf") for folder in (cls.plain, cls.up, cls.partition))],
                       check=True, env=environment, stdout=subprocess.DEVNULL)

    def test_objects_are_the_same_with_and_without_the_driver(self):
        self.assertGreater(len(objects_of(self.plain)), 50)
        self.assertEqual(different_objects(self.plain, self.up), [])

    def test_nothing_of_the_lock_order_checker_without_debug(self):
        checker = re.compile("lock_(order|graph|report|trace|class)|_lock_class|held_locks")
        self.assertEqual([name for name in symbols_of(os.path.join(self.up, "castle.elf")) if checker.search(name)], [])

    def test_a_difference_would_be_found(self):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(self.up, folder, dirs_exist_ok=True)
            changed = os.path.join(folder, "kernel/boot/main.o")
            with open(changed, "r+b") as file:
                file.seek(-1, os.SEEK_END)
                last = file.read(1)[0]
                file.seek(-1, os.SEEK_END)
                file.write(bytes([last ^ 1]))
            os.remove(os.path.join(folder, "kernel/lib/string.o"))
            self.assertEqual(different_objects(self.plain, folder),
                             ["kernel/boot/main.o", "kernel/lib/string.o"])

    def test_the_driver_is_all_that_is_added(self):
        if not os.path.isdir(os.path.join(TOP, "kernel/appkern")):
            self.skipTest("there is no application kernel")
        added = [os.path.join(self.up, name) for name in objects_of(self.up) - objects_of(self.plain)]
        plain, up = (symbols_of(os.path.join(folder, "castle.elf")) for folder in (self.plain, self.up))
        self.assertEqual(plain - up, collections.Counter())
        self.assertEqual(up - plain, symbols_of(*added))

    def test_a_partition_runs_the_same_objects(self):
        added = [os.path.join(self.partition, name) for name in objects_of(self.partition)]
        added += [os.path.join(self.up, f"arch/ia32/smp/{name}.o") for name in ("apic", "delay")]
        self.assertEqual([name for name in objects_of(self.partition) if not name.startswith("kernel/partition/inside/")], [])
        plain, partition = (symbols_of(os.path.join(folder, "castle.elf")) for folder in (self.plain, self.partition))
        self.assertEqual(plain - partition, collections.Counter())
        self.assertEqual(partition - plain, symbols_of(*added))
        sizes, inside = (sizes_of(os.path.join(folder, "castle.elf")) for folder in (self.plain, self.partition))
        self.assertGreater(len(sizes), 300)
        self.assertEqual({name: size for name, size in sizes.items() if inside.get(name) != size}, {})

    def test_a_partition_of_several_runs_the_giant_lock_kernels_objects(self):
        kernel, inside = (os.path.join(TOP, "build", kind) for kind in ("kernel", "kernel-partition-smp"))
        with open(os.path.join(kernel, "objects"), encoding="utf-8") as file:
            makes_partitions = [os.path.join(TOP, name) for name in file.read().split()
                                if "/kernel/partition/" in name or name.endswith("/partitioned.o")]
        own = set(symbols_of(*makes_partitions))
        sizes, sizes_inside = (sizes_of(os.path.join(folder, "castle.elf")) for folder in (kernel, inside))
        self.assertGreater(len(sizes), 600)
        self.assertEqual({name: size for name, size in sizes.items() if name not in own and sizes_inside.get(name) != size}, {})
        self.assertEqual([name for name in ("partition_start", "partition_load") if name in sizes_inside], [])

    def test_the_plain_kernel_has_nothing_of_other_processors(self):
        self.assertEqual([name for name in objects_of(self.plain) if "smp/" in name], [])
        self.assertEqual([name for name in symbols_of(os.path.join(self.plain, "castle.elf"))
                          if self.MULTIPROCESSOR.search(name)], [])


class Organisations(unittest.TestCase):
    """What is read from the kernel's source is what the kernel does, and what the documents say."""

    def test_the_images_have_those_of_the_list(self):
        for image in (organisations.ALL, organisations.UNIPROCESSOR):
            names = ", ".join(one.name for one in organisations.of_image(image))
            done = subprocess.run([os.path.join(TOP, "tools/run"), "--iso", os.path.join(TOP, image), "--cmdline", "mode=x"],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
            self.assertIn(f'bad value "x" of key mode; valid values are {names}\n', done.stdout)

    def test_a_name_stands_in_its_own_file_alone(self):
        for one in organisations.organisations():
            found = subprocess.run(["grep", "-rlE", f'"{one.name}"|mode={one.name}\\b', "kernel", "arch", "boot", "include", "iso",
                                    "Makefile", "linker.ld", "tools", "lab/model.py", "lab/matrix.py", "tests/boot/run"],
                                   cwd=TOP, stdout=subprocess.PIPE, text=True, check=False).stdout.split()
            self.assertEqual([name for name in found if name not in COMPARISONS | OTHER_MEANINGS], [one.file])

    def test_the_documents_have_the_table(self):
        program = load("tools/organisations")
        for name in program.DOCUMENTS:
            with open(os.path.join(TOP, name), encoding="utf-8") as file:
                text = file.read()
            self.assertEqual(text, program.with_table(text), f"{name}: tools/organisations --write")
            self.assertIn(program.table(), text)

    def test_a_mode_that_is_not_there_is_refused_with_the_list(self):
        done = subprocess.run(["make", "-s", "-C", TOP, "run", "MODE=sideways", "RUN=true"], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("no mode sideways; it has " + ", ".join(one.name for one in organisations.of_image("castle.iso")),
                      done.stdout)


class Suites(unittest.TestCase):
    @staticmethod
    def boots():
        """Three organisations, whatever others the kernel has."""
        made = [organisations.Organisation(number, name, name, "", "", processors, domains, file)
                for number, (name, processors, domains, file) in enumerate((
                    ("giantlock", "ALL", ("kernel",), "kernel/smp/giantlock.c"), ("up", "ONE", (), "kernel/up.c"),
                    ("appkern", "OTHERS", ("driver",), "kernel/appkern.c")))]
        return organisations.boots_of(made)

    def suite(self, text):
        program = load("tests/boot/run")
        program.boots = self.boots
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "s.suite")
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
            return program, program.Suite(path)

    def names(self, text, debug=False, full=False):
        program, suite = self.suite(text)
        return [program.run_name(suite, run, debug) for run in suite.runs(debug, full)]

    def test_every_mode_and_number_of_cpus(self):
        self.assertEqual(self.names("run = a\n"),
                         ["s.giantlock.1", "s.giantlock.2", "s.giantlock.4", "s.giantlock.8", "s.up.1", "s.up.4",
                          "s.appkern.2", "s.appkern.3", "s.appkern.8", "s.smp0", "s.smp0-appkern"])
        self.assertEqual(self.names("smp = 8,sockets=8\nmachine = qemu icount\nmodes = giantlock\n"),
                         ["s.giantlock.8", "s.giantlock.icount"])

    def test_where_processors_run_the_kernel_at_once(self):
        made = [organisations.Organisation(number, name, name, "", "", "ALL", domains, f"kernel/smp/{name}.c")
                for number, (name, domains) in enumerate((("giantlock", ("kernel",)), ("many", ("kernel", "files"))))]
        self.boots = lambda: organisations.boots_of(made)
        giant = ["s.giantlock.1", "s.giantlock.2", "s.giantlock.4", "s.giantlock.8"]
        many = [name.replace("giantlock", "many") for name in giant]
        self.assertEqual(self.names("run = a\n"), giant)
        self.assertEqual(self.names("run = a\noverlap = yes\n"), giant + ["s.many.4"])
        self.assertEqual(self.names("run = a\n", full=True), giant + many)
        self.assertEqual(self.names("run = a\nmodes = many\nsmp = 2 8\n"), ["s.many.2", "s.many.8"])
        self.assertEqual(self.names("run = a\noverlap = yes\n", debug=True), ["s.giantlock.4.debug", "s.many.4.debug"])

    def test_the_application_kernel_beside_both_kernels(self):
        self.assertEqual(self.names("modes = appkern smp0-appkern\n"),
                         ["s.appkern.2", "s.appkern.3", "s.appkern.8", "s.smp0-appkern"])
        self.assertEqual(self.names("modes = appkern smp0-appkern\nsmp = 4\nmachine = bochs\n"),
                         ["s.appkern.4.bochs", "s.smp0-appkern.bochs"])

    def test_the_lock_order_checker_is_there_where_locks_are(self):
        self.assertEqual(self.names("run = a\n", True), ["s.giantlock.4.debug", "s.appkern.3.debug"])
        for text in ("machine = icount\n", "status = 3\n"):
            self.assertEqual(self.names(text, True), [])
        self.assertEqual(self.names("smp = 2\ndebug = only\n", True),
                         ["s.giantlock.2.debug", "s.up.2.debug", "s.appkern.2.debug", "s.smp0.debug",
                          "s.smp0-appkern.debug"])
        self.assertEqual(len(self.names("run = a\n", True, True)), len(self.names("run = a\n")))

    def test_suites_with_and_without_the_lock_order_checker(self):
        for text, wanted in (("run = a\n", [True, True]), ("debug = no\n", [True, False]),
                             ("debug = only\n", [False, True])):
            suite = self.suite(text)[1]
            self.assertEqual([suite.is_for(False), suite.is_for(True)], wanted)

    def test_a_report_of_the_lock_order_checker_fails_a_suite(self):
        for text, wanted in (("tap = no\n", ["the lock-order checker reports"]), ("debug = only\n", [])):
            program, suite = self.suite(text)
            self.assertEqual(program.failures_of(suite, "a\nLOCKS: b\n", 0), wanted)
            self.assertEqual(program.failures_of(suite, "a LOCKS: b\n", 0), [])

    def test_a_command_line_is_tried_once(self):
        self.assertEqual(self.names("cmdline = a=b\n"), ["s.giantlock.1"])

    def test_few_numbers_of_cpus(self):
        text = "run = a\ncpus = few\n"
        self.assertEqual(self.names(text), ["s.giantlock.4", "s.up.4", "s.appkern.3", "s.smp0", "s.smp0-appkern"])
        self.assertEqual(self.names(text, full=True), self.names("run = a\n"))

    def test_runs_with_too_many_cpus_are_left_out(self):
        self.assertEqual(self.names("smp = 15 32\nmachine = bochs\nmodes = up giantlock\n"),
                         ["s.up.15.bochs", "s.giantlock.15.bochs"])


def main():
    suite = unittest.defaultTestLoader.discover(HERE)
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=1).run(suite)
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed} passed, {failed} failed")
    return 1 if failed or not result.testsRun else 0


if __name__ == "__main__":
    sys.exit(main())
