"""Bochs's PC: an instruction a cycle, with up to 15 CPUs that advance together. A run repeats to the
cycle."""
import os
import pty
import shutil
import subprocess
import tty

from machines import boot_image
from machines.machine import (Machine, Refused, STATUS_MACHINE_FAILED, STATUS_NO_VERDICT)

CPUS_MAX = 15  # with 16, Bochs runs out of timers
DEFAULT_CPU = "p4_willamette"
TIME = 946684800  # 2000-01-01, the clock at every start
LOG_BEGIN, LOG_END = b"CASTLETR", b"TRACEEND"  # castle/trace.h
# What Bochs calls its failure, but is the kernel's: QEMU resets the machine then.
TRIPLE_FAULT = "exception with no resolution"

# Names of files are relative to the run's folder, and so neither too long for Bochs nor full of
# characters that its language knows. Without the drivers called dummy, Bochs looks for a sound card
# and, where there is none, aborts as often as not. The display is SDL's, whose driver of that name
# needs neither screen nor port (environment(), below). Time is that of the cycle counter alone; a
# user at the console, though, has one of his own, and waits.
CONFIGURATION = """\
cpu: model={cpu}, count={cpus}, quantum=5, ips=50000000, reset_on_triple_fault=0, ignore_bad_msrs=1
memory: guest={mem}, host={mem}
romimage: file=$BXSHARE/BIOS-bochs-latest, options=fastboot
vgaromimage: file=$BXSHARE/VGABIOS-lgpl-latest
vga: update_freq=1, realtime=0
pci: enabled=1, chipset=i440fx{card}
ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
ata0-master: type=cdrom, path=castle.iso, status=inserted
boot: cdrom
clock: sync={sync}, time0={time}
com1: enabled=1, mode={serial_mode}, dev={serial}
{com2}{debug_port}sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy
display_library: sdl2
panic: action=fatal
log: log
"""


# Bochs's own networks: one that answers by itself, in the machine's time, and a wire with nobody at its end.
NETWORKS = ("vnet", "null")
CARD = """, slot1=e1000
e1000: enabled=1, mac=52:54:00:00:{node:02x}:00, ethmod={network}, ethdev=."""


class Bochs(Machine):
    name = "bochs"
    program = "bochs"

    def __init__(self, options):
        super().__init__(options)
        self.directory = None

    def check(self):
        options = self.options
        if options.cpus > CPUS_MAX:
            raise Refused(f"--machine bochs has at most {CPUS_MAX} CPUs, not {options.cpus}")
        if options.smp != str(options.cpus):
            raise Refused("--machine bochs takes a number of CPUs, not a layout like QEMU's")
        if options.accel or options.qemu:
            raise Refused("--accel and --qemu are for QEMU, not for --machine bochs")
        if len(options.net) > 1 or not set(options.net) <= set(NETWORKS):
            raise Refused(f"--machine bochs has one card at most, with --net {' or --net '.join(NETWORKS)}")
        for word in boot_image.words_of(self.kernel_command_line()):
            boot_image.grub_word(word)

    def configuration(self, serial_mode, serial):
        options = self.options
        return CONFIGURATION.format(
            card="".join(CARD.format(node=options.node, network=network) for network in options.net),
            cpu=options.cpu or DEFAULT_CPU, cpus=options.cpus, mem=options.mem, time=TIME,
            sync="slowdown" if options.interactive else "none", serial_mode=serial_mode,
            serial=serial, com2="com2: enabled=1, mode=file, dev=com2\n" if options.com2 else "",
            debug_port="port_e9_hack: enabled=1\n" if options.trace else "")

    def prepare(self, directory, serial_mode, serial):
        """Fills the run's folder; the command that runs it, in that folder."""
        self.directory = directory
        boot_image.write(self.options.iso, os.path.join(directory, "castle.iso"),
                         self.kernel_command_line(), os.path.join(directory, "files"), self.options.without)
        with open(os.path.join(directory, "bochsrc"), "w", encoding="ascii") as file:
            file.write(self.configuration(serial_mode, serial))
        # Debian's Bochs has its debugger built in, which waits to be told to continue.
        with open(os.path.join(directory, "continue"), "w", encoding="ascii") as file:
            file.write("c\n")
        return [self.program, "-q", "-f", "bochsrc", "-rc", "continue"]

    def launch(self, command, **how):
        with open(os.path.join(self.directory, "said"), "wb") as said:
            return self.spawn(command, cwd=self.directory, env=self.environment(),
                              stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                              start_new_session=True, **how)

    def environment(self):
        """Nothing of the caller's that could make one run differ from another."""
        return {"PATH": os.environ.get("PATH", os.defpath), "HOME": self.directory, "LC_ALL": "C",
                "SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}

    def start(self, directory):
        """The serial line's file is a pipe that ends when Bochs does."""
        reader, writer = os.pipe()
        try:
            child = self.launch(self.prepare(directory, "file", f"/dev/fd/{writer}"),
                                pass_fds=[writer])
        finally:
            os.close(writer)
        return child, os.fdopen(reader, "rb", buffering=0)

    def start_script(self, directory):
        """Without a terminal's echo, the line's other end takes what is typed and gives what is printed."""
        child, console = self.start_interactive(directory)
        tty.setraw(console)
        return child, os.fdopen(console, "rb", buffering=0), os.fdopen(os.dup(console), "wb", buffering=0)

    def start_interactive(self, directory):
        """The serial line is a terminal, of which the user gets the other end. This process keeps the
        line open, too, until Bochs has opened it."""
        console, line = pty.openpty()
        return self.launch(self.prepare(directory, "term", os.ttyname(line))), console

    def finish(self):
        """Names of files are relative to the run's folder: these go where they are wanted."""
        received = os.path.join(self.directory, "com2")
        if self.options.com2 and os.path.exists(received):
            shutil.copyfile(received, self.options.com2)
        if self.options.trace:
            self.save_log()

    def save_log(self):
        """The event log is among what Bochs said: it goes there at once, and over COM2 as slowly as on a wire."""
        with open(os.path.join(self.directory, "said"), "rb") as said, open(self.options.trace, "wb") as log:
            _, magic, rest = said.read().partition(LOG_BEGIN)
            events, end, _ = rest.rpartition(LOG_END)
            log.write(magic + (events + end if end else rest))

    def status(self, code, verdict):
        """Bochs exits with 1, whatever happened. A triple fault is a reset, even of a kernel that said before that all is well."""
        complaint = self.complaint()
        if verdict is not None and not any(TRIPLE_FAULT in line for line in complaint):
            return verdict
        failed = code < 0 or any(TRIPLE_FAULT not in line for line in complaint)
        return STATUS_MACHINE_FAILED if failed else STATUS_NO_VERDICT

    def complaint(self):
        lines = []
        for name in ("said", "log"):
            path = os.path.join(self.directory, name)
            if os.path.exists(path):
                with open(path, encoding="utf-8", errors="replace") as file:
                    lines += [line.strip() for line in file if is_failure(line)]
        return list(dict.fromkeys(lines))


def is_failure(line):
    """Whether a line that Bochs wrote says that it failed."""
    return ">>PANIC<<" in line or "***: terminated" in line
