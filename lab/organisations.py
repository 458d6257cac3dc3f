"""The organisations of the kernel, as tools/organisations lists them."""
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tools"))
from machines.organisations import Boot, boots  # noqa: E402

__all__ = ["Boot", "boots", "is_application", "is_uniprocessor"]


def is_uniprocessor(mode: str) -> bool:
    """One processor runs programs, however many there are."""
    return boots()[mode].organisation.processors == "ONE"


def is_application(mode: str) -> bool:
    """The first processor runs the kernel and no programs."""
    return boots()[mode].organisation.processors == "OTHERS"
