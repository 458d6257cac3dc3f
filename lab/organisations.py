"""The organisations of the kernel, as tools/organisations lists them."""
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tools"))
from machines.organisations import Boot, boots  # noqa: E402

__all__ = ["EACH", "EVERY", "Boot", "boots", "image_of", "is_application", "is_peer", "is_uniprocessor", "modes_of", "multiprocessor_modes", "peer_images", "PEERS", "spared"]

# In an experiment, in place of a kernel's name: each mode in which programs run on several processors.
EACH = "modes"
# The same, and each in which every processor has a system of its own.
EVERY = "every"

# Other systems, which `make lab PEERS=linux` builds and measures beside Castle (lab/peers): kernel, title, image, whether
# it is a uniprocessor kernel.
PEERS = {"linux": ("Linux 6.1 SMP", "build/peers/linux-smp.iso", False),
         "linux-up": ("Linux 6.1 UP", "build/peers/linux-up.iso", True)}


# Of several processors, the first does nothing but devices.
WITHOUT_PROGRAMS_ON_FIRST = ("ioproc",)


def is_peer(mode: str) -> bool:
    return mode in PEERS


def peer_images() -> list[str]:
    return [image for _, image, _ in PEERS.values()]


def image_of(mode: str) -> str:
    """The image that has a mode, or is another system."""
    return PEERS[mode][1] if is_peer(mode) else boots()[mode].image


def multiprocessor_modes() -> list[str]:
    """Those in which programs run on several processors."""
    return [name for name, boot in boots().items() if boot.organisation.is_parallel and boot.image == "castle.iso"]


def modes_of(word: str) -> list[str]:
    """What EACH and EVERY stand for."""
    divided = [name for name, boot in boots().items() if boot.organisation.is_divided and boot.image == "castle.iso"]
    return multiprocessor_modes() + (divided if word == EVERY else [])


def is_uniprocessor(mode: str) -> bool:
    """One processor runs programs, however many there are."""
    return PEERS[mode][2] if is_peer(mode) else boots()[mode].organisation.processors == "ONE"


def is_application(mode: str) -> bool:
    """The first processor runs the kernel and no programs."""
    return not is_peer(mode) and boots()[mode].organisation.processors == "OTHERS"


def spared(mode: str, cpus: int) -> int:
    """How many of the processors run no programs, of those that could."""
    return 1 if is_application(mode) or (mode in WITHOUT_PROGRAMS_ON_FIRST and cpus > 1) else 0
