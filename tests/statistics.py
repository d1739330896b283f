"""The only place that compares a p-value: every statistical assertion states its failure rate."""

import math

import numpy as np
from scipy import stats

# Chance that one sound assertion fails under fresh keys.
FAILURE_RATE = 1e-6


def samples_to_see(effect: float, deviation: float) -> int:
    """Samples after which a bias of ``effect`` is seen in 999 of 1,000 runs."""
    seen = stats.norm.isf(FAILURE_RATE / 2) + stats.norm.isf(1e-3)
    return math.ceil((seen * deviation / effect) ** 2)


def assert_mean(samples, mean, variance, sees: float) -> None:
    """Asserts E[samples] = mean by a z-test over the first axis, variance known in closed form.

    Args:
        samples: (n, ...) independent along the first axis.
        mean: (...) expected value.
        variance: (...) of one sample.
        sees: Smallest bias, in units of one standard deviation, that the test must be able to see.
    """
    samples = np.asarray(samples, float)
    n = len(samples)
    assert n >= samples_to_see(sees, 1.0), f"{n} samples cannot see a bias of {sees} σ"
    z = (samples.mean(0) - mean) / np.sqrt(np.asarray(variance) / n)
    _assert_normal(z)


def assert_mean_as_told(samples, mean: float, deviation: float, number: int) -> None:
    """Asserts that samples have the mean of others of which a page tells mean and deviation.

    Welch's t-test of two means.

    Args:
        samples: (n,) independent.
        mean: Of the others.
        deviation: Standard deviation of the others.
        number: How many others there were.
    """
    own = np.asarray(samples, float)
    told = (own.mean(), own.std(ddof=1), len(own), mean, deviation, number)
    _assert_p(stats.ttest_ind_from_stats(*told, equal_var=False).pvalue)


def assert_variance(samples, variance) -> None:
    """Asserts Var[samples] of normal samples by a χ² test over the first axis."""
    samples = np.asarray(samples, float)
    n = len(samples)
    ratio = samples.var(0, ddof=1) * (n - 1) / variance
    p = 2 * np.minimum(stats.chi2.cdf(ratio, n - 1), stats.chi2.sf(ratio, n - 1))
    _assert_p(p)


def assert_distribution(samples, cdf) -> None:
    """Asserts the distribution of all samples by a Kolmogorov-Smirnov test."""
    _assert_p(stats.kstest(np.ravel(samples), cdf).pvalue)


def assert_same_distribution(samples, others) -> None:
    """Asserts that two sets of samples have one distribution (two-sample Kolmogorov-Smirnov)."""
    _assert_p(stats.ks_2samp(np.ravel(samples), np.ravel(others)).pvalue)


def assert_rate(successes: int, trials: int, rate: float) -> None:
    """Asserts the probability of a success by an exact binomial test."""
    _assert_p(stats.binomtest(int(successes), int(trials), rate).pvalue)


def assert_uniform_counts(counts) -> None:
    """Asserts that all outcomes are equally likely by a χ² test of their counts."""
    _assert_p(stats.chisquare(counts).pvalue)


def assert_uncorrelated(samples) -> None:
    """Asserts that the columns of (n, columns) standardised samples are uncorrelated."""
    samples = np.asarray(samples, float)
    n, columns = samples.shape
    samples = (samples - samples.mean(0)) / samples.std(0)
    correlation = samples.T @ samples / n
    above = correlation[np.triu_indices(columns, 1)]
    _assert_normal(above * np.sqrt(n))


def _assert_normal(z) -> None:
    _assert_p(2 * stats.norm.sf(np.abs(z)))


def _assert_p(p) -> None:
    p = np.atleast_1d(p)
    # Bonferroni: all values of one assertion share its failure rate.
    assert p.min() > FAILURE_RATE / p.size, f"p = {p.min():.2g} over {p.size} values"
