"""The statistics against published figures, other packages, hand calculations and their laws."""

import inspect
import itertools
import math

import baycomp
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import integrate, stats
from sklearn.datasets import make_moons
from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
from sklearn.svm import SVC
from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from skmnist import statistics
from skmnist.cli._evaluation import evaluation_of
from skmnist.plots import ReliabilityDisplay
from skmnist.statistics import (
    accuracy_interval,
    bayesian_rope,
    corrected_interval,
    corrected_t_test,
    holm,
    mcnemar,
    paired_rope,
    verdict,
)
from tests.marks import slow_but

# Accuracies in percent of two classifiers in ten runs of 10-fold cross-validation on one data set,
# from the documentation of baycomp (https://github.com/janezd/baycomp): what its "Quick Guide to
# Bayesian Comparison of Classifiers" prints as `nbc`, and `aode` of docs/code/accuracies.txt, of
# the data set it calls sonar.  Folds have 69 or 68 instances: here are the numbers of errors.
NBC_ERRORS = """
    4 5 3 6 5 6 5 5 9 6 6 4 8 1 3 2 6 7 10 7 2 5 4 5 5 6 8 2 4 8 5 3 7 4 8 6 4 5 4 6 6 8 6 5 6 10 5
    2 5 3 11 2 4 3 6 5 5 6 7 7 7 5 6 4 7 5 6 1 9 3 6 5 2 4 9 1 6 12 4 2 8 9 6 4 2 5 5 7 5 4 4 4 5 3
    7 8 4 4 8 6
"""
AODE_ERRORS = """
    3 4 3 6 4 6 1 5 6 7 5 4 6 1 4 2 5 6 9 5 0 4 4 5 6 6 6 2 4 7 4 3 5 4 8 4 4 3 4 6 5 7 4 4 3 8 5 2
    5 3 10 3 3 3 6 3 5 6 4 5 6 4 5 4 5 4 6 1 7 3 6 4 2 2 9 1 8 9 4 2 6 8 5 3 1 4 4 5 5 3 5 3 4 3 5 4
    5 4 8 5
"""


def published(errors):
    # In every run the first three folds have 69 instances, and the others 68.
    sizes = np.tile([69] * 3 + [68] * 7, 10)
    return np.round(100 * (1 - np.array(errors.split(), float) / sizes), 3)


def paired(both, only_a, only_b, neither):
    counts = both, only_a, only_b, neither
    return np.repeat([True, True, False, False], counts), np.repeat([1, 0, 1, 0], counts)


quick = settings(database=None)
scores = st.floats(-1, 1).map(lambda x: round(x, 3))
folds = st.lists(scores, min_size=2, max_size=30)
ratios = st.floats(0.01, 2)
cells = st.tuples(*[st.integers(0, 60)] * 4).filter(any)


class TestCorrectedTTest:
    def test_by_hand(self):
        # Mean 2, variance 1; variance of the mean 1 (1/3 + 1/2), statistic 2 / sqrt(5/6); a t
        # distribution of 2 degrees of freedom has the tail 1/2 - t / (2 sqrt(2 + t^2)).
        found = corrected_t_test([1, 2, 3], 1 / 2)
        t = 2 / math.sqrt(5 / 6)
        assert (found.mean, found.df) == (2, 2)
        assert found.standard_error == pytest.approx(math.sqrt(5 / 6))
        assert found.statistic == pytest.approx(t)
        assert found.p_value == pytest.approx(1 - t / math.sqrt(2 + t * t))
        # Its quantile of 0.975 is 4.302653 (any table).
        assert found.high - found.mean == pytest.approx(4.302653 * math.sqrt(5 / 6), rel=1e-6)
        assert found.mean - found.low == pytest.approx(found.high - found.mean)

    @pytest.mark.slow("cross-validates two searches")
    def test_example_of_scikit_learn(self):
        # Figures published in "Statistical comparison of models using grid search" (1.3):
        # https://scikit-learn.org/1.3/auto_examples/model_selection/plot_grid_search_stats.html
        # The p-value there is of one side.
        X, y = make_moons(noise=0.352, random_state=1, n_samples=100)
        cv = RepeatedStratifiedKFold(n_splits=10, n_repeats=10, random_state=0)
        rbf, linear = (
            cross_val_score(SVC(kernel=kernel), X, y, cv=cv, scoring="roc_auc")
            for kernel in ("rbf", "linear")
        )
        differences, ratio = rbf - linear, 10 / 90
        found = corrected_t_test(differences, ratio)
        assert round(found.statistic, 3) == 0.750
        assert round(found.p_value / 2, 3) == 0.227
        for confidence, low, high in (
            (0.5, 0.000977, 0.019023),
            (0.75, -0.005422, 0.025422),
            (0.95, -0.016445, 0.036445),
        ):
            interval = corrected_interval(differences, ratio, confidence=confidence)
            assert interval == pytest.approx((low, high), abs=5e-7)
        worse, _, better = bayesian_rope(differences, ratio, rope=0)
        assert (round(worse, 3), round(better, 3)) == (0.227, 0.773)
        assert round(bayesian_rope(differences, ratio, rope=0.01)[1], 3) == 0.432

    @quick
    @given(folds)
    def test_without_the_correction_it_is_the_ordinary_t_test(self, differences):
        assume(np.ptp(differences) > 0)
        found = corrected_t_test(differences, 1e-300, confidence=0.9)
        ordinary = stats.ttest_1samp(differences, 0)
        assert found.statistic == pytest.approx(ordinary.statistic)
        assert found.p_value == pytest.approx(ordinary.pvalue)
        interval = ordinary.confidence_interval(0.9)
        assert (found.low, found.high) == pytest.approx(tuple(interval))
        assert found.df == ordinary.df

    @quick
    @given(folds, ratios)
    def test_laws(self, differences, ratio):
        found = corrected_t_test(differences, ratio)
        swapped = corrected_t_test([-d for d in differences], ratio)
        assert (swapped.mean, swapped.low, swapped.high) == pytest.approx(
            (-found.mean, -found.high, -found.low)
        )
        assert swapped.p_value == pytest.approx(found.p_value)
        assert swapped.statistic == -found.statistic
        shuffled = corrected_t_test(sorted(differences), ratio)
        assert shuffled.p_value == pytest.approx(found.p_value)
        # The interval has zero outside if, and only if, the test finds a difference.
        assume(abs(found.p_value - 0.05) > 1e-9)
        assert (found.p_value < 0.05) == (not found.low <= 0 <= found.high)
        # The more the training sets overlap, the less is found.
        assert corrected_t_test(differences, 2 * ratio).p_value >= found.p_value

    def test_one_fold_tells_nothing(self):
        found = corrected_t_test([0.1], 0.25)
        assert (found.mean, found.df) == (0.1, 0)
        for value in (found.p_value, found.low, found.high, found.statistic, found.standard_error):
            assert math.isnan(value)
        assert all(map(math.isnan, corrected_interval([0.1], 0.25)))

    @pytest.mark.parametrize("noise", [0, 1e-16])
    def test_equal_differences(self, noise):
        differences = np.array([noise, -noise, 0, noise, 0])
        found = corrected_t_test(differences, 0.25)
        assert (found.mean, found.p_value, found.statistic) == (0, 1, 0)
        assert (found.low, found.high) == (0, 0)
        found = corrected_t_test(differences - 0.01, 0.25)
        assert (found.p_value, found.statistic) == (0, -math.inf)
        assert found.low == found.high == pytest.approx(-0.01)

    def test_it_finds_fewer_differences_that_are_not_there(self):
        # Two equally good classifiers, on random splits of the same images: each puts a threshold
        # halfway between the class means of its feature, and the features are alike.
        rng, found = np.random.default_rng(0), []
        for _ in range(400):
            y = np.tile([0, 1], 30)
            X = rng.normal(size=(60, 2)) + 0.5 * y[:, None]
            differences = []
            for _ in range(15):
                order = rng.permutation(60)
                train, test = order[:40], order[40:]
                middle = (X[train][y[train] == 0].mean(0) + X[train][y[train] == 1].mean(0)) / 2
                right = ((X[test] > middle) == y[test][:, None]).mean(0)
                differences.append(right[0] - right[1])
            naive = stats.ttest_1samp(differences, 0).pvalue
            found.append((naive < 0.05, corrected_t_test(differences, 20 / 40).p_value < 0.05))
        naive, corrected = np.mean(found, axis=0)
        assert naive > 0.25
        assert corrected < 0.08


class TestBayesianRope:
    def test_published_example_of_baycomp(self):
        nbc, aode = published(NBC_ERRORS), published(AODE_ERRORS)
        assert nbc.mean() == pytest.approx(92.195820)
        assert aode.mean() == pytest.approx(93.308150)
        # Ten runs of ten folds: one instance is tested for nine that are trained on.
        left, _, right = bayesian_rope(aode - nbc, 1 / 9, rope=0)
        expected = (0.024471493163386815, 0.97552850683661319)
        assert (left, right) == pytest.approx(expected, rel=1e-12)
        assert bayesian_rope(aode - nbc, 1 / 9, rope=0.5) == pytest.approx(
            (0.0023685180162288377, 0.13517773046085313, 0.86245375152291803), rel=1e-12
        )

    @pytest.mark.parametrize("rope", [0.001, 0.01, 0.1])
    @pytest.mark.parametrize(("runs", "k"), [(1, 5), (1, 10), (3, 4), (10, 2)])
    def test_same_as_baycomp(self, runs, k, rope):
        rng = np.random.default_rng(runs * k)
        a, b = rng.normal([[0.91], [0.9]], 0.02, size=(2, runs * k))
        expected = baycomp.two_on_single(b, a, rope=rope, runs=runs)
        assert bayesian_rope(a - b, 1 / (k - 1), rope=rope) == pytest.approx(expected)

    @pytest.mark.parametrize("difference", [-0.42, -0.01, 0, 0.005, 0.01, 0.02])
    def test_equal_differences_same_as_baycomp(self, difference):
        differences = np.full(5, difference)
        expected = baycomp.two_on_single(np.zeros(5), differences, rope=0.01)
        assert bayesian_rope(differences, 0.25, rope=0.01) == expected

    @quick
    @given(folds, ratios, st.floats(0, 0.5))
    def test_laws(self, differences, ratio, rope):
        left, equal, right = bayesian_rope(differences, ratio, rope=rope)
        assert min(left, equal, right) >= 0
        assert left + equal + right == pytest.approx(1)
        mirrored = bayesian_rope([-d for d in differences], ratio, rope=rope)
        assert mirrored == pytest.approx((right, equal, left), abs=1e-12)
        assert bayesian_rope(differences, ratio, rope=rope + 0.1)[1] >= equal - 1e-12

    @quick
    @given(folds, ratios)
    def test_without_a_rope_it_is_half_the_p_value(self, differences, ratio):
        assume(np.ptp(differences) > 0)
        left, equal, right = bayesian_rope(differences, ratio, rope=0)
        found = corrected_t_test(differences, ratio)
        assert equal == pytest.approx(0, abs=1e-12)
        assert 2 * min(left, right) == pytest.approx(found.p_value)

    def test_one_fold_tells_nothing(self):
        assert all(map(math.isnan, bayesian_rope([0.1], 0.25)))


class TestHolm:
    @pytest.mark.parametrize("n", slow_but([1, 6], [1, 2, 3, 6, 28, 190], "more sizes"))
    def test_same_as_statsmodels(self, n):
        # With ties, and with small ones among them.
        p_values = np.round(np.random.default_rng(n).random(n) ** 4, 2)
        assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1])

    def test_by_hand(self):
        # 4 x 0.001, 3 x 0.01, 2 x 0.04, 1 x 0.2.
        assert holm([0.2, 0.001, 0.04, 0.01]) == pytest.approx([0.2, 0.004, 0.08, 0.03])

    @quick
    @given(st.lists(st.floats(0, 1) | st.just(math.nan), max_size=12), st.randoms())
    def test_laws(self, p_values, random):
        adjusted = holm(p_values)
        there = ~np.isnan(p_values)
        assert np.array_equal(np.isnan(adjusted), ~there)
        raw = np.array(p_values)[there]
        assert adjusted[there] == pytest.approx(holm(raw))
        assert np.all(adjusted[there] >= raw) and np.all(adjusted[there] <= 1)
        order = np.argsort(raw, kind="stable")
        assert np.all(np.diff(adjusted[there][order]) >= 0)
        shuffle = random.sample(range(len(p_values)), len(p_values))
        assert np.array_equal(
            holm([p_values[i] for i in shuffle]), adjusted[shuffle], equal_nan=True
        )

    def test_nothing_to_correct(self):
        assert holm([]).shape == (0,)
        assert holm([0.3]) == [0.3]


class TestMcNemar:
    def test_published_example(self):
        # Airway hyper-responsiveness of 21 children before and after stem cell transplantation:
        # Table 1 of Fagerland, Lydersen and Laake 2013 (https://doi.org/10.1186/1471-2288-13-91).
        # By hand, from 1 and 7 in 2^8: exact 2 (1 + 8) / 256; mid-p, less 8 / 256; chi-square
        # with continuity correction (6 - 1)^2 / 8.
        answers = paired(1, 1, 7, 12)
        found = mcnemar(*answers)
        assert (found.n, found.n_only_a, found.n_only_b) == (21, 1, 7)
        assert found.difference == pytest.approx(-6 / 21)
        assert found.p_value == pytest.approx(10 / 256)
        assert mcnemar(*answers, method="exact").p_value == pytest.approx(18 / 256)
        expected = math.erfc(math.sqrt(25 / 8 / 2))
        assert mcnemar(*answers, method="chi2").p_value == pytest.approx(expected)

    def test_tiny_p_values_are_not_negative(self):
        # 2 P(A <= few) - P(A = few) as it stands gave -1e-268 here.
        ahead = np.arange(10000) < 60
        p_values = [
            mcnemar(ahead, (np.arange(10000) >= 60) & (np.arange(10000) < 60 + n)).p_value
            for n in range(100, 3000, 50)
        ]
        assert min(p_values) >= 0
        assert all(np.diff(p_values) <= 0)

    def test_newcombes_interval_by_hand(self):
        # n = 50: accuracies 0.64 and 0.44, their Wilson intervals 0.5014 to 0.7586 and 0.3116 to
        # 0.5769; correlation ((20 * 16 - 12 * 2) - 25) / sqrt(32 * 18 * 22 * 28) = 0.4550.
        down = math.sqrt(0.1386**2 + 0.1369**2 - 2 * 0.4550 * 0.1386 * 0.1369)
        up = math.sqrt(0.1186**2 + 0.1284**2 - 2 * 0.4550 * 0.1186 * 0.1284)
        found = mcnemar(*paired(20, 12, 2, 16))
        assert (found.low, found.high) == pytest.approx((0.2 - down, 0.2 + up), abs=2e-4)

    @quick
    @given(cells)
    def test_same_as_statsmodels(self, counts):
        both, only_a, only_b, neither = counts
        table = [[both, only_a], [only_b, neither]]
        found = mcnemar(*paired(*counts), method="exact")
        assert found.p_value == pytest.approx(statsmodels_mcnemar(table, exact=True).pvalue)
        if only_a != only_b:
            found = mcnemar(*paired(*counts), method="chi2")
            expected = statsmodels_mcnemar(table, exact=False, correction=True).pvalue
            assert found.p_value == pytest.approx(expected)

    @quick
    @given(cells)
    def test_laws(self, counts):
        a, b = paired(*counts)
        found, swapped = mcnemar(a, b), mcnemar(b, a)
        assert swapped.p_value == found.p_value
        assert (swapped.difference, swapped.low, swapped.high) == pytest.approx(
            (-found.difference, -found.high, -found.low)
        )
        assert found.low <= found.difference <= found.high
        assert found.difference == pytest.approx(np.mean(a) - np.mean(b))
        assert 0 < found.p_value <= mcnemar(a, b, method="exact").p_value <= 1
        wider = mcnemar(a, b, confidence=0.99)
        assert wider.low <= found.low and found.high <= wider.high
        order = np.random.default_rng(0).permutation(len(a))
        assert mcnemar(a[order], b[order]) == found

    @pytest.mark.slow("enumerates every outcome")
    def test_level_and_power_by_enumeration(self):
        # Probability to find a difference at 0.05, over all counts that can occur: when there is
        # none it must not exceed 0.05, for mid-p too; when there is one mid-p finds it oftener.
        def found(method, n, apart, share):
            total = 0.0
            for discordant in range(n + 1):
                weight = stats.binom.pmf(discordant, n, apart)
                for a in range(discordant + 1) if weight > 1e-9 else ():
                    answers = paired(n - discordant, a, discordant - a, 0)
                    if mcnemar(*answers, method=method).p_value < 0.05:
                        total += weight * stats.binom.pmf(a, discordant, share)
            return total

        for n, apart in ((12, 0.6), (20, 0.3)):
            assert found("exact", n, apart, 0.5) < found("mid-p", n, apart, 0.5) <= 0.05
            assert found("exact", n, apart, 0.8) < found("mid-p", n, apart, 0.8)

    def test_nothing_tells_them_apart(self):
        for counts in ((10, 0, 0, 0), (0, 0, 0, 10), (5, 0, 0, 5), (5, 3, 3, 0)):
            for method in ("mid-p", "exact", "chi2"):
                found = mcnemar(*paired(*counts), method=method)
                assert found.p_value == 1
                assert found.difference == 0
                assert found.low < 0 < found.high

    def test_large_counts(self):
        # As many images as MNIST has for testing: the normal approximations hold.
        found = mcnemar(*paired(9700, 150, 100, 50))
        assert found.p_value == pytest.approx(math.erfc(50 / math.sqrt(2 * 250)), rel=0.02)
        half = 1.959964 * math.sqrt(250 - 50**2 / 10_000) / 10_000
        assert (found.low, found.high) == pytest.approx((0.005 - half, 0.005 + half), abs=2e-4)


class TestPairedRope:
    @pytest.mark.slow("integrates for long")
    @pytest.mark.parametrize("counts", [(900, 6, 4, 90), (20, 12, 2, 16), (30, 0, 0, 0)])
    @pytest.mark.parametrize("rope", [0.005, 0.05])
    def test_against_the_integral_of_the_density(self, counts, rope):
        both, only_a, only_b, neither = counts
        # Of a Dirichlet distribution of three shares, by its density over A's and B's.
        density = stats.dirichlet([only_a + 0.5, only_b + 0.5, both + neither + 1]).pdf
        right = integrate.dblquad(
            lambda a, b: density([a, b, 1 - a - b]),
            *(0, (1 - rope) / 2),
            lambda b: b + rope,
            lambda b: 1 - b,
            epsabs=1e-5,
        )[0]
        assert paired_rope(*paired(*counts), rope=rope)[2] == pytest.approx(right, abs=1e-4)

    @quick
    @given(cells, st.floats(0, 0.5))
    def test_laws(self, counts, rope):
        a, b = paired(*counts)
        left, equal, right = paired_rope(a, b, rope=rope)
        assert min(left, equal, right) >= 0
        assert left + equal + right == pytest.approx(1)
        assert paired_rope(b, a, rope=rope) == pytest.approx((right, equal, left), abs=1e-9)
        assert (right >= left) == (counts[1] >= counts[2]) or right == pytest.approx(left)
        assert paired_rope(a, b, rope=rope + 0.1)[1] >= equal - 1e-12

    def test_it_learns_from_more_images(self):
        few, many = (paired_rope(*paired(9 * k, 0, 0, k), rope=0.01)[1] for k in (5, 500))
        assert few < 0.7 < 0.999 < many


class TestAccuracyInterval:
    @quick
    @given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
    def test_same_as_statsmodels(self, counts):
        expected = proportion_confint(*counts, method="wilson")
        assert accuracy_interval(*counts) == pytest.approx(expected, abs=1e-9)

    def test_by_hand(self):
        # All of n right: the interval starts at n / (n + z^2), and z^2 = 3.841459.
        low, high = accuracy_interval(100, 100)
        assert (low, high) == pytest.approx((100 / 103.841459, 1))
        assert accuracy_interval(9, 10, confidence=0.99)[0] < accuracy_interval(9, 10)[0]


class TestVerdict:
    @pytest.mark.parametrize(
        ("p_value", "equal", "answer"),
        [
            (0.049, 0.3, "yes"),
            (0.05, 0.3, "can't tell"),
            (0.05, 0.949, "can't tell"),
            (0.05, 0.95, "no"),
            (0.001, 0.96, "yes"),
            (1.0, 1.0, "no"),
            (math.nan, math.nan, "can't tell"),
        ],
    )
    def test_answers(self, p_value, equal, answer):
        rest = (1 - equal) / 2
        found = verdict("A", "B", 0.02, p_value, (rest, equal, rest))
        assert found.answer == answer
        assert str(found) == found.words
        assert f"A is better than B: {answer}" in found.words
        assert ("too little to matter" in found.words) == (answer == "yes" and equal >= 0.95)

    def test_words(self):
        words = verdict("kNN", "tree", 0.0123, 0.00004, (0, 0.2, 0.8)).words
        assert words == "kNN is better than tree: yes. It scores 0.0123 higher (p < 0.001)."
        words = verdict("kNN", "tree", 0.002, 0.02, (0, 0.98, 0.02), rope=0.005).words
        assert words == (
            "kNN is better than tree: yes. It scores 0.002 higher (p = 0.02). But that is too "
            "little to matter: they differ by less than 0.005 with a probability of 98 %."
        )
        words = verdict("kNN", "tree", 0.002, 0.3, (0, 0.9999, 0.0001)).words
        assert words == (
            "kNN is better than tree: no. They differ by less than 0.01 with a probability of "
            "more than 99.9 %."
        )
        words = verdict("kNN", "tree", 0.03, 0.0612, (0.1, 0.2, 0.7)).words
        assert words == (
            "kNN is better than tree: can't tell with this data. It scores 0.03 higher, but that "
            "may be chance (p = 0.0612)."
        )
        assert "same here" in verdict("kNN", "tree", 0, 1.0, (0.2, 0.6, 0.2)).words
        assert "too few results" in verdict("kNN", "tree", 0.3, math.nan).words

    def test_without_rope_it_is_never_no(self):
        assert verdict("A", "B", 0.0, 1.0).answer == "can't tell"

    def test_alpha(self):
        assert verdict("A", "B", 0.1, 0.04, alpha=0.01).answer == "can't tell"
        assert verdict("A", "B", 0.1, 0.04, alpha=0.1).answer == "yes"

    def test_equal_means_may_be_off_by_rounding(self):
        assert verdict("A", "B", -1e-17, 1.0, (0, 1, 0)).answer == "no"


BAD = {
    "no folds": (lambda: corrected_t_test([], 0.25), "one number for each fold"),
    "two dimensions": (lambda: corrected_t_test([[1, 2]], 0.25), r"shape \(1, 2\)"),
    "NaN": (lambda: corrected_t_test([0.1, math.nan], 0.25), r"must be finite\. Got"),
    "infinite": (lambda: bayesian_rope([0.1, math.inf], 0.25), "must be finite"),
    "ratio 0": (lambda: corrected_t_test([1, 2], 0), "test_train_ratio .* Got 0"),
    "ratio None": (lambda: bayesian_rope([1, 2], None), "test_train_ratio .* Got None"),
    "ratio NaN": (lambda: corrected_interval([1, 2], math.nan), "test_train_ratio"),
    "confidence": (lambda: corrected_interval([1, 2], 0.2, confidence=95), "between 0 and 1"),
    "rope": (lambda: bayesian_rope([1, 2], 0.2, rope=-0.1), "rope must .* Got -0.1"),
    "rope pair": (lambda: paired_rope([True], [True], rope=(-1, 1)), "rope must"),
    "p-value": (lambda: holm([0.1, 1.1]), "between 0 and 1"),
    "p-values 2-D": (lambda: holm([[0.1]]), r"shape \(1, 1\)"),
    "labels": (lambda: mcnemar([3, 7], [3, 1]), "correct_a must be true or false"),
    "lengths": (lambda: mcnemar([True], [True, False]), r"the same images\. Got lengths 1 and 2"),
    "no images": (lambda: paired_rope([], []), "correct_a must be"),
    "method": (lambda: mcnemar([True], [True], method="auto"), "method must be .* Got 'auto'"),
    "n": (lambda: accuracy_interval(0, 0), "at least 1"),
    "n_correct": (lambda: accuracy_interval(11, 10), r"from 0 to n=10\. Got 11"),
    "share": (lambda: accuracy_interval(0.98, 10), "whole number"),
    "order": (lambda: verdict("A", "B", -0.1, 0.5), "higher mean first"),
    "verdict p": (lambda: verdict("A", "B", 0.1, 1.5), "p_value must"),
    "verdict rope": (lambda: verdict("A", "B", 0.1, 0.5, (0.5, 0.5, 0.5)), "sum to 1"),
    "verdict pair": (lambda: verdict("A", "B", 0.1, 0.5, (0.5, 0.5)), "must be three"),
}


@pytest.mark.parametrize("name", BAD)
def test_errors_say_what_was_passed(name):
    call, message = BAD[name]
    with pytest.raises(ValueError, match=message):
        call()


def test_from_scores_of_one_sort_to_words():
    # What a comparison does with three models: all pairs, corrected, told.
    rng = np.random.default_rng(3)
    scores = dict(zip("ABC", rng.normal([[0.95], [0.948], [0.80]], 0.004, (3, 10)), strict=True))
    pairs = list(itertools.combinations(scores, 2))
    tests = [corrected_t_test(scores[a] - scores[b], 1 / 9) for a, b in pairs]
    adjusted = holm([test.p_value for test in tests])
    answers = {
        a + b: verdict(
            a, b, test.mean, p, bayesian_rope(scores[a] - scores[b], 1 / 9, rope=0.01)
        ).answer
        for (a, b), test, p in zip(pairs, tests, adjusted, strict=True)
    }
    assert answers == {"AB": "no", "AC": "yes", "BC": "yes"}


def test_every_function_has_an_example():
    for name in statistics.__all__:
        if inspect.isfunction(getattr(statistics, name)):
            assert "Examples\n--------\n" in inspect.getdoc(getattr(statistics, name))


def test_calibration_error_against_a_loop():
    rng = np.random.default_rng(0)
    for n_classes, n_bins in ((2, 15), (10, 15), (4, 7)):
        proba = rng.dirichlet(np.ones(n_classes), 300)
        y = rng.integers(n_classes, size=300)
        total = 0.0
        for b in range(n_bins):
            inside = [i for i in range(300) if b / n_bins < max(proba[i]) <= (b + 1) / n_bins]
            if inside:
                accuracy = np.mean([np.argmax(proba[i]) == y[i] for i in inside])
                confidence = np.mean([max(proba[i]) for i in inside])
                total += len(inside) / 300 * abs(accuracy - confidence)
        found = statistics.expected_calibration_error(y, proba, n_bins=n_bins)
        assert found == pytest.approx(total, abs=1e-12)
        names = np.array([f"class {i}" for i in range(n_classes)])
        assert found == pytest.approx(
            statistics.expected_calibration_error(
                names[y], proba.astype(np.float32), classes=names, n_bins=n_bins
            ),
            abs=1e-6,
        )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0, 1], [[0.5, 0.5]]), "Got shapes"),
        (([0, 0], [[0.5, 0.5]] * 2), "2 columns, but there are 1 classes"),
        (([0, 1], [[0.5, 2.5]] * 2), "numbers between 0 and 1"),
        (([0, 1], [[0.5, np.nan]] * 2), "numbers between 0 and 1"),
    ],
)
def test_calibration_error_of_nonsense(arguments, message):
    with pytest.raises(ValueError, match=message):
        statistics.expected_calibration_error(*arguments)


def test_one_calibration_error():
    # Command line, diagram and report say the same of the same model.
    rng = np.random.default_rng(1)
    proba, y = rng.dirichlet(np.ones(5), 200), rng.integers(5, size=200)
    expected = statistics.expected_calibration_error(y, proba)
    shown = ReliabilityDisplay.from_predictions(y, proba)
    assert shown.expected_calibration_error_ == expected
    assert len(shown.counts) == 15
    found = evaluation_of(y, proba.argmax(axis=1), proba, np.arange(5))
    assert found.calibration_error == expected
