"""The report's plots, as SVG by matplotlib. The same figures give the same bytes: no date, fixed identifiers. Text
stays text, so that it can be searched and takes the page's font."""
import io
import re
from typing import Any, Callable, Optional, Sequence

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402
from matplotlib.colors import PowerNorm  # noqa: E402
from matplotlib.ticker import FuncFormatter  # noqa: E402

from lab.figures import Figure, Figures  # noqa: E402
from lab.model import Line, Plot  # noqa: E402
from lab.organisations import boots  # noqa: E402
from lab.scalability import Law, fit  # noqa: E402

INK, MUTED, FAINT, PAPER = "#22262b", "#666d76", "#dfe2e6", "#ffffff"
# The colour of a kernel is the same in every plot; so is that of other people's systems.
COLOURS = {"giantlock": "#2464a8", "appkern": "#c4502f", "migrate": "#e39a2d", "partitioned": "#3f8f4f", "up": "#7b8794", "smp0": "#a5adb6",
           "castle": "#2464a8", "thesis": "#9a86b8", "linux": "#5b9a5f", "xv6": "#b59b6a", "user": "#8fb8de",
           "kernel": "#2464a8", "spinning": "#c4502f", "idle": "#e4e7ea", "bound": "#7b8794"}
# Of modes that have none of their own: in the order of their list.
FURTHER = ("#1b8a8f", "#7a4fb5", "#a8842c", "#d0609a", "#3d4a8c", "#7c9a2e", "#8a4b32", "#4f8fd0")
COLOURS |= dict(zip((name for name in boots() if name not in COLOURS), FURTHER))
OTHERS = ("#2464a8", "#c4502f", "#e39a2d", "#5b9a5f", "#9a86b8", "#7b8794")
MARKERS = "osD^vPX<>*"
# What tells series apart without colour, where there are no marks.
STROKES, HATCHES = ("-", "--", "-.", ":"), ("", "///", "...", "xxx", "\\\\\\", "++")
LAW_POINTS, LAW_END = 4, 32  # numbers of processors that a fit needs; up to where it is drawn
SETTINGS = {"svg.fonttype": "none", "svg.hashsalt": "castle", "font.family": "DejaVu Sans", "font.size": 9,
            "axes.edgecolor": MUTED, "axes.labelcolor": MUTED, "axes.labelsize": 9, "axes.linewidth": 0.8,
            "axes.spines.top": False, "axes.spines.right": False, "axes.axisbelow": True, "text.color": INK,
            "xtick.color": MUTED, "ytick.color": MUTED, "xtick.labelcolor": INK, "ytick.labelcolor": INK,
            "grid.color": FAINT, "grid.linewidth": 0.8, "legend.frameon": False, "legend.fontsize": 8.5,
            "lines.linewidth": 1.9, "lines.markersize": 5}
SIZES = {"lines": (4.9, 3.5), "bars": (7.6, 3.3), "stack": (7.6, 2.8), "tradeoff": (8.2, 4.7), "curves": (4.9, 3.5), "heat": (7.8, 3.3),
         "law": (7.6, 4.4), "effort": (8.6, 3.4)}
HEADING = 1.2  # times the highest gain: where an organisation's name begins, above the texts beside its gains
SCALE = 1.6  # of a point, in pixels: text is as large as the page's small print
FONT = "system-ui, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"

Values = list[Optional[Figure]]


def draw(plot: Plot, figures: Figures) -> Optional[str]:
    """The plot as an SVG element; None if nothing of Castle's is there to be drawn."""
    values = [[result if isinstance(result := figures.figure(cell), Figure) else None for cell in line.cells]
              for line in plot.series]
    measured = [value for line, row in zip(plot.series, values) for cell, value in zip(line.cells, row)
                if cell.measured and value]
    if not measured or not DRAWABLE.get(plot.kind, lambda *_: True)(plot, values):
        return None
    with pyplot.rc_context(SETTINGS):
        figure, axes = pyplot.subplots(figsize=size_of(plot))
        DRAWERS[plot.kind](axes, plot, values)
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", bbox_inches="tight", pad_inches=0.05,
                       metadata={"Date": None})
        pyplot.close(figure)
    return for_page(buffer.getvalue(), plot.title)


def size_of(plot: Plot) -> tuple[float, float]:
    width, height = SIZES[plot.kind]
    if plot.kind == "stack":
        return width, 0.9 + 0.42 * len(plot.series)
    return (width, height * len(plot.series)) if plot.kind == "heat" else (width, height)


def for_page(svg: str, title: str) -> str:
    """The element alone, for use inside a page that has several: no prologue, no identifiers that are not
    referred to, a size that follows the page, and a name for those who cannot see it."""
    svg = svg[svg.index("<svg"):]
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = svg.replace("'DejaVu Sans'", FONT).replace("&apos;DejaVu Sans&apos;", FONT)
    width = re.search(r'width="([\d.]+)pt" height="[^"]*"', svg)
    assert width, "matplotlib writes a size"
    label = re.sub(r"[<>&\"]", " ", title)
    size = f'role="img" aria-label="{label}" style="max-width:{float(width.group(1)) * SCALE:.0f}px"'
    return svg.replace(width.group(0), size, 1)


def colour(line: Line, number: int) -> str:
    words = line.style.split()
    return next((COLOURS[word] for word in words if word in COLOURS), OTHERS[number % len(OTHERS)])


def pattern(number: int) -> dict[str, Any]:
    return {"hatch": HATCHES[number % len(HATCHES)], "edgecolor": PAPER, "linewidth": 0}


def quoted(line: Line) -> bool:
    return "quoted" in line.style.split()


def label_axes(axes: Any, plot: Plot) -> None:
    axes.set_xlabel(plot.x_label)
    axes.set_ylabel(plot.y_label)
    axes.tick_params(length=3)


def number(value: float, _: Any = None) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.3g}"


def draw_lines(axes: Any, plot: Plot, values: list[Values]) -> None:
    """A line a series, over numbers of CPUs and such; others' numbers dashed, with hollow marks."""
    xs = [float(label) for label in plot.xs]
    if plot.ideal:
        axes.plot([0, max(xs)], [0, max(xs)], color=FAINT, linewidth=1.4, zorder=1)
        axes.annotate("ideal", (max(xs), max(xs)), color=MUTED, fontsize=8, ha="right", va="bottom",
                      xytext=(-8, 0), textcoords="offset points")
    for position, (line, row) in enumerate(zip(plot.series, values)):
        points = [(x, value) for x, value in zip(xs, row) if value]
        if not points:
            continue
        shade = colour(line, position)
        axes.plot([x for x, _ in points], [value.value for _, value in points], label=line.label, color=shade,
                  marker=MARKERS[position % len(MARKERS)], linestyle="--" if quoted(line) else "-",
                  markerfacecolor=PAPER if quoted(line) else shade, markeredgecolor=shade,
                  linewidth=1.2 if quoted(line) else 1.9, zorder=3 if not quoted(line) else 2)
        draw_spread(axes, points, shade)
    # What is lower than where the axis should begin is shown all the same.
    axes.set_ylim(bottom=min([plot.bottom, *(value.least for row in values for value in row if value)]))
    axes.set_xlim(left=0 if plot.ideal else None)
    axes.set_xticks(xs, plot.xs)
    axes.yaxis.set_major_formatter(FuncFormatter(number))
    axes.grid(axis="y")
    label_axes(axes, plot)
    legend_below(axes, len(plot.series))


def draw_spread(axes: Any, points: Sequence[tuple[float, Figure]], shade: str) -> None:
    """From the least to the most of the rounds, where they differ."""
    for x, value in points:
        if value.spread:
            axes.plot([x, x], [value.least, value.most], color=shade, linewidth=1, marker="_")


def legend_below(axes: Any, count: int) -> None:
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), ncol=min(count, 2), columnspacing=1.6,
                handlelength=2.2)


def bar_label(value: float, bars: int) -> str:
    """A bar's figure; with many bars there is room for two digits or so."""
    return number(round(value, 2) if bars < 16 else float(f"{value:.2g}") if abs(value) < 100 else round(value))


def draw_bars(axes: Any, plot: Plot, values: list[Values]) -> None:
    """Groups of bars with their figures on top; a figure that is missing leaves its place empty."""
    width = 0.8 / len(plot.series)
    heights = [value.value for row in values for value in row if value]
    for position, (line, row) in enumerate(zip(plot.series, values)):
        for x, value in enumerate(row):
            if value is None:
                continue
            place = x + (position - (len(plot.series) - 1) / 2) * width
            axes.bar(place, value.value, width * 0.92, color=colour(line, position), **pattern(position))
            axes.annotate(bar_label(value.value, len(heights)), (place, value.value), ha="center", va="bottom",
                          xytext=(0, 2), textcoords="offset points",
                          fontsize=8 if len(heights) < 16 else 6.5, color=MUTED)
        axes.bar(0, 0, color=colour(line, position), label=line.label, **pattern(position))
    axes.set_xticks(range(len(plot.xs)), plot.xs)
    axes.tick_params(axis="x", length=0)
    axes.yaxis.set_major_formatter(FuncFormatter(number))
    axes.grid(axis="y")
    label_axes(axes, plot)
    axes.tick_params(axis="x", length=0)
    if len(plot.series) > 1:
        columns = len(plot.series) if len(plot.series) < 5 else 3
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.02), ncol=columns, borderaxespad=0,
                    handlelength=1, columnspacing=1.6)


def draw_curves(axes: Any, plot: Plot, values: list[Values]) -> None:
    """A series is a line through the points of one record. Those of a series in style `marks` are events: short
    upright lines below the x axis."""
    for position, (line, row) in enumerate(zip(plot.series, values)):
        if row[0] is None or not row[0].points:
            continue
        xs, ys = zip(*row[0].points)
        if "marks" in line.style.split():
            axes.plot(xs, [-0.035] * len(xs), "|", transform=axes.get_xaxis_transform(), color=MUTED, markersize=7,
                      markeredgewidth=0.7, clip_on=False, label=line.label)
        else:
            axes.plot(xs, ys, label=line.label, color=colour(line, position), linewidth=1.4,
                      linestyle=STROKES[position % len(STROKES)])
    if plot.log:
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(FuncFormatter(number))
    axes.yaxis.set_major_formatter(FuncFormatter(number))
    axes.grid(axis="y")
    label_axes(axes, plot)
    if any("marks" in line.style.split() for line in plot.series):
        axes.tick_params(axis="x", pad=8)
    legend_below(axes, len(plot.series))


def draw_heat(axes: Any, plot: Plot, values: list[Values]) -> None:
    """A map a series, one below the other: rows and columns with names, a number in each field that has one."""
    axes.set_axis_off()
    shown = [(line, row[0]) for line, row in zip(plot.series, values) if row[0] and has_fields(row[0])]
    tallest = max(len(figure.names[0]) for _, figure in shown)
    axes.figure.set_size_inches(SIZES["heat"][0], len(shown) * (0.19 * tallest + 1.35))
    for number, (line, figure) in enumerate(shown):
        inner = axes.figure.add_subplot(len(shown), 1, number + 1)
        draw_heat_map(inner, figure)
        inner.set_title(line.label, fontsize=9.5, loc="left", pad=46)
    axes.figure.subplots_adjust(hspace=0.45)


def draw_heat_map(axes: Any, figure: Figure) -> None:
    rows, columns = figure.names[0], figure.names[1]
    field = [[float("nan")] * len(columns) for _ in rows]
    for row, column, value in figure.points:
        field[int(row)][int(column)] = value
    most = max([value for _, _, value in figure.points] + [1])
    axes.imshow(field, cmap="Reds", norm=PowerNorm(0.4, 0, most), aspect="auto", zorder=0)
    for row, column, value in figure.points:
        axes.text(column, row, number(value), ha="center", va="center", fontsize=6,
                  color=PAPER if value > most * 0.25 else INK)
    axes.set_xticks(range(len(columns)), columns, rotation=45, ha="left", fontsize=7)
    axes.set_yticks(range(len(rows)), rows, fontsize=7)
    axes.tick_params(length=0, top=False, labeltop=True, bottom=False, labelbottom=False)
    axes.spines[:].set_visible(False)


def draw_law(axes: Any, plot: Plot, values: list[Values]) -> None:
    """Speed-ups, and the Universal Scalability Law fitted to each series: whole within what was measured, dashed beyond,
    where it is an extrapolation. Residuals below."""
    below = axes.inset_axes((0, -0.42, 1, 0.2))
    for position, (line, row) in enumerate(zip(plot.series, values)):
        points = [(float(x), value.value) for x, value in zip(plot.xs, row) if value]
        shade, marker = colour(line, position), MARKERS[position % len(MARKERS)]
        if len(points) < LAW_POINTS:  # too few to say anything about what is between them
            axes.plot([x for x, _ in points], [y for _, y in points], linestyle="", marker=marker, color=shade, label=line.label)
            continue
        law = fit(points)
        last = max(x for x, _ in points)
        label = f"{line.label}: σ = {law.sigma:.4f}, κ = {law.kappa:.6f}{peak_of(law)}"
        for xs, style in ((range(1, int(last) + 1), "-"), (range(int(last), LAW_END + 1), (0, (3, 2)))):
            axes.plot(list(xs), [law.speedup(x) for x in xs], color=shade, linestyle=style, linewidth=1.4)
        axes.plot(*zip(*points), linestyle="", marker=marker, color=shade, label=label)
        below.plot([x for x, _ in points], [100 * (y / law.speedup(x) - 1) for x, y in points], marker=marker, color=shade,
                   linestyle=":", linewidth=0.8, markersize=3.5)
    below.axhline(0, color=MUTED, linewidth=0.8)
    below.set_ylabel("residual, %", fontsize=7)
    below.set_xlim(axes.get_xlim())
    below.tick_params(labelsize=7)
    axes.set_ylim(bottom=0)
    axes.grid(axis="y")
    label_axes(axes, plot)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.5), ncol=1)


def peak_of(law: Law) -> str:
    return f", most at {law.peak:.0f}" if law.peak < LAW_END else ""


def draw_stack(axes: Any, plot: Plot, values: list[Values]) -> None:
    """One lying bar a series, made of parts; the parts are the x axis's entries."""
    places = list(range(len(plot.series)))[::-1]
    for part, label in enumerate(plot.xs):
        shade = COLOURS.get(label.split()[0].lower(), OTHERS[part % len(OTHERS)])
        axes.barh(-1, 0, color=shade, label=label)
        for place, row in zip(places, values):
            draw_part(axes, row, part, place, shade)
    axes.set_yticks(places, [line.label for line in plot.series])
    axes.set_ylim(-0.6, len(places) - 0.4)
    axes.set_xlim(left=0)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    label_axes(axes, plot)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncol=len(plot.xs), handlelength=1, borderaxespad=0)


def draw_part(axes: Any, row: Values, part: int, place: int, shade: str) -> None:
    value = row[part]
    if value is None:
        return
    left = sum(before.value for before in row[:part] if before)
    axes.barh(place, value.value, 0.62, left=left, color=shade)
    if value.value >= 4:
        dark = sum(int(shade[i:i + 2], 16) for i in (1, 3, 5)) < 480
        axes.annotate(f"{value.value:.0f}", (left + value.value / 2, place), ha="center", va="center",
                      fontsize=8, color=PAPER if dark else INK)


def organisations(plot: Plot, values: list[Values]) -> list[tuple[Line, Values]]:
    """The series of a trade-off that have a place on its x axis and something above it, by effort."""
    found = [(line, row) for line, row in zip(plot.series, values) if row[0] and any(row[2:])]
    return sorted(found, key=lambda entry: entry[1][0].value)


def has_fields(figure: Figure) -> bool:
    """Whether it is a heat map's: names of rows and columns, and points of three numbers."""
    return len(figure.names) == 2 and len(figure.points) > 0 and all(len(point) == 3 for point in figure.points)


def has_a_map(_: Plot, values: list[Values]) -> bool:
    return any(row[0] and has_fields(row[0]) for row in values)


def has_points(_: Plot, values: list[Values]) -> bool:
    return any(row[0] and row[0].points for row in values)


def draw_tradeoff(axes: Any, plot: Plot, values: list[Values]) -> None:
    """Figure 1.1: what an organisation costs, on the x axis, against what it gains. A series is an organisation: its
    first figure is the effort, the second a further one to be named, the others are gains, a workload each. A
    workload is a thin line from one organisation to the next."""
    drawn = organisations(plot, values)
    span = max(row[0].value for _, row in drawn) or 1
    top = max(value.value for _, row in drawn for value in row[2:] if value) or 1
    for position in range(2, len(plot.xs)):
        points = [(row[0].value, row[position].value) for _, row in drawn if row[position]]
        axes.plot([x for x, _ in points], [y for _, y in points], color=MUTED, linewidth=0.9, linestyle=(0, (1, 2)),
                  zorder=2)
    for number_of, (line, row) in enumerate(drawn):
        draw_organisation(axes, line, number_of, row, plot.xs[1], top)
        last = number_of == len(drawn) - 1
        gains = [(value.value, f"{value.value:.2f}" + (f"  {label}" if last else ""))
                 for value, label in zip(row[2:], plot.xs[2:]) if value]
        if row[0].value:
            name_gains(axes, row[0].value, gains, top, 0.045 * span * (1 if last else -1))
    axes.set_xlim(-0.16 * span, 1.12 * span)
    axes.set_ylim(0, top * (HEADING + 0.18))
    axes.set_yticks(range(0, int(top) + 2))
    axes.xaxis.set_major_formatter(FuncFormatter(number))
    axes.grid(axis="y")
    label_axes(axes, plot)


def draw_organisation(axes: Any, line: Line, position: int, row: Values, further: str, top: float) -> None:
    """One organisation: its gains above its effort, its name and what it costs on top."""
    effort, extra, shade = row[0].value, row[1], colour(line, position)
    axes.plot([effort, effort], [0, top * HEADING], color=shade, linewidth=7, alpha=0.13, zorder=1)
    gains = [value.value for value in row[2:] if value]
    axes.plot([effort] * len(gains), gains, "o", color=shade, markersize=8, markeredgecolor=PAPER, zorder=4)
    detail = f"{effort:,.0f} lines" + (f", {further} {extra.value:,.0f}" if extra else "")
    for text, height, how in ((line.label, 25, {"color": shade, "fontsize": 11, "fontweight": "bold"}),
                              (detail if effort else "the starting point", 12, {"color": MUTED, "fontsize": 8.5})):
        axes.annotate(text, (effort, top * HEADING), xytext=(0, height), textcoords="offset points", ha="center",
                      va="center", **how)


def name_gains(axes: Any, x: float, gains: list[tuple[float, str]], top: float, beside: float) -> None:
    """Texts beside an organisation's gains; those that would cover each other move apart."""
    apart = top * 0.072
    height = -apart
    for y, text in sorted(gains):
        height = max(y, height + apart)
        axes.annotate(text, (x, y), xytext=(x + beside, height), ha="left" if beside > 0 else "right", va="center",
                      fontsize=8.5, annotation_clip=False, bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1},
                      arrowprops={"arrowstyle": "-", "color": FAINT, "shrinkB": 5})


def has_gains(plot: Plot, values: list[Values]) -> bool:
    return any(row[0] and any(row[1:]) for row in values)


def draw_effort(axes: Any, plot: Plot, values: list[Values]) -> None:
    """Figure 2.3: a panel a workload, with a mark an organisation: its first figure is the effort, the others are gains. Marks differ in
    shape, so that they need no colour."""
    top = max(value.value for row in values for value in row[1:] if value) or 1
    span = max(row[0].value for row in values if row[0]) or 1
    axes.set_axis_off()
    panels = len(plot.xs) - 1
    for place, label in enumerate(plot.xs[1:]):
        panel = axes.inset_axes((place * 1.04 / panels, 0, 0.96 / panels, 1))
        for position, (line, row) in enumerate(zip(plot.series, values)):
            effort, gain = row[0], row[place + 1]
            if effort and gain:
                panel.plot(effort.value, gain.value, MARKERS[position % len(MARKERS)], color=colour(line, position), markersize=8,
                           markeredgecolor=INK, markeredgewidth=0.7, linestyle="", zorder=3)
        panel.set_title(label, fontsize=9)
        panel.set_xlim(-0.08 * span, 1.1 * span)
        panel.set_ylim(0, 1.08 * top)
        panel.xaxis.set_major_formatter(FuncFormatter(number))
        panel.grid()
        panel.set_xlabel(plot.x_label if place == panels // 2 else "")
        panel.set_ylabel("" if place else plot.y_label)
        panel.tick_params(length=3, labelleft=not place, labelsize=8)
    name_marks(axes, plot, values)


def name_marks(axes: Any, plot: Plot, values: list[Values]) -> None:
    """Which mark is whose, and what its effort is."""
    for position, (line, row) in enumerate(zip(plot.series, values)):
        if row[0] and any(row[1:]):
            axes.plot([], [], MARKERS[position % len(MARKERS)], color=colour(line, position), markersize=8, markeredgecolor=INK,
                      markeredgewidth=0.7, linestyle="", label=f"{line.label}: {row[0].value:,.0f}")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), ncol=4, columnspacing=1.6, handletextpad=0.3)


DRAWERS: dict[str, Callable[[Any, Plot, list[Values]], None]] = {
    "lines": draw_lines, "bars": draw_bars, "stack": draw_stack, "heat": draw_heat, "law": draw_law, "tradeoff": draw_tradeoff,
    "curves": draw_curves, "effort": draw_effort}
# Of the others, one figure of Castle's is enough.
DRAWABLE: dict[str, Callable[[Plot, list[Values]], bool]] = {
    "tradeoff": lambda plot, values: bool(organisations(plot, values)), "curves": has_points, "effort": has_gains,
    "heat": has_a_map}
