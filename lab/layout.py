"""Reading what an experiment shows: its tables, plots, targets and comparisons. Rows and columns share their keys with
the cells between them, and each cell is checked against the experiment's runs and quoted numbers."""
from typing import Any

from lab.cell import Cell, read_cell, united
from lab.fields import Fields
from lab.organisations import EACH, EVERY, boots, modes_of
from lab.model import PROFILES, Comparison, Experiment, Line, Plot, Table, Target


class Layout:
    """Reads what an experiment shows; cells are checked against its runs and quoted numbers."""

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment

    def cell(self, fields: Fields, *parts: dict[str, Any]) -> Cell:
        return read_cell(united(*parts), fields, self.experiment)

    def lines(self, fields: Fields, key: str) -> list[dict[str, Any]]:
        """A list of selectors, of which one may stand for a kernel of each mode; or, short, one table of one key with a
        list: { cpus = [2, 4] }."""
        value = fields.table.get(key)
        fields.known.add(key)
        if isinstance(value, dict) and len(value) == 1:
            (axis, values), = value.items()
            if axis == "modes":
                return [{"where": {"mode": mode}, "label": mode, "style": mode, "of_mode": mode} for mode in modes_of(values or EACH)]
            if axis == "kernels" and values in (EACH, EVERY):
                return of_each_mode({"label": "{}", "kernels": values}, titles=False)
            if isinstance(values, list):
                return [{axis: item, "label": str(item)} for item in values]
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value) or not value:
            raise fields.fault(key, "must be a list of tables, or like { cpus = [1, 2, 4] }")
        for number, item in enumerate(value, 1):
            if not isinstance(item.get("label"), str):
                raise fields.fault(f"{key}[{number}]", "has no label")
        return [line for item in value for line in (of_each_mode(item) if item.get("kernels") in (EACH, EVERY) else [item])]

    def table(self, fields: Fields) -> Table:
        common = fields.take("cell", dict, {})
        columns, rows = self.lines(fields, "columns"), self.lines(fields, "rows")
        result = Table(fields.take("title", str), fields.take("corner", str, ""),
                       tuple(column["label"] for column in columns),
                       tuple(Line(row["label"], tuple(self.cell(fields, common, row, column)
                                                      for column in columns),
                                  row.get("style", ""), of_mode=row.get("of_mode", ""))
                             for row in rows), fields.take("note", str, ""), tuple(column.get("of_mode", "") for column in columns))
        fields.finish()
        return result

    def plot(self, fields: Fields) -> Plot:
        common = fields.take("cell", dict, {})
        kind = fields.take_choice("kind", ("lines", "bars", "stack", "tradeoff", "curves", "heat", "law", "effort"))
        # A curve's figures are the points of one record, and so are a heat map's.
        xs = [{"label": ""}] if kind in ("curves", "heat") else self.lines(fields, "x")
        series = self.lines(fields, "series")
        result = Plot(fields.take("title", str), kind,
                      fields.take("x_label", str, ""), fields.take("y_label", str, ""),
                      tuple(x["label"] for x in xs),
                      tuple(Line(line["label"], tuple(self.cell(fields, common, line, x) for x in own_xs(fields, line, xs)),
                                 line.get("style", ""), line.get("note", "")) for line in series),
                      fields.take("ideal", bool, False), float(fields.take("bottom", float, 0)),
                      fields.take("log", bool, False),
                      fields.take("note", str, ""))
        fields.finish()
        return result

    def targets(self, fields: Fields) -> list[Target]:
        """One target, or one for each of { cpus = [2, 4, 8] }."""
        cell, each = fields.take("cell", dict), fields.take("each", dict, None)
        relations = [key for key in ("at_least", "at_most", "above", "below") if key in fields.table]
        if len(relations) != 1:
            raise fields.fault("at_least", "a target has one of at_least, at_most, above, below")
        relation = relations[0]
        fields.known.add(relation)
        limit = fields.table[relation]
        if isinstance(limit, str):
            limit = {"quote": limit}
        elif isinstance(limit, (int, float)) and not isinstance(limit, bool):
            limit = {"number": limit}
        elif not isinstance(limit, dict):
            raise fields.fault(relation, "must be a number, the name of quoted numbers, or a cell")
        text, profiles = fields.take("text", str), tuple(fields.take_list("profiles", str, list(PROFILES)))
        parts = self.lines(fields, "each") if each else [{}]
        fields.finish()
        return [Target(text + which(part), self.cell(fields, cell, part), self.cell(fields, cell, part, limit),
                       relation, profiles) for part in parts]

    def comparison(self, fields: Fields) -> Comparison:
        cell, other = fields.take("cell", dict), fields.take("with", dict)
        words = {key: fields.take(key, str, "") for key in ("agrees", "above", "below")}
        result = Comparison(fields.take("text", str), self.cell(fields, cell), self.cell(fields, cell, other),
                            float(fields.take("within", float, 10)), words)
        fields.finish()
        return result


def own_xs(fields: Fields, line: dict[str, Any], xs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a series shows at the places of the x axis: it may have others than the plot, one for one, where its runs are not theirs."""
    own = line.get("x", xs)
    if len(own) != len(xs):
        raise fields.fault("series", f"{line['label']!r} has {len(own)} in its x, the plot {len(xs)}")
    return own


def of_each_mode(item: dict[str, Any], titles: bool = True) -> list[dict[str, Any]]:
    """What { kernels = "modes", label = "Castle, {}" } stands for in a list: a line a mode, with its title, or else its name, in the
    label."""
    common = {key: value for key, value in item.items() if key != "kernels"}
    return [{"style": mode, **common, "kernel": mode, "of_mode": mode,
             "label": item["label"].format(boots()[mode].title if titles else mode)} for mode in modes_of(item["kernels"])]


def which(part: dict[str, Any]) -> str:
    """What is added to a target's text for one of `each`."""
    if not part:
        return ""
    unit = "" if "cpus" not in part else " processor" if part["cpus"] == 1 else " processors"
    return f", {part['label']}{unit}"
