"""The site: the report, a page for each document, the pictures, and what a search needs, as files that a browser opens from a
folder. Raw logs are copied, so that a figure's links still lead somewhere when the folder has moved."""
import glob
import html
import json
import os
import re
import shutil
from dataclasses import dataclass

import jinja2
import markdown
from markupsafe import Markup

from lab import TOP, flow
from lab.figures import choose_source
from lab.model import Experiment
from lab.report import TEMPLATES, Section, render, section_of
from lab.store import Store
from lab.versions import commit

FIRST = ("README", "lab", "conflicts", "benchmarks")  # documents in this order; the others by their names
BESIDE = (("web", "Castle in this browser (<code>make web</code>; wants a server)"), ("book", "The book (<code>make book</code>)"))
# Experiments that have a page of their own, too.
OWN = {"conflicts": ("matrix.html", "The conflict matrix"), "scalability": ("extrapolation.html", "Beyond fifteen processors")}
SUMMARY = 170  # characters of what a document is about
TIMELINES = (("docs/pictures", "*.svg"), ("build/trace", "*.html"))


@dataclass
class Page:
    file: str
    title: str
    group: str
    body: str
    summary: str = ""


def documents() -> list[str]:
    """Paths of Markdown files, README first."""
    paths = ["README.md", *sorted(os.path.relpath(path, TOP) for path in glob.glob(os.path.join(TOP, "docs", "*.md")))]
    names = [os.path.basename(path)[:-3] for path in paths]
    order = {name: number for number, name in enumerate(FIRST)}
    return [path for _, _, path in sorted((order.get(name, len(order)), name, path) for name, path in zip(names, paths))]


def page_of(path: str) -> str:
    """The file of a document's page."""
    return "doc-" + os.path.basename(path)[:-3].lower() + ".html"


def linked(text: str, source: str) -> str:
    """Links to documents lead to their pages, those to pictures to the copies; what the site has not is no link."""
    known = {os.path.basename(path): page_of(path) for path in documents()}

    def replace(found: re.Match) -> str:
        target, _, place = found.group(2).partition("#")
        if re.match(r"[a-z]+:", target) or not target:
            return found.group(0)
        name = os.path.basename(target)
        if name in known:
            return f'{found.group(1)}="{known[name]}{"#" + place if place else ""}"'
        if name.endswith(".svg"):
            return f'{found.group(1)}="pictures/{name}"'
        return f'{found.group(1)}="#" title="{html.escape(os.path.normpath(os.path.join(os.path.dirname(source), target)))}"'

    return re.sub(r'(href|src)="([^"]*)"', replace, text)


def drawn(found: re.Match) -> str:
    """A flowchart's drawing in place of its text, if it is understood."""
    drawing = flow.draw(html.unescape(found.group(1)))
    return f'<figure class="flow scroll paper">{drawing}</figure>' if drawing else found.group(0)


def document_page(path: str) -> Page:
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        text = file.read()
    title = re.search(r"^# (.+)$", text, re.M)
    body = markdown.markdown(text, extensions=["tables", "fenced_code", "toc"])
    body = body.replace("<table>", '<div class="scroll"><table>').replace("</table>", "</table></div>")
    body = re.sub(r'<pre><code class="language-mermaid">(.*?)</code></pre>', drawn, body, flags=re.S)
    body = body.replace("<pre>", '<pre class="scroll">')
    name = "What Castle is" if path == "README.md" else title.group(1) if title else path
    return Page(page_of(path), name, "Documents", f'<article>{linked(body, path)}</article>', summary_of(body))


def summary_of(body: str) -> str:
    """The beginning of a document's first paragraph, up to the end of a sentence if one ends there."""
    found = re.search(r"<p>(.*?)</p>", body, re.S)
    text = plain(found.group(1)) if found else ""
    if len(text) <= SUMMARY:
        return text
    ends = [place.end() for place in re.finditer(r"[.](?= )", text[:SUMMARY])]
    return text[:ends[-1]] if ends else text[:text.rindex(" ", 0, SUMMARY)] + " …"


def report_page(sections: list[Section], store: Store) -> Page:
    """The report's own body; its logs lie beside it."""
    text, _ = render(sections, store)
    body = text[text.index("<body>") + len("<body>"):text.index("</body>")]
    return Page("report.html", "The report", "Results", body, "Each table and figure of the thesis, and what goes beyond it, with its numbers beside Castle's.")


def own_pages(sections: list[Section], store: Store) -> list[Page]:
    """Of each experiment that has one: its section of the report, under a title of its own."""
    pages = []
    for section in sections:
        if section.experiment.name in OWN:
            file, title = OWN[section.experiment.name]
            text, _ = render([section], store)
            body = f"<h1>{title}</h1>" + text[text.index("<section"):text.rindex("</section>")] + "</section>"
            pages.append(Page(file, title, "Results", body, plain(section.experiment.title)))
    return pages


def pictures_page(output: str) -> Page:
    """Timelines and other drawings, with copies of them."""
    os.makedirs(os.path.join(output, "pictures"), exist_ok=True)
    parts = ["<h1>Timelines</h1>", "<p>Where each processor was: drawn from the event log by <code>make trace</code> and "
             "<code>make pictures</code> (docs/debugging.md).</p>"]
    for folder, pattern in TIMELINES:
        for path in sorted(glob.glob(os.path.join(TOP, folder, pattern))):
            name = os.path.basename(path)
            shutil.copyfile(path, os.path.join(output, "pictures", name))
            parts.append(f'<figure><div class="scroll paper"><img src="pictures/{name}" alt="{name}"></div><figcaption>{name}</figcaption></figure>'
                         if name.endswith(".svg") else f'<p><a href="pictures/{name}">{name}</a></p>')
    return Page("timelines.html", "Timelines", "Results", "\n".join(parts), "Where each processor was: user, kernel, waiting for a lock, idle.")


def entry_of(page: Page) -> str:
    """A page in a list, with what it is about."""
    about = f"<span>{html.escape(page.summary)}</span>" if page.summary else ""
    return f'<li><a href="{page.file}">{html.escape(page.title)}</a>{about}</li>'


def beside(output: str) -> str:
    """Links to what other commands have built next to the site: a server of the folder above has all of it."""
    built = [(f"../{folder}/index.html", title) for folder, title in BESIDE if os.path.exists(os.path.join(output, "..", folder, "index.html"))]
    return "<h2>Beside it</h2><ul>" + "".join(f'<li><a href="{link}">{title}</a></li>' for link, title in built) + "</ul>" if built else ""


def index_page(pages: list[Page], sections: list[Section], output: str) -> Page:
    groups = "".join(f'<h2>{group}</h2><ul class="entries">' + "".join(entry_of(page) for page in pages if page.group == group) + "</ul>"
                     for group in ("Results", "Documents"))
    parts = "".join(f'<li><a href="report.html#{section.experiment.name}">{html.escape(section.experiment.title)}</a>'
                    f"<span>{html.escape(section.experiment.thesis or 'Beyond the thesis')}</span></li>"
                    for section in sections if not section.is_empty)
    facts = commit()
    body = ("<h1>Castle</h1><p class='lede'>A research kernel for IA-32, in every organisation that a multiprocessor port can have, and the "
            "laboratory that measures them.</p>" + groups + beside(output) + (f'<h2>Measured</h2><ul class="entries">{parts}</ul>' if parts else
            "<p>Nothing has been measured yet: <code>make lab QUICK=1</code>.</p>") + f"<p class='note'>Made from commit {str(facts['commit'])[:12]}"
            + (", with changes that are not committed" if facts["dirty"] else "") + ".</p>")
    return Page("index.html", "Contents", "", body)


def plain(text: str) -> str:
    """The words of a page's part, without drawings."""
    text = re.sub(r"<(svg|script|style|details)\b.*?</\1>", " ", text, flags=re.S)
    text = re.sub(r"</?(?:a|b|code|em|strong)\b[^>]*>", "", text)  # within words
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text))).strip()


def search_entries(pages: list[Page]) -> list[dict[str, str]]:
    """A part of a page for each heading that can be linked to."""
    entries = []
    for page in pages:
        # Each part begins with an identifier of its own, of a heading or of a section.
        pieces = re.split(r'<(?:h[1-3]|section) id="([^"]+)"[^>]*>', page.body)
        entries.append({"page": page.file, "title": page.title, "text": plain(pieces[0])})
        for name, piece in zip(pieces[1::2], pieces[2::2]):
            heading = re.search(r"(?:<h2>)?(.*?)</h[1-3]>", piece, re.S)
            title = plain(heading.group(1))[-80:] if heading else name
            entries.append({"page": f"{page.file}#{name}", "title": f"{page.title}: {title}", "text": plain(piece)})
    return entries


def copy_logs(store: Store, pages: list[Page], output: str) -> None:
    """The raw output that the pages link to."""
    for log in {log for page in pages for log in re.findall(r'href="(runs/[^"]+)"', page.body)}:
        path = os.path.join(output, log)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        shutil.copyfile(store.path(log), path)


def write(experiments: dict[str, Experiment], store: Store, profile, output: str) -> int:
    """Writes the site; how many pages it has."""
    os.makedirs(output, exist_ok=True)
    sources = {name: choose_source(experiment, store, profile) for name, experiment in experiments.items()}
    sections = [section_of(experiment, sources, store, store.folder) for experiment in experiments.values()]
    pages = [report_page(sections, store), *own_pages(sections, store), pictures_page(output), *map(document_page, documents())]
    pages.insert(0, index_page(pages, sections, output))
    copy_logs(store, pages, output)
    loader = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    for page in pages:
        text = loader.get_template("site.html").render(page=page, pages=pages, body=Markup(page.body))
        write_text(output, page.file, text)
    write_text(output, "search-index.js", "const entries = " + json.dumps(search_entries(pages), ensure_ascii=False) + ";\n")
    for name in ("site.css", "site.js", "style.css"):
        shutil.copyfile(os.path.join(TEMPLATES, name), os.path.join(output, name))
    return len(pages)


def write_text(folder: str, name: str, text: str) -> None:
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)
