"""Products of many one-token Jacobians, in logarithms: plain products leave the numbers after a few hundred tokens."""

import numpy as np

from rnnviz.domain.arrays import Array

EXACT_SIZE = 64  # up to this S a full decomposition is as fast as the iteration
STEPS = 64  # of the iteration, before the full decomposition is asked after all
ROUNDING = float(np.finfo(np.float64).eps)


class JacobianProduct:
    """P = J_last … J_{t+1} (S, S), begun as the identity and lengthened towards the past.

    Kept as a matrix whose largest entry is 1 and a logarithm. NaN from a Jacobian on that is not finite, −inf from one
    on that makes the product exactly 0.
    """

    def __init__(self, size: int) -> None:
        self._matrix = np.eye(size)
        self._log10_scale = 0.0
        self._log10_det = 0.0
        self._factors = 0
        self._direction = np.random.default_rng(0).standard_normal(size)

    def prepend(self, jacobian: Array) -> None:
        """P becomes P · ``jacobian`` (S, S) float64."""
        with np.errstate(all="ignore"):
            product = self._matrix @ jacobian
            largest = np.abs(product).max()
            self._log10_det += np.linalg.slogdet(jacobian)[1] / np.log(10)
            self._log10_scale += float(np.log10(largest))
            self._matrix = product if largest == 0 else product / largest
        self._factors += 1

    def log10_norm(self) -> float:
        """log10 of the largest singular value."""
        if not np.isfinite(self._log10_scale):
            return self._log10_scale
        norm, self._direction = spectral_norm(self._matrix, self._direction)
        return float(np.log10(norm)) + self._log10_scale

    def log10_mean(self) -> float:
        """log10 of the geometric mean of the singular values, |det P|^(1/S)."""
        return float(self._log10_det / len(self._matrix))

    def log10_singular(self) -> Array:
        """log10 of all singular values (S,), falling; NaN below what rounding leaves of the largest."""
        size = len(self._matrix)
        if not np.isfinite(self._log10_scale):
            return np.full(size, self._log10_scale)
        values = np.linalg.svd(self._matrix, compute_uv=False)
        known = values > size * max(self._factors, 1) * ROUNDING * values[0]
        with np.errstate(divide="ignore"):
            return np.where(known, np.log10(values) + self._log10_scale, np.nan)


def spectral_norm(matrix: Array, direction: Array) -> tuple[float, Array]:
    """Largest singular value of ``matrix`` (S, S), and where to begin for one nearby: its left singular vector.

    Lanczos' iteration on M Mᵀ with full reorthogonalisation, until its residual, which bounds the error, is below
    1e-12 of the value. It begins at ``direction`` (S,), the vector of a matrix nearby; a share of noise makes sure
    that nothing is hidden from it.
    """
    size = len(matrix)
    if size <= EXACT_SIZE:
        return float(np.linalg.svd(matrix, compute_uv=False)[0]), direction
    noise = np.random.default_rng(1).standard_normal(size)
    start = direction / np.linalg.norm(direction) + 0.1 * noise / np.linalg.norm(noise)
    found = _lanczos(matrix, start / np.linalg.norm(start))
    return found or (float(np.linalg.svd(matrix, compute_uv=False)[0]), direction)


def _lanczos(matrix: Array, start: Array) -> tuple[float, Array] | None:
    basis = np.zeros((STEPS + 1, len(matrix)))
    basis[0] = start
    band = np.zeros((STEPS + 1, STEPS + 1))
    transposed = np.ascontiguousarray(matrix.T)
    for step in range(STEPS):
        vector = matrix @ (transposed @ basis[step])
        band[step, step] = basis[step] @ vector
        for _ in range(2):
            vector -= (basis[: step + 1] @ vector) @ basis[: step + 1]
        left_over = float(np.linalg.norm(vector))
        done = left_over <= ROUNDING * band[0, 0]
        if done or step % 4 == 3:
            values, vectors = np.linalg.eigh(band[: step + 1, : step + 1])
            if done or left_over * abs(vectors[-1, -1]) <= 1e-12 * values[-1]:
                return float(np.sqrt(values[-1])), vectors[:, -1] @ basis[: step + 1]
        basis[step + 1] = vector / left_over
        band[step, step + 1] = band[step + 1, step] = left_over
    return None


class LyapunovExponents:
    """Mean logarithmic growth of volumes, by a QR decomposition at every token (Benettin's method).

    Directions that a Jacobian maps onto the span of the others are dropped: their exponent is −inf, and what rounding
    leaves of them would mislead the rest.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._frame = np.eye(size)
        self._growth = np.zeros(size)
        self._tokens = 0

    def append(self, jacobian: Array) -> None:
        """Go on by one token. ``jacobian`` (S, S) float64."""
        self._tokens += 1
        with np.errstate(all="ignore"):
            moved = jacobian @ self._frame
            if not np.isfinite(moved).all():
                self._growth = self._growth * np.nan
                return
            frame, stretch = _frame(moved)
            alive = stretch > 4 * self._size * ROUNDING * np.linalg.norm(moved, axis=0)
            if not alive.all():
                self._growth = self._growth[alive]
                frame, stretch = _frame(moved[:, alive])
            self._frame = frame
            self._growth = self._growth + np.log(stretch)

    def exponents(self) -> Array:
        """(S,) in nats per token, falling; NaN if a Jacobian was not finite."""
        lost = np.full(self._size - len(self._growth), -np.inf)
        return np.concatenate([np.sort(self._growth)[::-1] / max(self._tokens, 1), lost])


def _frame(moved: Array) -> tuple[Array, Array]:
    """QR of (S, r): an orthonormal frame, and the diagonal of R, which counts as positive."""
    frame, triangle = np.linalg.qr(moved)
    return frame, np.abs(np.diagonal(triangle))


def spectrum_tokens(tokens: int, most: int = 6) -> Array:
    """At most ``most`` of 0 … T − 2, evenly spaced, first and last among them; 0 where T is 1."""
    return np.unique(np.linspace(0, max(tokens - 2, 0), most).round().astype(int))
