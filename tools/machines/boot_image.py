"""Copies of castle.iso that boot at once, with a kernel command line of their own: for machines that,
unlike QEMU, have no other way to hand one to the kernel."""
import fnmatch
import os
import re
import shutil
import subprocess

from machines.machine import Refused

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PACKAGE = re.compile(r"^module2 (/boot/packages/\S+) package (\S+)$")
MODULES = re.compile(r"^(module2 \S+ modules) (\d+)$")
IN_A_FOLDER = 12  # programs: the boot loader reads all names of a folder that come before the one it looks for
# What GRUB escapes with a backslash when it puts the words together, and the kernel does not know.
ESCAPED = "'\"\\"


def words_of(line):
    """The words of a kernel command line, without quotes, as kernel/boot/options.c reads them."""
    words, word, quoted = [], None, False
    for character in line:
        if character == " " and not quoted:
            if word is not None:
                words.append(word)
            word = None
            continue
        word = word or ""
        if character == '"':
            quoted = not quoted
        else:
            word += character
    return words + ([word] if word is not None else [])


def grub_word(word):
    """A word as GRUB's language wants it; GRUB itself puts double quotes around one with spaces."""
    for character in word:
        if character in ESCAPED or not " " <= character <= "~":
            raise Refused(f"GRUB cannot hand {character!r} to the kernel, in: {word}")
    return f"'{word}'"


def grub_configuration(original, line):
    """A configuration that boots at once, with the modules of `original`, where several entries of the
    menu may name the same. An image of Linux has a command line that begins already. The machine shows text: that is said
    last, since multiboot2 sets it to the framebuffer that the kernel's header asks for."""
    lines = dict.fromkeys(line.strip() for line in original.splitlines())
    modules = [line for line in lines if line.startswith(("module2 ", "initrd "))]
    kernel = next((line for line in lines if line.startswith("linux ")), "multiboot2 /boot/castle.elf").split()
    kernel += [grub_word(word) for word in words_of(line)]
    return "\n".join(["serial --unit=0 --speed=115200", "terminal_output console serial",
                      " ".join(kernel), *modules, "set gfxpayload=text", "boot", ""])


def quietly(*command):
    """Runs a command; what it said is shown if it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise Refused(done.stdout.decode("utf-8", "replace").strip() or f"{command[0]} failed")


def leave_out(text, patterns):
    """The configuration `text` without the programs whose names are of these patterns. The first module says how many follow."""
    lines = text.splitlines()
    kept = [line for line in lines
            if not (found := PACKAGE.match(line)) or not any(fnmatch.fnmatchcase(found.group(2), pattern) for pattern in patterns)]
    fewer = len(lines) - len(kept)
    return "\n".join(MODULES.sub(lambda found: f"{found.group(1)} {int(found.group(2)) - fewer}", line) for line in kept) + "\n"


def spread(text, work):
    """The configuration `text` with the programs in folders of a few, and the files of `work` moved there: an eighth of the boot
    loader's time. Programs that are named nowhere go."""
    lines, number = text.splitlines(), 0
    for index, line in enumerate(lines):
        found = PACKAGE.match(line)
        if found:
            path = f"/boot/p/{number // IN_A_FOLDER}/{found.group(2)}"
            os.makedirs(os.path.dirname(work + path), exist_ok=True)
            os.rename(work + found.group(1), work + path)
            lines[index], number = f"module2 {path} package {found.group(2)}", number + 1
    shutil.rmtree(os.path.join(work, "boot/packages"), ignore_errors=True)
    return "\n".join(lines) + "\n"


def write(iso, output, line, work, without=()):
    """Copies the image `iso` to `output`, with the kernel command line `line`, but not the programs whose names are of the patterns
    `without`; the same bytes for the same input. `work` is a folder that does not exist yet."""
    quietly("xorriso", "-report_about", "FAILURE", "-osirrox", "on", "-indev", iso, "-extract", "/",
            work)
    path = os.path.join(work, "boot/grub/grub.cfg")
    if not os.path.exists(path):
        raise Refused(f"{iso} is not an image of Castle: it has no boot/grub/grub.cfg")
    with open(path, encoding="ascii") as file:
        text = grub_configuration(file.read(), line)
    text = spread(leave_out(text, without), work)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    quietly(os.path.join(TOP, "iso/write-iso"), work, output)
