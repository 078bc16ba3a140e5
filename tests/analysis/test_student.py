from math import pi, sqrt

import pytest

from numtui.analysis.student import t_cdf, t_pdf, t_quantile


@pytest.mark.parametrize(
    ("p", "df", "expected"),
    [  # the printed tables to all their digits
        (0.95, 1, 6.313751514675043),
        (0.95, 9, 1.8331129326536335),
        (0.95, 10, 1.8124611228107335),
        (0.975, 2, 4.302652729911275),
        (0.995, 30, 2.7499956535672283),
        (0.95, 1000, 1.6463788172854639),
    ],
)
def test_quantile_known_values(p: float, df: int, expected: float) -> None:
    assert t_quantile(p, df) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize(("df", "t", "density"), [(1, 0, 1 / pi), (1, 2, 1 / (5 * pi)), (2, 0, sqrt(2) / 4)])
def test_density_known_values(df: int, t: float, density: float) -> None:
    assert t_pdf(t, df) == pytest.approx(density, rel=1e-12)


def test_quantile_is_odd_around_the_median_and_inverts_the_distribution() -> None:
    assert t_quantile(0.05, 7) == pytest.approx(-t_quantile(0.95, 7), abs=1e-12)
    assert t_quantile(0.5, 3) == 0
    for df in (1, 2, 3, 8, 15, 99):
        for p in (0.51, 0.9, 0.999):
            assert t_cdf(t_quantile(p, df), df) == pytest.approx(p, abs=1e-12)


def test_quantile_against_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    for df in (1, 2, 5, 9, 16, 40, 399):
        for p in (0.55, 0.75, 0.95, 0.975, 0.999):
            assert t_quantile(p, df) == pytest.approx(float(stats.t.ppf(p, df)), rel=1e-10)


@pytest.mark.parametrize("p", [0.0, 1.0, -0.1])
def test_quantile_refuses_what_has_none(p: float) -> None:
    with pytest.raises(ValueError, match="0 < p < 1"):
        t_quantile(p, 5)


def test_distribution_needs_degrees_of_freedom() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        t_cdf(0.5, 0)
