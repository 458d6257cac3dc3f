"""The Universal Scalability Law (Gunther, Guerrilla Capacity Planning, 2007), fitted to measured speed-ups:

    C(n) = n / (1 + sigma (n - 1) + kappa n (n - 1))

sigma is the share that is serial, kappa what it costs each processor to agree with each other one. What it says beyond
what was measured is an extrapolation, and whoever shows it says so."""
import math
from dataclasses import dataclass
from typing import Sequence

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Law:
    sigma: float
    kappa: float

    def speedup(self, processors: float) -> float:
        return processors / (1 + self.sigma * (processors - 1) + self.kappa * processors * (processors - 1))

    @property
    def peak(self) -> float:
        """The number of processors beyond which more of them are slower; infinite if there is none."""
        return math.sqrt((1 - self.sigma) / self.kappa) if self.kappa > 0 and self.sigma < 1 else math.inf


def line_through(terms: Sequence[tuple[float, float, float]]) -> tuple[float, float]:
    """(a, b) for which a x + b y is nearest to z, by least squares, neither below 0 and a not above 1."""
    xx, xy, yy, xz, yz = (sum(products) for products in
                          zip(*((x * x, x * y, y * y, x * z, y * z) for x, y, z in terms)))
    determinant = xx * yy - xy * xy
    if determinant > 1e-12 * xx * yy:
        a, b = (xz * yy - yz * xy) / determinant, (yz * xx - xz * xy) / determinant
        if 0 <= a <= 1 and b >= 0:
            return a, b
    # Else it is on an edge: the best of each.
    edges = [(min(1.0, max(0.0, xz / xx)) if xx else 0.0, 0.0)]
    edges += [(a, max(0.0, (yz - a * xy) / yy) if yy else 0.0) for a in (0.0, 1.0)]
    return min(edges, key=lambda pair: sum((pair[0] * x + pair[1] * y - z) ** 2 for x, y, z in terms))


def fit(points: Points) -> Law:
    """The law nearest to (processors, speed-up): n / C - 1 is linear in sigma and kappa. Each point weighs as its speed-up
    does, so that what counts are relative residuals."""
    terms = []
    for n, speedup in points:
        if n > 1 and speedup > 0:
            weight = speedup / n
            terms.append((weight * (n - 1), weight * n * (n - 1), weight * (n / speedup - 1)))
    return Law(*line_through(terms)) if terms else Law(0.0, 0.0)
