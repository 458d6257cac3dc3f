"""The timeline as a page that needs nothing else: lanes for processors and for threads, which one can move, zoom, point at and filter
(page.js). Times are sent as differences, which are short."""
import json
import os

from timeline.chrome import INSTANTS, mark_text
from timeline.picture import COLOURS, MEANING, escape
from timeline.threads import READY, thread_lanes

HERE = os.path.dirname(os.path.abspath(__file__))
KINDS = [*COLOURS, READY]
SHOWN = {"colours": [*COLOURS.values(), "#b9c9dd"], "meanings": [*MEANING.values(), "ready: waits for a processor"]}


class Words:
    """Texts, each once."""

    def __init__(self):
        self.list, self.numbers = [], {}

    def number(self, text):
        if text not in self.numbers:
            self.numbers[text] = len(self.list)
            self.list.append(text)
        return self.numbers[text]


def packed(stretches, origin, words):
    """(state, who, cause, start, end) as columns; times as the gap from the end before, and the length."""
    columns = {"gap": [], "length": [], "state": [], "who": [], "cause": []}
    at = origin
    for state, who, cause, start, end in stretches:
        columns["gap"].append(start - at)
        columns["length"].append(end - start)
        columns["state"].append(KINDS.index(state))
        columns["who"].append(words.number(who))
        columns["cause"].append(words.number(cause))
        at = end
    return columns


def instant_text(event):
    if event.name == "MARK":
        return f"mark: {mark_text(event)}"
    return INSTANTS[event.name].format(a=event.a, b=event.b) if event.name in INSTANTS else None


def instants_of(ring, origin, words):
    found = [(event.time - origin, words.number(instant_text(event))) for event in ring.events if instant_text(event)]
    return {"time": [time for time, _ in found], "text": [text for _, text in found]}


def lanes_as_data(lanes, origin, words):
    result = []
    for lane in lanes:
        kind = "application kernel" if lane.ring.application else "kernel"
        result.append({"name": lane.name, "note": kind, "kind": "cpu", "instants": instants_of(lane.ring, origin, words),
                       **packed([(one.state, one.who, one.cause, one.start, one.end) for one in lane.intervals], origin, words)})
    for lane in thread_lanes(lanes):
        stretches = [(one.state, f"CPU {one.cpu}" if one.cpu >= 0 else "", one.cause, one.start, one.end) for one in lane.stretches]
        result.append({"name": lane.name, "note": f"thread {lane.thread.tid}", "kind": "thread", "instants": {"time": [], "text": []},
                       **packed(stretches, origin, words)})
    return result


def arrows(calls, origin, lanes):
    """Forwarded calls: from lane to lane, there and back."""
    rows = {lane.ring.cpu: row for row, lane in enumerate(lanes)}
    found = []
    for call in calls:
        steps = {step.number: step for step in call.steps}
        for begin, end in ((2, 3 if 3 in steps else 4), (7, 8)):
            found.append([steps[begin].time - origin, rows[steps[begin].cpu], steps[end].time - origin, rows[steps[end].cpu], call.call])
    return found


def first_time(log):
    """Of all events: nothing is before it."""
    return min(event.time for ring in log.rings for event in ring.events)


def data_of(log, lanes, window, calls):
    words, origin = Words(), first_time(log)
    rows = lanes_as_data(lanes, origin, words)
    return {**SHOWN, "kinds": KINDS, "words": words.list, "lanes": rows, "arrows": arrows(calls, origin, lanes),
            "window": [max(window[0] - origin, 0), window[1] - origin], "rate": log.cycles_per_ms or 0}


def read(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return file.read()


def table_rows(table):
    def row(cells, tag):
        return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>\n"
    return row(table[0], "th") + "".join(row(cells, "td") for cells in table[1:])


def page(log, lanes, window, calls, title, table):
    data = json.dumps(data_of(log, lanes, window, calls), separators=(",", ":")).replace("</", "<\\/")
    return read("page.html").replace("@TITLE@", escape(title)).replace("@TABLE@", table_rows(table)).replace(
        "@STYLE@", read("page.css")).replace("@DATA@", data).replace("@SCRIPT@", read("page.js"))
