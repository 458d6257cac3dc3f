"""The flowcharts of documents, as drawings of their own: what GitHub draws from Mermaid's text, a folder of pages must have with it.
Only what the documents use is understood, boxes and arrows. An order, such as that of locks, is read from top to bottom: each box
has a row, and arrows are arcs beside them."""
import html
import re
from typing import Optional

ROW, BOX, LETTER, MARGIN = 30, 22, 6.2, 8  # pixels; a letter's width, for the room that texts take
STEP, ARROW = 11, 5                        # between arcs; half of an arrow's head
INK, LINE, WASH = "#22262b", "#7b8794", "#eef3f9"
FONT = "system-ui, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"
NODE = re.compile(r'\s*(\w+)(?:\["([^"]*)"\])?\s*')

Edges = list[tuple[str, str]]


def read(text: str) -> Optional[tuple[dict[str, str], Edges]]:
    """({name: label}, arrows) of a flowchart; None if there is something else in it."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    labels: dict[str, str] = {}
    edges: Edges = []
    if not lines or not re.match(r"(flowchart|graph) \w+$", lines[0].strip()):
        return None
    for line in lines[1:]:
        found = [NODE.fullmatch(part) for part in line.split("-->")]
        if not all(found):
            return None
        names = [one.group(1) for one in found if one]
        for one in found:
            if one and (one.group(2) or one.group(1) not in labels):
                labels[one.group(1)] = one.group(2) or one.group(1)
        edges += list(zip(names, names[1:]))
    return labels, edges


def ordered(labels: dict[str, str], edges: Edges) -> list[str]:
    """The boxes, each below those that lead to it, else as they are in the text; those of a circle as they are."""
    left, result = list(labels), []
    while left:
        free = next((name for name in left if not any(to == name and start in left for start, to in edges)), left[0])
        result.append(free)
        left.remove(free)
    return result


def arc(x: float, start: float, end: float, reach: float) -> str:
    """From a box to a lower one, or a higher one, with an arrow's head."""
    head = f"M{x + ARROW + 2:.1f},{end - ARROW:.1f} L{x + 1:.1f},{end:.1f} L{x + ARROW + 2:.1f},{end + ARROW:.1f}"
    return (f'<path d="M{x:.1f},{start:.1f} C{x + reach:.1f},{start:.1f} {x + reach:.1f},{end:.1f} {x + 1:.1f},{end:.1f} {head}" '
            f'fill="none" stroke="{LINE}" stroke-width="1.2"/>')


def draw(text: str) -> Optional[str]:
    """The drawing, as an SVG element; None if the text is not understood."""
    found = read(text)
    if not found or not found[0]:
        return None
    labels, edges = found
    order = ordered(labels, edges)
    middle = {name: MARGIN + ROW * number + BOX / 2 for number, name in enumerate(order)}
    wide = {name: len(labels[name]) * LETTER + 16 for name in order}
    right = MARGIN + max(wide.values())
    # An arc leaves in the lower half of its box and comes in in the upper half of the other; the farther, the wider.
    reaches = [18 + STEP * abs(order.index(start) - order.index(to)) for start, to in edges]
    width, height = right + max(reaches, default=0) * 0.75 + 2 * MARGIN, 2 * MARGIN + ROW * len(order)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" '
             f'role="img" aria-label="a flowchart" font-family="{FONT}" font-size="12">']
    for name in order:
        parts.append(f'<rect x="{MARGIN}" y="{middle[name] - BOX / 2:.1f}" width="{right - MARGIN:.1f}" height="{BOX}" rx="4" fill="{WASH}"/>'
                     f'<text x="{MARGIN + 8}" y="{middle[name] + 4:.1f}" fill="{INK}">{html.escape(labels[name])}</text>')
    parts += [arc(right, middle[start] + BOX / 5, middle[to] - BOX / 5, reach) for (start, to), reach in zip(edges, reaches)]
    return "".join(parts) + "</svg>"
