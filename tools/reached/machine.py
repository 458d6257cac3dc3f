"""Builds the plugin, and keeps the records: one for each kind of kernel, build/coverage/KIND, which every machine that boots
that kernel adds to."""
import os

from coherence.machine import build_plugin
from reached.elf import TOP, Elf

FOLDER = os.path.dirname(os.path.abspath(__file__))
# The kernel that an image has, by the image's name.
KERNELS = {"castle": "kernel", "castle-up": "kernel-up", "castle-debug": "kernel-debug",
           "castle-up-debug": "kernel-up-debug"}
# Where it names a build, tools/run records what it boots, whoever has it do so.
VARIABLE = "CASTLE_RECORD"
PLANES = 3  # ran, jumped, went on (plugin.c)
ENTRY_LENGTH = 16


def plugin(build):
    """The plugin, built if need be."""
    sources = [os.path.join(FOLDER, "plugin.c"), os.path.join(TOP, "tools/coherence/qemu_plugin.h")]
    return build_plugin(sources, os.path.join(build, "coverage", "plugin.so"))


def record_of(build, kernel):
    return os.path.join(os.path.abspath(build), "coverage", kernel)


def start(build, kernel, keep=False, path=None):
    """An empty record of a kernel, unless one of the same length is to be kept."""
    path = path or record_of(build, kernel)
    size = PLANES * len(Elf(os.path.join(build, kernel, "castle.elf")).sections[".text"])
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "r+b" if keep and os.path.exists(path) else "wb") as file:
        file.truncate(size)


def arguments(build, image, path=None):
    """What QEMU is told to record the kernel of an image."""
    kernel = KERNELS[image]
    elf = Elf(os.path.join(build, kernel, "castle.elf"))
    text, base = elf.sections[".text"], elf.addresses[".text"]
    code = text[elf.entry - base:elf.entry - base + ENTRY_LENGTH].hex()
    return ["-plugin", f"{plugin(build)},text={base:x},size={len(text):x},entry={elf.entry:x},code={code},"
                       f"record={path or record_of(build, kernel)}"]


def from_environment(iso):
    """arguments() for one of the build's images, if all that runs is to be recorded; else none."""
    build, image = os.environ.get(VARIABLE), os.path.splitext(os.path.basename(iso))[0]
    return arguments(build, image) if build and image in KERNELS else []
