"""What is in a boot image, as far as the runner must know: the programs."""
import functools
import os
import re
import subprocess
from typing import Optional


@functools.cache
def programs_in(path: str) -> Optional[frozenset[str]]:
    """The names of the programs in an image; None if that cannot be told."""
    try:
        done = subprocess.run(["xorriso", "-report_about", "FATAL", "-indev", path, "-find", "/boot/packages"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    except OSError:
        return None
    names = re.findall(r"^'/boot/packages/(.+)'$", done.stdout.decode("utf-8", "replace"), re.M)
    return frozenset(map(os.path.basename, names)) or None


def absent_from(path: str, programs: list[str]) -> list[str]:
    """Which of these programs an image has not; those that are named by a path are files, and not looked for."""
    present = programs_in(path)
    if present is None:
        return []
    return [name for name in dict.fromkeys(programs) if "/" not in name and name not in present]
