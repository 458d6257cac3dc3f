"""QEMU's PC."""
import os
import subprocess

from machines import boot_image
from machines.machine import (Machine, Refused, STATUS_MACHINE_FAILED, STATUS_NO_VERDICT)
from machines.organisations import is_peer

BATCH = ["-serial", "stdio"]
INTERACTIVE = ["-serial", "mon:stdio"]
# In GRUB's configuration; of one length, for the image says where each file ends.
MENU_WAITS, MENU_WAITS_NOT = b"set timeout=1\n", b"set timeout=0\n"


class Qemu(Machine):
    """CPUs are threads of the host."""

    name = "qemu"
    program = "qemu-system-i386"

    def impatient_image(self, directory):
        """A copy of the image whose menu does not wait a second for somebody to choose; of Linux's, one with the command
        line, which it does not take from fw_cfg."""
        path = os.path.join(directory, "castle.iso")
        if is_peer(self.options.iso):
            boot_image.write(self.options.iso, path, self.kernel_command_line(), os.path.join(directory, "files"))
            return path
        with open(self.options.iso, "rb") as original, open(path, "wb") as copy:
            copy.write(original.read().replace(MENU_WAITS, MENU_WAITS_NOT))
        return path

    def command(self, directory, serial=None, iso=None):
        path = os.path.join(directory, "cmdline")
        with open(path, "w", encoding="ascii") as file:
            file.write(self.kernel_command_line())
        options = self.options
        return [
            self.program, "-cdrom", iso or options.iso, "-boot", "d", "-m", str(options.mem),
            "-smp", options.smp, "-display", "none", "-no-reboot", *(serial or BATCH),
            "-nic", "none", "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
            "-fw_cfg", f"name=opt/castle/cmdline,file={path}",
            *(["-monitor", "none"] if serial != INTERACTIVE else []),
            *(["-serial", f"file:{options.com2 or options.trace}"] if options.com2 or options.trace else []),
            *(["-cpu", options.cpu] if options.cpu else []),
            *self.accelerator(), *options.qemu,
        ]

    def accelerator(self):
        return ["-accel", self.options.accel or "tcg"]

    def start(self, directory):
        child = self.spawn(self.command(directory, iso=self.impatient_image(directory)), stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, start_new_session=True)
        return child, child.stdout

    def start_interactive(self, directory):
        return self.spawn(self.command(directory, INTERACTIVE)), None

    def debugged(self, directory, socket, console):
        """The command that waits for GDB at `socket`; the console is a terminal, recorded in `console`."""
        return self.command(directory, [
            "-chardev", f"pty,id=console,logfile={console}", "-serial", "chardev:console",
            "-S", "-gdb", f"unix:{socket},server=on,wait=off"])

    def status(self, code, verdict):
        """isa-debug-exit makes 2 s + 1 of the status s; 1 is QEMU's own failure. A power-off is 0, and
        so is a reset, which only the kernel's last line tells apart."""
        if code == 0:
            return 0 if verdict == 0 else STATUS_NO_VERDICT
        if code > 1 and code % 2:
            return code >> 1
        return STATUS_MACHINE_FAILED


class Icount(Qemu):
    """An instruction a cycle and one CPU: a run repeats exactly."""

    name = "icount"

    def check(self):
        if self.options.cpus != 1:
            raise Refused("--machine icount has one CPU")
        if self.options.accel:
            raise Refused("--machine icount takes no --accel: it counts instructions in software")

    def accelerator(self):
        return ["-accel", "tcg", "-icount", "shift=0,sleep=off", "-rtc", "base=2020-01-01,clock=vm"]
