"""A heat map as SVG: rows and columns with names, and a number in each field. A number can be read without its
colour."""
import html

FIELD, LETTER, HEAD = 30, 6.3, 26  # pixels; a letter's width, for the room that names take
INK, FAINT, FONT = "#22262b", "#dfe2e6", "system-ui, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"
COLD, HOT = (255, 255, 255), (178, 24, 43)


def shade(share):
    """From white to red; the root, so that small numbers are seen, too."""
    return "#" + "".join(f"{round(cold + (hot - cold) * share ** 0.5):02x}" for cold, hot in zip(COLD, HOT))


def text(x, y, words, **how):
    attributes = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in how.items())
    return f'<text x="{x:.1f}" y="{y:.1f}"{attributes}>{html.escape(str(words))}</text>'


def field(x, y, value, most, title):
    share = value / most if most else 0
    words = [f'<g><title>{html.escape(title)}</title><rect x="{x:.1f}" y="{y:.1f}" width="{FIELD - 1}" '
             f'height="{FIELD - 1}" fill="{shade(share)}" stroke="{FAINT}"/>']
    words.append(text(x + FIELD / 2, y + FIELD / 2 + 3.5, f"{value:,}" if value < 1000 else f"{value / 1000:.0f}k",
                      text_anchor="middle", fill="#ffffff" if share > 0.35 else INK, font_size=10))
    return "".join(words) + "</g>"


def draw(rows, columns, values, title):
    """`values` is {(row, column): number}; a field that is not there stays empty."""
    left = max(len(name) for name in rows) * LETTER + 12
    top = HEAD + max(len(name) for name in columns) * LETTER * 0.75 + 10
    right = max(len(name) for name in columns) * LETTER * 0.75
    width, height = left + FIELD * len(columns) + right, top + FIELD * len(rows) + 4
    most = max(values.values(), default=0)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
             f'aria-label="{html.escape(title)}" style="max-width:{width:.0f}px" font-family="{FONT}" font-size="11">',
             text(2, 15, title, font_size=12, font_weight="bold", fill=INK)]
    for number, name in enumerate(columns):
        x = left + FIELD * (number + 0.5)
        parts.append(text(x, top - 6, name, fill=INK, transform=f"rotate(-45 {x:.1f} {top - 6:.1f})"))
    for number, name in enumerate(rows):
        y = top + FIELD * number
        parts.append(text(left - 6, y + FIELD / 2 + 4, name, text_anchor="end", fill=INK))
        parts += [field(left + FIELD * place, y, values[name, column], most, f"{name} × {column}: {values[name, column]:,}")
                  for place, column in enumerate(columns) if (name, column) in values]
    return "\n".join(parts) + "\n</svg>\n"


def of_window(window, names, most=40):
    """Lines by processors: how often each touched the lines that it has to fight for."""
    counts, order = {}, []
    for line in window["lines"][:most]:
        name = line["name"]
        order += [name] if name not in order else []
        for site in line["sites"]:
            place = name, f"CPU {site['cpu']}"
            counts[place] = counts.get(place, 0) + site["count"]
    processors = sorted({column for _, column in counts}, key=lambda name: int(name[4:]))
    return draw(order, processors, counts, f"{names}: accesses to contended lines") if order else ""
