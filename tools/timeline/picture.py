"""The timeline as a drawing that needs nothing else, SVG. A lane for each processor; where
intervals are narrower than a pixel, a column has their shares on top of each other."""
import html

from timeline.lanes import STATES

COLOURS = {"user": "#7cb66f", "kernel": "#e0a03c", "spinning": "#cf4b3f", "idle": "#e4e4e0"}
MEANING = {"user": "user mode", "kernel": "kernel", "spinning": "spinning: waits for the giant lock", "idle": "idle"}
WIDTH, LEFT, RIGHT, TOP, HEIGHT, GAP, DISCS = 1100, 132, 14, 64, 46, 40, 18
FONT = 'font-family="Helvetica, Arial, sans-serif"'
LETTER = 6.1  # pixels, at 11 px
STEPS = ["enters the application kernel", "message in the shared area", "bootstrap thread goes on",
         "it makes the system call", "the call returns", "it enters the driver", "thread made ready",
         "application thread goes on"]


def escape(text):
    return html.escape(str(text), quote=True)


def number(value):
    return f"{value:.2f}".rstrip("0").rstrip(".")


class Picture:
    def __init__(self, lanes, window, title, calls=()):
        self.lanes, self.title, self.calls = lanes, title, calls
        self.numbered = len(calls) == 1  # whether a call's steps are
        self.start, self.end = window
        self.scale = (WIDTH - LEFT - RIGHT) / max(self.end - self.start, 1)
        self.parts = []

    def x(self, time):
        return LEFT + (time - self.start) * self.scale

    def y(self, cpu):
        return TOP + [lane.ring.cpu for lane in self.lanes].index(cpu) * (HEIGHT + GAP)

    def bottom(self):
        """Below the lanes and, if a call's steps are numbered, their discs."""
        return TOP + len(self.lanes) * (HEIGHT + GAP) - GAP + (DISCS if self.numbered else 0)

    def text(self, x, y, words, size=11, more=""):
        self.parts.append(f'<text x="{number(x)}" y="{number(y)}" font-size="{size}" {more}>{escape(words)}</text>')

    def box(self, x, y, width, height, state, title=""):
        self.parts.append(f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}" '
                          f'fill="{COLOURS[state]}"><title>{escape(title)}</title></rect>')

    def interval(self, one, y):
        x, width = self.x(one.start), one.cycles * self.scale
        words = one.who if one.state == "user" else one.cause if one.state == "kernel" else one.state
        self.box(x, y, width, HEIGHT, one.state,
                 f"{one.state}, {one.cycles:,} cycles {one.who} {one.cause}".rstrip())
        self.parts.append(f'<path d="M{number(x)} {y}v{HEIGHT}" stroke="#fff" stroke-width="0.5"/>')
        room = int((width - 6) / LETTER)
        if words and room >= 3:
            words = words if len(words) <= room else words[:room - 1] + "\u2026"
            self.text(x + 3, y + HEIGHT / 2 + 4, words, more='fill="#222"')

    def column(self, group, y):
        """Intervals too narrow to be drawn, as shares of one column."""
        start, end = group[0].start, group[-1].end
        total, at = sum(one.cycles for one in group), 0
        for state in STATES:
            share = sum(one.cycles for one in group if one.state == state) / total
            if share:
                self.box(self.x(start), y + at * HEIGHT, (end - start) * self.scale, share * HEIGHT, state,
                         f"{state}: {share:.1%} of {total:,} cycles")
            at += share

    def lane(self, lane):
        y, group = self.y(lane.ring.cpu), []
        self.text(8, y + HEIGHT / 2 - 2, lane.name, 13, 'font-weight="bold"')
        kind = "application kernel" if lane.ring.application else "kernel"
        self.text(8, y + HEIGHT / 2 + 13, kind, 10, 'fill="#666"')
        for one in lane.between(self.start, self.end):
            if one.cycles * self.scale >= 1.5:
                if group:
                    self.column(group, y)
                group = []
                self.interval(one, y)
                continue
            group.append(one)
            if (group[-1].end - group[0].start) * self.scale >= 1:
                self.column(group, y)
                group = []
        if group:
            self.column(group, y)

    def axis(self):
        """A line each 1, 2 or 5 times a power of ten of cycles."""
        y, step = self.bottom(), 1
        while step * self.scale < 90:
            step = step * 5 // 2 if str(step)[0] == "2" else step * 2
        for cycles in range(0, self.end - self.start + 1, step):
            x = number(LEFT + cycles * self.scale)
            self.parts.append(f'<path d="M{x} {TOP}V{y + 6}" stroke="#999" stroke-width="0.4"/>')
            self.text(float(x), y + 19, f"{cycles:,}", 10, 'text-anchor="middle" fill="#666"')
        self.text(LEFT, y + 34, "cycles", 10, 'fill="#666"')

    def legend(self):
        x = LEFT
        for state in STATES:
            if any(one.state == state for lane in self.lanes for one in lane.between(self.start, self.end)):
                self.box(x, 36, 12, 12, state)
                self.text(x + 17, 46, MEANING[state])
                x += 30 + LETTER * len(MEANING[state])

    def arrow(self, begin, end):
        x1, x2, y1, y2 = self.x(begin.time), self.x(end.time), self.y(begin.cpu), self.y(end.cpu)
        down = y2 > y1
        y1, y2 = (y1 + HEIGHT, y2) if down else (y1, y2 + HEIGHT)
        self.parts.append(f'<path d="M{number(x1)} {y1}L{number(x2)} {y2}" stroke="#2b4f81" stroke-width="1.6" '
                          'fill="none" marker-end="url(#head)"/>')

    def step(self, step):
        """A numbered disc at the lane's edge that looks away from the other lane of the call."""
        x, y = self.x(step.time), self.y(step.cpu)
        lowest = step.cpu == max(one.cpu for call in self.calls for one in call.steps)
        y = y + HEIGHT + 9 if lowest else y - 9
        self.parts.append(f'<circle cx="{number(x)}" cy="{y}" r="7" fill="#2b4f81">'
                          f"<title>{step.number}: {STEPS[step.number - 1]}</title></circle>")
        self.text(x, y + 3.5, step.number, 10, 'text-anchor="middle" fill="#fff"')

    def forwarded(self, call):
        steps = {step.number: step for step in call.steps}
        self.arrow(steps[2], steps.get(3, steps[4]))
        self.arrow(steps[7], steps[8])
        if self.numbered:
            for step in call.steps:
                self.step(step)

    def explain_steps(self):
        for index, words in enumerate(STEPS):
            self.text(LEFT + index % 4 * 240, self.bottom() + 56 + index // 4 * 17, f"{index + 1}  {words}", 11)

    def svg(self):
        self.text(LEFT, 22, self.title, 14, 'font-weight="bold"')
        self.legend()
        for lane in self.lanes:
            self.lane(lane)
        self.axis()
        for call in self.calls:
            self.forwarded(call)
        if self.numbered:
            self.explain_steps()
        height = self.bottom() + (84 if self.numbered else 44)
        head = ('<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
                'orient="auto"><path d="M0 0L8 4L0 8z" fill="#2b4f81"/></marker></defs>')
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
                f'height="{height}" {FONT}><rect width="100%" height="100%" fill="#fff"/>{head}\n'
                + "\n".join(self.parts) + "\n</svg>\n")

