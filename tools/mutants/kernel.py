"""Makes an image of a mutant: compiles what its file is part of, links that with the objects that are there already, and puts
the kernel into a copy of the image's files."""
import os
import re
import shlex
import shutil
import subprocess

from mutants import TOP, Unfit, rules

LARGE = ("tcc", "lua", "gzip", "fft", "lu", "radix", "ukratio", "whole_programs", "postmark", "multiprogramming", "pairs", "fuzz")


def run(*command):
    return subprocess.run(command, cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


class Kitchen:
    """Where the mutants of one kind of kernel are made: `kernel` is its folder in the build, `image` the name of its image."""

    def __init__(self, options, kernel, image):
        self.options, self.image = options, image
        self.objects_folder = os.path.join(options.build, kernel)
        self.folder = os.path.join(os.path.abspath(options.build), "mutate")
        self.overlay, self.made = os.path.join(self.folder, "source"), os.path.join(self.folder, "objects")
        self.tree, self.iso = os.path.join(self.folder, image), os.path.join(self.folder, f"{image}.iso")
        listed = os.path.join(self.objects_folder, "objects")
        if not os.path.exists(listed):
            raise Unfit(f"no {os.path.relpath(listed, TOP)}: run `make iso DEBUG=1` first")
        with open(listed, encoding="ascii") as file:
            self.objects = file.read().split()

    def start(self):
        """A copy of the image's files, links mostly, without what is large and no suite of the table runs."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        shutil.copytree(os.path.join(self.options.build, "iso", self.image), self.tree, copy_function=os.link, symlinks=True)
        grub, archive = (os.path.join(self.tree, "boot", name) for name in ("grub/grub.cfg", "root.tar"))
        with open(grub, encoding="ascii") as file:
            lines = [line for line in file if line.split()[-1:] not in [[name] for name in LARGE]]
        for path in (grub, archive):
            os.remove(path)
        with open(grub, "w", encoding="ascii") as file:
            file.writelines(lines)
        run("tar", "--format=ustar", "-C", "iso/root", "-cf", archive, ".")

    def unchanged(self):
        """The image with the kernel as it is."""
        self.write(os.path.join(TOP, self.options.build, "iso", self.image, "boot/castle.elf"))
        return self.iso

    def write(self, elf):
        inside = os.path.join(self.tree, "boot/castle.elf")
        os.remove(inside)
        run("strip", "--strip-debug", "-o", inside, elf)
        if run("iso/write-iso", self.tree, self.iso).returncode:
            raise Unfit("xorriso makes no image of the kernel")

    def sources_with(self, file):
        """{object: source} of what must be compiled anew: the file itself, or what includes it."""
        found = {}
        for each in self.objects:
            with open(os.path.splitext(os.path.join(TOP, each))[0] + ".d", encoding="utf-8") as rule:
                words = rule.read().split(":", 1)[1].replace("\\\n", " ").split("\n")[0].split()
            if file in words:
                found[each] = words[0]
        return found

    def compile(self, mutant):
        """{object: its new one}; None if the compiler refuses."""
        shutil.rmtree(self.overlay, ignore_errors=True)
        shutil.rmtree(self.made, ignore_errors=True)
        changed = os.path.join(self.overlay, mutant.file)
        os.makedirs(os.path.dirname(changed))
        with open(changed, "w", encoding="utf-8") as file:
            file.write(rules.apply(mutant))
        new = {}
        for number, (name, source) in enumerate(self.sources_with(mutant.file).items()):
            new[name] = os.path.join(self.made, f"{number}.o")
            os.makedirs(self.made, exist_ok=True)
            text = changed if source == mutant.file else source
            language = [] if source.endswith(".c") else ["-D__ASSEMBLER__"]
            if run(*shlex.split(self.options.compile), "-w", f"-I{self.overlay}", "-I.", "-Iinclude", *language,
                   "-c", text, "-o", new[name]).returncode:
                return None
        return new

    def make(self, mutant):
        """The image's path; None if the compiler refuses the mutant, "" if it makes of it what it made before."""
        new = self.compile(mutant)
        if new is None:
            return None
        if all(same_code(os.path.join(TOP, name), made) for name, made in new.items()):
            return ""
        elf = os.path.join(self.folder, "castle.elf")
        linked = run(*shlex.split(self.options.link), "-T", "linker.ld", *(new.get(name, name) for name in self.objects),
                     "-lgcc", "-o", elf)
        if linked.returncode:
            return None
        self.write(elf)
        return self.iso


def same_code(one, other):
    """Whether two objects have the same code and data."""
    texts = [re.sub(r"^.*file format.*$", "", run("objdump", "-dr", "-s", "-j", ".text", "-j", ".rodata", "-j", ".data",
                                                   name).stdout, flags=re.M) for name in (one, other)]
    return texts[0] == texts[1]
