"""The machines that Castle runs in, by name."""
from machines.bochs import Bochs
from machines.qemu import Icount, Qemu

MACHINES = {machine.name: machine for machine in (Qemu, Icount, Bochs)}
