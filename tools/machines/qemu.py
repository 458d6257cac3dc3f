"""QEMU's PC."""
import os
import subprocess

from machines import boot_image, resume
from machines.machine import (Machine, Refused, STATUS_MACHINE_FAILED, STATUS_NO_VERDICT)
from machines.organisations import is_peer

BATCH = ["-serial", "stdio"]
INTERACTIVE = ["-serial", "mon:stdio"]
# In GRUB's configuration; of one length, for the image says where each file ends.
MENU_WAITS, MENU_WAITS_NOT = b"set timeout=1\n", b"set timeout=0\n"
# GRUB, in the folder that make netboot makes.
BOOT_FILE = "castle.0"
# The event that tells a machine that is switched off from one that is reset: QEMU ends with 0 after either.
SWITCHED_OFF = "qemu_system_shutdown_request"


class Qemu(Machine):
    """CPUs are threads of the host."""

    name = "qemu"
    program = "qemu-system-i386"

    def __init__(self, options):
        super().__init__(options)
        self.events = None

    def check(self):
        if self.options.accel == "kvm" and not os.access("/dev/kvm", os.R_OK | os.W_OK):
            raise Refused("--accel kvm: this machine has no /dev/kvm, or it is not yours to use; without --accel, "
                          "QEMU translates")

    def impatient_image(self, directory):
        """A copy of the image whose menu does not wait a second for somebody to choose; of Linux's, one with the command
        line, which it does not take from fw_cfg; and one without some programs, if those are to be left out."""
        path = os.path.join(directory, "castle.iso")
        if is_peer(self.options.iso):
            boot_image.write(self.options.iso, path, self.kernel_command_line(), os.path.join(directory, "files"))
            return path
        if self.options.without:
            boot_image.write(self.options.iso, path, "", os.path.join(directory, "files"), self.options.without)
            return path
        with open(self.options.iso, "rb") as original, open(path, "wb") as copy:
            copy.write(original.read().replace(MENU_WAITS, MENU_WAITS_NOT))
        return path

    def command(self, directory, serial=None, iso=None):
        path, self.events = os.path.join(directory, "cmdline"), os.path.join(directory, "events")
        with open(path, "w", encoding="ascii") as file:
            file.write(self.kernel_command_line())
        options = self.options
        return [
            self.program, *self.boot_from(iso or options.iso), "-m", str(options.mem),
            "-smp", options.smp, "-display", "none", *(serial or BATCH), *([] if serial == INTERACTIVE else ["-no-reboot"]),
            "-nic", "none", "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
            "-fw_cfg", f"name=opt/castle/cmdline,file={path}",
            *(["-monitor", "none"] if serial != INTERACTIVE else []),
            *(["-serial", f"file:{options.com2 or options.trace}"] if options.com2 or options.trace else []),
            *(["-cpu", options.cpu] if options.cpu else []),
            "-trace", f"enable={SWITCHED_OFF},file={self.events}",
            *self.accelerator(), *self.cards(), *options.qemu,
        ]

    def boot_from(self, iso):
        return ["-boot", "n"] if self.options.netboot else ["-cdrom", iso, "-boot", "d"]

    def cards(self):
        """Ethernet cards. Their addresses are in nobody's range, and tell machine and card."""
        arguments = []
        netboot = self.options.netboot
        server = [f"user,tftp={netboot},bootfile={BOOT_FILE}"] if netboot else []
        for number, backend in enumerate(server + self.options.net):
            arguments += ["-netdev", f"{backend},id=net{number}", "-device",
                          f"e1000,netdev=net{number},mac=52:54:00:00:{self.options.node:02x}:{number:02x}"]
        return arguments

    def accelerator(self):
        return ["-accel", self.options.accel or "tcg"]

    def resumed(self, directory):
        """The command that starts where the boot loader left a machine like this; None if it must boot."""
        options = self.options
        if not options.resume or options.netboot or options.com2 or options.trace or is_peer(options.iso):
            return None
        # Of what is behind a card, its kind alone is part of the machine: QEMU saves that of "user", too.
        devices = [word if word.startswith("e1000") else word.split(",")[0] for word in self.cards()]
        key = [options.smp, str(options.mem), options.cpu or "", *self.accelerator(), *devices, *options.qemu]
        path = resume.saved(self, options.resume, options.iso, key,
                            lambda: self.command(directory, iso=self.impatient_image(directory)))
        return path and [*self.command(directory), "-incoming", f"exec:cat '{path}'"]

    def start(self, directory):
        command = self.resumed(directory) or self.command(directory, iso=self.impatient_image(directory))
        child = self.spawn(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True)
        return child, child.stdout

    def start_script(self, directory):
        """As start(), with a third thing: a file that takes what is typed at the console."""
        child = self.spawn(self.command(directory, iso=self.impatient_image(directory)), stdin=subprocess.PIPE,
                           stdout=subprocess.PIPE, start_new_session=True)
        return child, child.stdout, child.stdin

    def start_interactive(self, directory):
        return self.spawn(self.command(directory, INTERACTIVE)), None

    def debugged(self, directory, socket, console):
        """The command that waits for GDB at `socket`; the console is a terminal, recorded in `console`."""
        return self.command(directory, [
            "-chardev", f"pty,id=console,logfile={console}", "-serial", "chardev:console",
            "-S", "-gdb", f"unix:{socket},server=on,wait=off"])

    def was_reset(self):
        """Whether nobody switched the machine off, as far as QEMU says."""
        if not self.events or not os.path.exists(self.events):
            return False
        with open(self.events, encoding="utf-8", errors="replace") as file:
            return SWITCHED_OFF not in file.read()

    def status(self, code, verdict):
        """isa-debug-exit makes 2 s + 1 of the status s; 1 is QEMU's own failure. A power-off is 0, and
        so is a reset, which the kernel's last line tells apart, and QEMU's event if it comes after that."""
        if code == 0:
            return 0 if verdict == 0 and not self.was_reset() else STATUS_NO_VERDICT
        if code > 1 and code % 2:
            return code >> 1
        return STATUS_MACHINE_FAILED


class Icount(Qemu):
    """An instruction a cycle and one CPU: a run repeats exactly."""

    name = "icount"

    def check(self):
        super().check()
        if self.options.cpus != 1:
            raise Refused("--machine icount has one CPU")
        if self.options.accel:
            raise Refused("--machine icount takes no --accel: it counts instructions in software")

    def accelerator(self):
        return ["-accel", "tcg", "-icount", "shift=0,sleep=off", "-rtc", "base=2020-01-01,clock=vm"]
