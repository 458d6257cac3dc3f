"""Which documents are chapters, in which order: docs/book/contents.toml. A part with `rest = true` has all others of docs/."""
import glob
import os
import re
import tomllib
from dataclasses import dataclass, field

from chapters import CONTENTS, TOP, Wrong


@dataclass
class Chapter:
    path: str  # docs/....md
    number: str  # "3", or "" in parts that are not numbered
    title: str
    text: str

    @property
    def file(self):
        """Its page."""
        return os.path.basename(self.path)[:-3].lower() + ".html"

    @property
    def key(self):
        """Its name as a target within the PDF."""
        return "chapter-" + os.path.basename(self.path)[:-3].lower()


@dataclass
class Part:
    name: str
    chapters: list[Chapter] = field(default_factory=list)


@dataclass
class Book:
    title: str
    subtitle: str
    parts: list[Part]

    @property
    def chapters(self):
        return [chapter for part in self.parts for chapter in part.chapters]


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        return file.read()


def chapter_of(path, number):
    try:
        text = read(path)
    except OSError as error:
        raise Wrong(f"{CONTENTS} names {path}, which is not there") from error
    title = re.search(r"^# (.+)$", text, re.M)
    if not title:
        raise Wrong(f"{path} has no heading")
    return Chapter(path, number, title.group(1), text)


def others(named):
    """Documents that no part names."""
    paths = sorted(os.path.relpath(path, TOP) for folder in ("docs", "docs/book") for path in glob.glob(os.path.join(TOP, folder, "*.md")))
    return [path for path in paths if path not in named]


def load():
    table = tomllib.loads(read(CONTENTS))
    named = {path for part in table["part"] for path in part.get("chapters", ())}
    parts, count = [], 0
    for entry in table["part"]:
        part = Part(entry["name"])
        for path in entry.get("chapters", ()) or (others(named) if entry.get("rest") else ()):
            count += entry.get("numbered", True)
            part.chapters.append(chapter_of(path, str(count) if entry.get("numbered", True) else ""))
        parts.append(part)
    return Book(table["title"], table["subtitle"], parts)
