"""What bills cost: log-normal by kind of care, scheme and hospital level, the dearest stays by a Pareto law; then by kind of money.

    mean, spread ──▶ whole bill ──▶ borne first, over price, outside scope: shares of it ──▶ in scope: what is left

For `even` amounts lie at the documents' thresholds, a fen beside them, at nothing, or anywhere up to 100 million yuan.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from duoceng.lab.drawing.answers import STAYS
from duoceng.lab.drawing.columns import SLOTS, Array
from duoceng.lab.drawing.compiled import money
from duoceng.lab.drawing.plan import Plan
from duoceng.lab.drawing.population import Weights

LEVELS = ("tertiary", "secondary", "primary")
BESIDE = ("borne_first", "over_price", "outside_scope")
MOST_OF_A_BILL = {"borne_first": 0.4, "over_price": 0.1, "outside_scope": 0.5}
EVEN_KINDS = ("in_scope", "borne_first", "borne_first_elsewhere", "over_price", "outside_scope")
NORMAL_SLOTS = 4096  # as in `compiled.money`, whose last 41 slots are the tail
Z_MOST = 3.7
Z99 = 2.3263478740408408  # the 99th percentile of the normal law
FEN_MOST = 2_000_000_000
EVEN_MOST = 10**10
ROUND = (
    10_000,
    50_000,
    65_000,
    130_000,
    150_000,
    200_000,
    500_000,
    1_000_000,
    2_000_000,
    3_000_000,
    5_000_000,
    10_000_000,
)


@dataclass
class Money:
    """Tables of amounts by (scheme, kind of care, level of three): the log-normal's figures, and shares beside the scope."""

    mu: Array
    sigma: Array
    is_stay: Array
    of_kind: Array
    level_of_code: Array
    shares: Array
    alpha: float
    normal: Array
    thresholds: Array

    def draw(self, kinds: Array, levels: Array, key: np.uint64, out: tuple[Array, ...]) -> None:
        """Fen by kind of money of bills of a kind (place x care) and a level: in scope, then the kinds beside it."""
        tables = (self.mu, self.sigma, self.is_stay, self.normal, self.alpha, float(FEN_MOST))
        money(tables, self.shares, self.of_kind.take(kinds) + self.level_of_code.take(levels), key, out)

    def draw_even(self, count: int, rng: np.random.Generator) -> dict[str, Array]:
        """Fen by kind of money, at thresholds or anywhere; kinds beside the scope are mostly empty."""
        found = {}
        for kind in EVEN_KINDS:
            how = rng.integers(0, 10, count, dtype=np.int8)
            edge = self.thresholds[rng.integers(0, len(self.thresholds), count)] + rng.integers(-1, 2, count)
            anywhere = np.exp(rng.uniform(0, math.log(EVEN_MOST), count)).astype(np.int64)
            full = np.where(how < 6, edge, anywhere)
            found[kind] = np.where(how < (1 if kind == "in_scope" else 6), 0, full)
        return found


def money_of(plan: Plan) -> Money:
    """The tables of a plan."""
    population = plan.population
    yuan = {**population.tables("yuan"), **population.tables("yuan_rare")}
    alpha = population.weights("tail")["alpha"]
    mus, sigmas, stays = [], [], []
    for scheme in plan.words["scheme"].values:
        for care in plan.cares:
            sigma = population.weights("sigma").get(care, 1.0)
            for factor in _factors(plan, scheme, care):
                mean = yuan.get(care, {}).get(scheme, 0.0) * factor
                raised = _tail(sigma, alpha) if care == "inpatient" else 1.0
                mus.append(math.log(mean * 100 / raised) - sigma * sigma / 2 if mean else -10.0)
                sigmas.append(sigma if mean else 0.0)
                stays.append(care == "inpatient")
    level = next(c for c in plan.columns if c.name == "level")
    codes = [next((n for n, above in enumerate(LEVELS) if above in level.attribute.chain(w)), 2) for w in level.words]
    return Money(np.array(mus), np.array(sigmas), np.array(stays), _of_kind(plan), np.array([*codes, 2], np.int32),
                 np.stack([_shares(population.tables("beside_scope"), k) for k in BESIDE]), alpha, _normal(), _thresholds(plan))  # fmt: skip


def _normal() -> Array:
    """The normal law at every 4,096th of its probability."""
    law = NormalDist()
    inner = [law.inv_cdf(at / NORMAL_SLOTS) for at in range(1, NORMAL_SLOTS)]
    return np.array([-Z_MOST, *inner, Z_MOST])


def _of_kind(plan: Plan) -> Array:
    """The first row of the tables for each kind of bill (place x care)."""
    schemes, cares = list(plan.words["scheme"].values), len(plan.cares)
    firsts = [
        (schemes.index(scheme) * cares + care) * len(LEVELS) for _, scheme in plan.places for care in range(cares)
    ]
    return np.array(firsts, dtype=np.int32)


def _factors(plan: Plan, scheme: str, care: str) -> list[float]:
    """How much dearer each level is; over all levels the mean is what is published."""
    if care not in STAYS:
        return [1.0] * len(LEVELS)
    yuan, counts = plan.population.tables("level_yuan")[scheme], plan.population.tables("levels")["inpatient"]
    counted = [
        sum(n for level, n in counts.items() if (level if level in LEVELS else "primary") == one) for one in LEVELS
    ]
    mean = sum(n * yuan[one] for n, one in zip(counted, LEVELS, strict=True)) / sum(counted)
    return [yuan[one] / mean for one in LEVELS]


def _tail(sigma: float, alpha: float) -> float:
    """How much the Pareto tail raises the mean of a log-normal law."""
    body = 0.5 * (1 + math.erf((Z99 - sigma) / math.sqrt(2)))
    return body + 0.01 * alpha / (alpha - 1) * math.exp(sigma * Z99 - sigma * sigma / 2)


def _shares(tables: dict[str, Weights], kind: str) -> Array:
    """Strips of shares by level: exponential with the published mean, at most a part of the bill."""
    spots = -np.log1p(-(np.arange(SLOTS) + 0.5) / SLOTS)
    return np.concatenate([_clipped(spots, tables[level][kind] / 100, MOST_OF_A_BILL[kind]) for level in LEVELS])


def _clipped(spots: Array, mean: float, most: float) -> Array:
    scale = mean
    for _ in range(20):
        found = np.minimum(spots * scale, most)
        scale *= mean / found.mean() if mean else 0.0
    return np.minimum(spots * scale, most)


def _thresholds(plan: Plan) -> Array:
    """Amounts at which something changes in the documents, and round ones."""
    scenes = [*plan.whole.values(), *plan.shelf.scenes.values()]
    found = {edge for scene in scenes for edge in scene.thresholds()} | set(ROUND)
    return np.array(sorted(edge for edge in found if edge < EVEN_MOST), dtype=np.int64)
