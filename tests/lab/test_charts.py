"""Every kind of plot with whatever has been measured so far: nothing, one figure, some of them, figures that are 0."""
import dataclasses
import unittest
import warnings

from lab import charts
from lab.cell import Cell
from lab.figures import Figure, Missing
from lab.model import Line, Plot

KINDS = sorted(charts.DRAWERS)
XS = ("1", "2", "4", "8")
POINTS = ((1.0, 2.0), (10.0, 3.0))
MISSING = Missing("missing", "not measured yet")


class Some:
    """Stands in for lab.figures.Figures: has the figures that it is given, by series and place."""

    def __init__(self, figures):
        self.figures = figures

    def figure(self, cell):
        return self.figures.get(cell.metric, MISSING)


def cell(series, place, quote=""):
    return Cell(run="" if quote else "a", metric=f"{series}.{place}", quote=quote)


def plot(kind, **how):
    """Three series; the last one quotes others. A curve's figures are the points of one record."""
    xs = XS if kind not in ("curves", "heat") else ("",)
    series = tuple(Line(name, tuple(cell(name, place, quote) for place in range(len(xs))), style)
                   for name, style, quote in (("one", "giantlock", ""), ("two", "marks", ""),
                                              ("others", "linux quoted", "linux")))
    return Plot(**{"title": "T", "kind": kind, "x_label": "x", "y_label": "y", "xs": xs, "series": series,
                   "ideal": False, "bottom": 0, "log": False, "note": "", **how})


def figure(value, points=POINTS):
    return Figure(value, value, value, points)


def as_map(one):
    """A figure as that of a heat map."""
    return dataclasses.replace(one, points=((0.0, 0.0, one.value), (1.0, 1.0, 2.0)), names=(("a", "b"), ("c", "d")))


def draw(kind, figures, **how):
    """What is drawn; matplotlib's warnings, as of a legend without entries, are errors."""
    if kind == "heat":
        figures = {name: as_map(one) for name, one in figures.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return charts.draw(plot(kind, **how), Some(figures))


class EveryKind(unittest.TestCase):
    def each(self, figures, drawn=True, kinds=KINDS, **how):
        for kind in kinds:
            with self.subTest(kind=kind):
                svg = draw(kind, figures, **how)
                self.assertEqual(svg is not None, drawn)
                self.assertTrue(svg is None or svg.startswith("<svg"))

    def test_nothing(self):
        self.each({}, drawn=False)

    def test_nothing_but_what_others_published(self):
        self.each({f"others.{place}": figure(2.0) for place in range(4)}, drawn=False)

    def test_one_point(self):
        """Of a trade-off, one figure is an effort without a gain: nothing that could be drawn."""
        self.each({"one.0": figure(2.0)}, kinds=[kind for kind in KINDS if kind not in ("tradeoff", "effort")])
        self.each({"one.0": figure(2.0)}, kinds=["tradeoff", "effort"], drawn=False)

    def test_gains_without_their_effort(self):
        self.each({"one.2": figure(2.0), "two.3": figure(3.0)}, kinds=["tradeoff"], drawn=False)

    def test_effort_and_one_gain(self):
        self.each({"one.0": figure(1000.0), "one.2": figure(2.0)}, kinds=["tradeoff"])

    def test_the_starting_point_alone(self):
        self.each({"one.0": figure(0.0), "one.2": figure(1.0)}, kinds=["tradeoff"])

    def test_one_series_and_the_others_quote(self):
        self.each({"one.0": figure(2.0), "one.3": figure(4.0), "others.0": figure(3.0), "others.2": figure(9.0)})

    def test_a_series_with_holes(self):
        self.each({"one.0": figure(2.0), "one.2": figure(5.0), "two.0": figure(1.0), "two.3": figure(8.0)})

    def test_all(self):
        self.each({f"{name}.{place}": figure(place + 1.0) for name in ("one", "two") for place in range(4)})

    def test_figures_that_are_zero(self):
        self.each({f"{name}.{place}": figure(0.0) for name in ("one", "two") for place in range(4)})

    def test_a_curve_without_points(self):
        self.each({"one.0": figure(1.0, ())}, kinds=["curves"], drawn=False)
        self.each({"one.0": figure(1.0, ()), "two.0": figure(1.0)}, kinds=["curves"])

    def test_a_curve_on_a_logarithmic_axis(self):
        figures = {"one.0": figure(1.0, ((0.0, 0.0),)), "two.0": figure(1.0, ((5.0, 1.0),))}
        self.each(figures, kinds=["curves"], log=True)

    def test_a_heat_map_without_names(self):
        self.assertIsNone(charts.draw(plot("heat"), Some({"one.0": figure(1.0, ((0.0, 0.0, 1.0),))})))

    def test_a_law_is_only_said_of_enough_points(self):
        points = {f"one.{place}": figure(2.0 ** place) for place in range(4)}
        self.assertIn("σ = 0.0000", draw("law", points))
        del points["one.3"]
        self.assertNotIn("σ", draw("law", points))

    def test_all_below_where_the_axis_begins(self):
        self.assertIn(">0.5</text>", draw("lines", {"one.0": figure(0.5)}, bottom=1.0))

    def test_the_line_of_ideal_speed_up(self):
        self.each({"one.1": figure(2.0)}, kinds=["lines"], ideal=True)
