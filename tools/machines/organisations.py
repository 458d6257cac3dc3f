"""The organisations of the kernel, read from the files that they are written in: each has a `struct organisation` and
a line ORGANISATION(order, variable) (kernel/organisation/organisation.h).

Which image has one follows from where its file is: in a folder smp/, it is the multiprocessor kernel's alone.
"""
import dataclasses
import functools
import os
import re

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ALL, UNIPROCESSOR = "castle.iso", "castle-up.iso"
# By the processors that run programs: numbers of CPUs that tests boot with. One that uses a single one must
# not mind others.
CPUS = {"ONE": ("1", "4"), "ALL": ("1", "2", "4", "8"), "OTHERS": ("2", "3", "8"), "EACH": ("1", "2", "4", "8")}
# What a kernel inside another organisation says of itself.
INSIDE = "inside"
IN_LIST = re.compile(r"^ORGANISATION\((\d+), (\w+)\);", re.M)
MEMBER = re.compile(r"\.(\w+) = (.*?),\n", re.S)
DOMAIN = re.compile(r"ORGANISATION_LOCKS\((\w+)\)")
# One that has another's locks takes them over when it looks for processors.
LIKE = re.compile(r"^\t(\w+)\.domains = (\w+)\.domains;", re.M)


@dataclasses.dataclass(frozen=True)
class Organisation:
    """One file's."""
    order: int
    name: str
    title: str
    category: str
    summary: str
    processors: str            # a key of CPUS
    domains: tuple[str, ...]   # those with real locks
    file: str
    like: str = ""             # the name of the one whose locks these are

    @property
    def images(self):
        return (ALL,) if "/smp/" in self.file else (ALL, UNIPROCESSOR)

    @property
    def is_parallel(self):
        """A program has several processors."""
        return self.processors in ("ALL", "OTHERS")

    @property
    def is_divided(self):
        """A machine is several systems, each with programs of its own: what is there for one system runs in one of them."""
        return self.processors == "EACH"


@dataclasses.dataclass(frozen=True)
class Boot:
    """An organisation in an image: what tests and the laboratory call a mode."""
    name: str
    title: str
    image: str
    organisation: Organisation

    @property
    def cpus(self):
        """Of the kernel without multiprocessor code, a single number will do."""
        numbers = CPUS[self.organisation.processors]
        return numbers if self.image == ALL else (numbers[len(numbers) // 2],)


def text_of(value):
    """A string of C, perhaps of several pieces."""
    return "".join(re.findall(r'"([^"]*)"', value))


def read(path):
    """The organisations of one file."""
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        text = file.read()
    for order, variable in IN_LIST.findall(text):
        body = re.search(rf"struct organisation {variable}(?: SET_AT_BOOT)? = \{{\n(.*?)^\}};", text, re.M | re.S)
        members = dict(MEMBER.findall(body.group(1)))
        yield Organisation(int(order), *(text_of(members[name]) for name in ("name", "title", "category", "summary")),
                           members["processors"].replace("ORGANISATION_", ""),
                           tuple(DOMAIN.findall(members.get("domains", ""))), path, dict(LIKE.findall(text)).get(variable, ""))


def with_locks_of_others(found):
    """An organisation that is like another one has its locks."""
    domains = {one.name: one.domains for one in found}
    return [dataclasses.replace(one, domains=domains[one.like]) if one.like else one for one in found]


@functools.cache
def organisations():
    """All, in the order of their list: the default first."""
    paths = [os.path.relpath(os.path.join(folder, name), TOP)
             for folder, _, names in os.walk(os.path.join(TOP, "kernel")) for name in names
             if name.endswith(".c") and INSIDE not in folder.split(os.sep)]
    found = with_locks_of_others([one for path in paths for one in read(path)])
    return tuple(sorted(found, key=lambda one: one.order))


def is_peer(iso):
    """Whether an image is that of another system, made for comparison (lab/peers)."""
    return os.path.basename(iso).startswith("linux-")


def of_image(iso):
    """Those that can be booted from an image: by its file's name."""
    image = UNIPROCESSOR if "-up" in os.path.basename(iso) else ALL
    return [found for found in organisations() if image in found.images]


def boots_of(found_organisations):
    """{name: Boot}: smp0 is what the uniprocessor kernel's image does by default, smp0-NAME its others."""
    found = {one.name: Boot(one.name, one.title, ALL, one) for one in found_organisations}
    for number, one in enumerate(one for one in found_organisations if UNIPROCESSOR in one.images):
        name, title = (f"smp0-{one.name}", f"SMP=0 + {one.title}") if number else ("smp0", "SMP=0")
        found[name] = Boot(name, title, UNIPROCESSOR, one)
    return found


@functools.cache
def boots():
    """Those of all organisations."""
    return boots_of(organisations())
