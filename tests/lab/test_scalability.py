"""The Universal Scalability Law, on speed-ups that obey it, and on some that do not."""
import math
import unittest

from lab.scalability import Law, fit

COUNTS = (1, 2, 4, 8, 15)


class Fit(unittest.TestCase):
    def check(self, sigma, kappa):
        law = Law(sigma, kappa)
        found = fit([(n, law.speedup(n)) for n in COUNTS])
        self.assertAlmostEqual(found.sigma, sigma, places=6)
        self.assertAlmostEqual(found.kappa, kappa, places=6)

    def test_what_obeys_the_law_is_found(self):
        for sigma, kappa in ((0.0, 0.0), (0.05, 0.0), (0.0, 0.001), (0.1, 0.002), (0.5, 0.01)):
            self.check(sigma, kappa)

    def test_neither_is_below_zero(self):
        better = fit([(n, n * 1.05) for n in COUNTS])
        self.assertEqual((better.sigma, better.kappa), (0.0, 0.0))
        bent = fit([(2, 2.0), (4, 4.0), (8, 4.5), (15, 4.5)])
        self.assertGreaterEqual(bent.sigma, 0)
        self.assertGreaterEqual(bent.kappa, 0)

    def test_no_more_than_all_of_it_is_serial(self):
        """Two processors that are slower than one."""
        found = fit([(2, 0.8), (4, 0.95), (8, 0.9), (15, 0.85)])
        self.assertEqual(found.sigma, 1.0)
        self.assertGreater(found.kappa, 0)

    def test_one_processor_alone_says_nothing(self):
        self.assertEqual(fit([(1, 1.0)]), Law(0.0, 0.0))

    def test_the_peak(self):
        self.assertEqual(Law(0.1, 0.0).peak, math.inf)
        peak = Law(0.05, 0.002).peak
        self.assertGreater(Law(0.05, 0.002).speedup(peak), Law(0.05, 0.002).speedup(peak * 1.2))
        self.assertGreater(Law(0.05, 0.002).speedup(peak), Law(0.05, 0.002).speedup(peak * 0.8))


if __name__ == "__main__":
    unittest.main()
