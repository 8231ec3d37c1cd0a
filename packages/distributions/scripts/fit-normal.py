"""Fits the two rational functions of the normal quantile in src/internal/from-word.ts.  python fit-normal.py
(numpy 2.4.6, mpmath 1.4.1)

z(u) for p = min(u, 1 - u), q = u - 1/2:  q P(q^2) / Q(q^2)  where |q| <= 31/64,  else  P(r) / Q(r), r = sqrt(-log p),
for p down to 2^-33. Relative error: least squares of P - z Q at Chebyshev nodes, reweighted by 1 / Q (Sanathanan & Koerner
1963) and towards equal errors (Lawson 1961). Prints the coefficients, highest power first, and the largest relative error.
"""

import mpmath as mp
import numpy as np

mp.mp.dps = 40
SPLIT = 31 / 64
NODES = (1 - np.cos(np.pi * (np.arange(400) + 0.5) / 400)) / 2


def upper_quantile(p):  # Newton, to 40 digits
    z = mp.sqrt(2) * mp.erfinv(1 - 2 * p) if p > 1e-3 else mp.sqrt(-2 * mp.log(p)) - 1
    for _ in range(60):
        step = (mp.erfc(z / mp.sqrt(2)) / 2 - p) / mp.npdf(z)
        z += step
        if abs(step) < mp.mpf(10) ** -30:
            return z


def fit(x, y, above, below):
    middle, half = (x.max() + x.min()) / 2, (x.max() - x.min()) / 2
    basis = [np.polynomial.chebyshev.chebvander((x - middle) / half, degree) for degree in (above, below)]
    q, law, best = np.ones_like(x), np.ones_like(x), (np.inf, None)
    for turn in range(200):
        weight = (np.sqrt(law) / (y * q))[:, None]
        matrix = np.hstack([basis[0], -basis[1][:, 1:] * y[:, None]]) * weight
        solution = np.linalg.lstsq(matrix, (y * weight[:, 0]), rcond=None)[0]
        halves = solution[: above + 1], np.concatenate([[1], solution[above + 1 :]])
        q = basis[1] @ halves[1]
        error = np.abs(basis[0] @ halves[0] / q / y - 1)
        if error.max() < best[0]:
            best = error.max(), halves
        if turn > 5:
            law *= error / error.max() + 1e-3
            law /= law.mean()
    line = np.polynomial.Polynomial([-middle / half, 1 / half])
    p, q = [np.polynomial.Chebyshev(c)(line).coef for c in best[1]]
    return [[float(f'{c:.13g}') for c in (poly / q[0])[::-1]] for poly in (p, q)]


def report(name, x, y, above, below):
    p, q = fit(x, np.array([float(v) for v in y]), above, below)
    error = max(abs(mp.polyval([mp.mpf(c) for c in p], v) / mp.polyval([mp.mpf(c) for c in q], v) / z - 1) for v, z in zip(map(mp.mpf, x), y))
    print(name, p, q, f'largest relative error {float(error):.2g}', sep='\n')


t = NODES * SPLIT**2
report('centre', t, [upper_quantile(mp.mpf(0.5) - mp.sqrt(v)) / mp.sqrt(v) for v in map(mp.mpf, t)], 6, 5)
low, high = np.sqrt(-np.log(0.5 - SPLIT)), np.sqrt(33 * np.log(2))
r = low + NODES * (high - low)
report('tail', r, [upper_quantile(mp.exp(-v * v)) for v in map(mp.mpf, r)], 4, 3)
