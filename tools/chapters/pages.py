"""Chapters as pages that a browser opens from a folder, and as one long page for the PDF."""
import html
import os
import re
import shutil

import markdown

from chapters import TOP, Wrong, code
from chapters.contents import read

STYLE = "docs/book/book.css"
MERMAID = re.compile(r"^```mermaid\n(.*?)^```$", re.M | re.S)
NODE = re.compile(r'(\w+)\["(.+?)"\]')
MARKS = re.compile(r"^<!-- (?!code: ).*? -->\n", re.M)


def arrows(found):
    """A flow chart as the list of its arrows."""
    labels = dict(NODE.findall(found[1]))
    lines = []
    for line in NODE.sub(r"\1", found[1]).split("\n"):
        names = [name.strip() for name in line.split("-->")]
        lines += [f"- **{a}** → **{b}**" for a, b in zip(names, names[1:])]
    notes = [f"- **{name}**: {label.partition(': ')[2] or label}" for name, label in labels.items() if ": " in label]
    return "\n".join(["", *lines, "", *notes, ""])


class Press:
    """Makes HTML of chapters; remembers which pages of the source they lead to."""

    def __init__(self, book):
        self.book = book
        self.known = {chapter.path: chapter for chapter in book.chapters}
        self.sources = set()
        self.pictures = set()

    def body(self, chapter, number_sections=True):
        text = MERMAID.sub(arrows, MARKS.sub("", chapter.text))
        try:
            text = code.resolved(text)
        except Wrong as error:
            raise Wrong(f"{chapter.path}: {error}") from error
        made = markdown.markdown(text, extensions=["tables", "fenced_code", "toc", "md_in_html"],
                                 extension_configs={"toc": {"slugify": lambda words, sep: f"{chapter.key[8:]}-{slug(words, sep)}"}})
        made = made.replace("<table>", '<div class="scroll"><table>').replace("</table>", "</table></div>")
        if number_sections and chapter.number:
            made = made.replace("<h1 ", f'<h1 data-number="{chapter.number}" ', 1)
        made = re.sub(r"<h2([^>]*)>Exercises</h2>(.*)", r'<section class="exercises"><h2\1>Exercises</h2>\2</section>', made, flags=re.S)
        return self.linked(made, os.path.dirname(chapter.path))

    def linked(self, made, folder):
        """Links to documents lead to their pages, those to pictures to the copies, those to other files to their source's page."""
        def replace(found):
            attribute, target = found.groups()
            target, _, place = target.partition("#")
            if re.match(r"[a-z]+:|source-", target) or not target:
                if target.startswith("source-"):
                    self.sources.add(target)
                return found.group(0)
            path = os.path.normpath(os.path.join(folder, target))
            if path in self.known:
                chapter = self.known[path]
                return f'{attribute}="{chapter.file}#{chapter.key[8:] + "-" + place if place else ""}"'.replace('#"', '"')
            if path.endswith(".svg"):
                self.pictures.add(path)
                return f'{attribute}="pictures/{os.path.basename(path)}"'
            if os.path.isfile(os.path.join(TOP, path)):
                self.sources.add(code.page_of(path))
                return f'{attribute}="{code.page_of(path)}"'
            return f'title="{html.escape(path)}"'

        return re.sub(r'\b(href|src)="([^"]*)"', replace, made)


def slug(words, separator):
    return re.sub(r"[^\w]+", separator, words.lower()).strip(separator)


def contents_list(book, current=None):
    parts = []
    for part in book.parts:
        items = "".join(f'<li{" class=here" if chapter is current else ""}><a href="{chapter.file}">'
                        f'<span class="number">{chapter.number}</span>{html.escape(chapter.title)}</a></li>' for chapter in part.chapters)
        parts.append(f"<h2>{html.escape(part.name)}</h2><ol>{items}</ol>")
    return "".join(parts)


def page(title, body, navigation):
    return ('<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{html.escape(title)}</title><link rel=\"stylesheet\" href=\"book.css\"></head>\n<body>{navigation}<main>\n{body}\n</main></body></html>\n")


def navigation(book, current=None):
    return (f'<input type="checkbox" id="menu"><nav><label for="menu">Contents</label><div class="list">'
            f'<a class="title" href="index.html">{html.escape(book.title)}</a>{contents_list(book, current)}</div></nav>')


def turn(book, chapter):
    """Links to the chapters before and after."""
    chapters = book.chapters
    at = chapters.index(chapter)
    before = f'<a rel="prev" href="{chapters[at - 1].file}">{html.escape(chapters[at - 1].title)}</a>' if at else "<span></span>"
    after = f'<a rel="next" href="{chapters[at + 1].file}">{html.escape(chapters[at + 1].title)}</a>' if at + 1 < len(chapters) else ""
    return f'<footer class="turn">{before}{after}</footer>'


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)


def write_source(folder, path):
    count = len(code.lines_of(path)) - (code.lines_of(path)[-1] == "")
    body = f'<p class="back"><a href="index.html">The book</a></p><h1 class="file">{path}</h1><pre class="file">{code.numbered(path, 1, count, "L")}</pre>'
    write(folder, code.page_of(path), page(path, body, ""))


def source_paths(names):
    """The files whose pages are called so."""
    found = {}
    for top in ("arch", "boot", "kernel", "include", "uapps", "lopi", "tests", "tools", "lab", "iso", "docs", "web"):
        for where, _, files in os.walk(os.path.join(TOP, top)):
            for name in files:
                path = os.path.relpath(os.path.join(where, name), TOP)
                found[code.page_of(path)] = path
    for name in ("README.md", "Makefile", "linker.ld"):
        found[code.page_of(name)] = name
    return [found[name] for name in sorted(names)]


def front(book, pdf):
    link = '<p class="pdf"><a href="castle-book.pdf">The same as PDF</a></p>' if pdf else ""
    return f'<div class="front"><h1>{html.escape(book.title)}</h1><p class="lede">{html.escape(book.subtitle)}</p>{link}{contents_list(book)}</div>'


def write_pages(book, folder, pdf=False):
    """Writes all pages; how many chapters there are."""
    os.makedirs(os.path.join(folder, "pictures"), exist_ok=True)
    press = Press(book)
    for chapter in book.chapters:
        body = press.body(chapter) + turn(book, chapter)
        write(folder, chapter.file, page(f"{chapter.title} – {book.title}", body, navigation(book, chapter)))
    write(folder, "index.html", page(book.title, front(book, pdf), ""))
    for path in source_paths(press.sources):
        write_source(folder, path)
    for path in press.pictures:
        shutil.copyfile(os.path.join(TOP, path), os.path.join(folder, "pictures", os.path.basename(path)))
    shutil.copyfile(os.path.join(TOP, STYLE), os.path.join(folder, "book.css"))
    return len(book.chapters)


def within(made, book):
    """Links between chapters lead to places of the same document; those to pages of the source are none on paper."""
    files = {chapter.file: chapter.key for chapter in book.chapters}

    def replace(found):
        name, _, place = found[1].partition("#")
        if name in files:
            return f'href="#{place or files[name]}"'
        return found[0] if re.match(r"[a-z]+:|#", found[1]) else ""

    return re.sub(r'href="([^"]*)"', replace, made)


def print_contents(book):
    parts = []
    for part in book.parts:
        items = "".join(f'<li><a href="#{chapter.key}"><span class="number">{chapter.number}</span>{html.escape(chapter.title)}</a></li>'
                        for chapter in part.chapters)
        parts.append(f"<h2>{html.escape(part.name)}</h2><ol>{items}</ol>")
    return f'<section class="contents"><h1>Contents</h1>{"".join(parts)}</section>'


def print_page(book):
    """All chapters as one document; pictures are beside it, in pictures/."""
    press, bodies = Press(book), []
    for part in book.parts:
        for number, chapter in enumerate(part.chapters):
            start = f'<p class="part">{html.escape(part.name)}</p>' if number == 0 else ""
            bodies.append(f'<section class="chapter" id="{chapter.key}">{start}{within(press.body(chapter), book)}</section>')
    cover = f'<section class="cover"><h1>{html.escape(book.title)}</h1><p>{html.escape(book.subtitle)}</p></section>'
    return (f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(book.title)}</title><style>{read(STYLE)}</style></head>'
            f'<body class="print">{cover}{print_contents(book)}{"".join(bodies)}</body></html>')
