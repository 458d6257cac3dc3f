"""What the counts of a window say, as text."""
import collections

COUNTS = ("accesses", "cold", "capacity", "coherence", "false_sharing", "upgrades", "transfers")
HEADS = ("accesses", "cold", "capacity", "coherence", "false", "upgrades", "transfers")
SIDES = 2  # instructions shown of each processor


def cost_of(line):
    """What a line costs its processors: the order that lines are shown in."""
    return line["coherence"] + line["upgrades"], line["accesses"]


def columns(rows):
    """The rows, with their columns under each other; all but the last to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "".join("  " + "  ".join([*(cell.rjust(width) for cell, width in zip(row[:-1], widths)), row[-1]]).rstrip()
                   + "\n" for row in rows)


def processors(window):
    rows = [("CPU", "instructions", *HEADS, "")]
    for number, counts in enumerate(window["processors"]):
        if counts["accesses"]:
            rows.append((str(number), f"{counts['instructions']:,}", *(f"{counts[name]:,}" for name in COUNTS), ""))
    return columns(rows)


def sides(line, names):
    """For each processor the instructions that touch the line most, w for those that write."""
    by_processor = collections.defaultdict(list)
    for cpu, code, store, count in line["sites"]:
        by_processor[cpu].append((count, "w" if store else "r", names.instruction(code)))
    texts = []
    for cpu, sites in sorted(by_processor.items()):
        most = sorted(sites, key=lambda site: (site[1] != "w", -site[0], site[2]))[:SIDES]
        texts.append(f"{cpu}: " + ", ".join(f"{kind} {where} ×{count}" for count, kind, where in most))
    return texts


def lines(window, names, most):
    rows = [("sharing", "misses", "upgrades", "transfers", "line")]
    for line in sorted(window["lines"], key=cost_of, reverse=True)[:most]:
        rows.append(("true" if line["true"] else "false", f"{line['coherence']:,}", f"{line['upgrades']:,}",
                     f"{line['transfers']:,}", names.line(line)))
        rows += [("", "", "", "", f"    CPU {text}") for text in sides(line, names)]
    return columns(rows)


def report(window, names, most):
    """A window, for people."""
    count = len(window["lines"])
    text = f"\n{window['window']}: {count or 'no'} line{'' if count == 1 else 's'} fought over\n" + processors(window)
    if count:
        text += "\n" + lines(window, names, most)
    return text + (f"  … and {count - most} more (--lines)\n" if count > most else "")


def named(window, names):
    """The window as others may read it, with names for the addresses."""
    return {**window, "lines": [{**line, "name": names.line(line),
                                 "sites": [{"cpu": cpu, "address": code, "where": names.instruction(code),
                                            "kind": "store" if store else "load", "count": count}
                                           for cpu, code, store, count in line["sites"]]}
                                for line in sorted(window["lines"], key=cost_of, reverse=True)]}
