"""The conflict matrix: from the windows of the program `pairs` to lines that both operations of a pair touch, one of them
writing."""
import json
import re

MARK = "@castle "
PARTITION = re.compile(r"\[\d+\] ")  # before a line of one


def pairs_in(printed):
    """{window: the program's record}; of a pair that was tried several times, there is one record."""
    found = {}
    for line in printed.splitlines():
        text = PARTITION.sub("", line, count=1) if PARTITION.match(line) else line
        if text.startswith(MARK):
            record = json.loads(text[len(MARK):])
            if record.get("bench") == "pairs":
                found[record["window"]] = record
    return found


def between(window, cpus):
    """The contended lines that both of these processors touched."""
    return [line for line in window["lines"] if set(cpus) <= {holder["cpu"] for holder in line["holders"]}]


def matrix(printed, windows):
    """[(record, lines of both, lines of any)] in the order of the program."""
    by_name = {window["window"]: window for window in windows}  # a later try's window is the one that counts
    return [(record, between(by_name[name], (record["first_cpu"], record["second_cpu"])), by_name[name]["lines"])
            for name, record in pairs_in(printed).items() if name in by_name]


def operations_of(found):
    """Their names, in the order of the program."""
    return list(dict.fromkeys(name for record, _, _ in found for name in (record["second"], record["first"])))


def values_of(found):
    """{(first, second): lines of both}: a triangle; the first is what comes later."""
    return {(record["first"], record["second"]): len(both) for record, both, _ in found}


def contended(found, names, most=16):
    """(names of lines, operations, {(line, operation): misses and upgrades an operation}) of the pairs of an operation with
    itself; the worst lines."""
    operations, costs = operations_of(found), {}
    for record, both, _ in found:
        if record["first"] == record["second"]:
            for line in both:
                place = names.line(line), record["first"]
                costs[place] = costs.get(place, 0) + (line["coherence"] + line["upgrades"]) / (2 * record["value"])
    totals = {}
    for (line, _), cost in costs.items():
        totals[line] = totals.get(line, 0) + cost
    worst = sorted(totals, key=lambda line: (-totals[line], line))[:most]
    return worst, operations, {place: cost for place, cost in costs.items() if place[0] in worst}


def figures(found, mode, cpus, names):
    """The lines that the laboratory reads: one for each pair, and one with all."""
    operations = operations_of(found)
    common = {"bench": "conflicts", "unit": "lines", "mode": mode, "cpus": cpus, "machine": "qemu-plugin"}
    for record, both, every in found:
        yield {**common, "metric": "lines", "value": len(both), "first": record["first"], "second": record["second"],
               "others": len(every), "true": sum(line["true"] for line in both)}
    values = values_of(found)
    yield {**common, "metric": "matrix", "value": sum(values.values()), "names": operations,
           "columns": operations, "points": [[operations.index(first), operations.index(second), value]
                                             for (first, second), value in values.items()]}
    rows, columns, costs = contended(found, names)
    yield {**common, "metric": "contended", "unit": "misses and upgrades", "value": round(sum(costs.values()), 1), "names": rows,
           "columns": columns, "points": [[rows.index(row), columns.index(column), round(cost, 1)]
                                          for (row, column), cost in costs.items()]}
    yield {**common, "metric": "free", "value": sum(not value for value in values.values()), "pairs": len(values)}


def summary(found):
    """How many pairs share no line, in a sentence."""
    counts = list(values_of(found).values())
    return f"{sum(not count for count in counts)} of {len(counts)} pairs share no line that one of them writes; {sum(counts):,} lines in all pairs\n"


def table(found):
    """The triangle, for people."""
    operations, values = operations_of(found), values_of(found)
    width = max(map(len, operations))
    rows = [" " * width + "".join(f"{number + 1:>4}" for number in range(len(operations)))]
    for number, first in enumerate(operations):
        cells = [f"{values[first, second]:>4}" if (first, second) in values else "    " for second in operations[:number + 1]]
        rows.append(f"{first:<{width}}" + "".join(cells) + f"  {number + 1}")
    return "\n".join(rows) + "\n"
