"""Where the constructs of a path diagram stand: on a grid, so that arrows can be followed.

A small search that always ends the same way: each construct in turn, and each pair, moves to
where the diagram is clearest, until none gains by moving.
"""

from __future__ import annotations

import math
from itertools import combinations, product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from satcore import FloatArray
from satcore_loyalty.structure import Structure

#: Width and height of a place of the grid, and of a box, in points.
CELL: Final = (220, 142)
BOX: Final = (146, 64)

#: What makes a diagram unclear, and how much.
SAME_PLACE: Final = 1000.0
BACKWARDS: Final = 60.0
THROUGH: Final = 30.0
CROSSING: Final = 5.0
UPRIGHT: Final = 1.5
MIDDLES: Final = 4.0
LENGTH: Final = 0.01

#: Rounds of moves; few are needed.
ROUNDS: Final = 12


def grid(model: Structure) -> tuple[int, int]:
    """Columns and rows of the grid for a model."""
    count = len(model.constructs)
    columns = min(max(model.levels) + 1, 4, count)
    return columns, max(2, math.ceil(count / columns) + (count > 3))


def layout(model: Structure) -> tuple[tuple[int, int], ...]:
    """The column and row of every construct."""
    columns, rows = grid(model)
    cells = np.array(list(product(range(columns), range(rows))), dtype=np.float64)
    best: tuple[float, FloatArray] | None = None
    for start in _starts(model, columns, rows):
        cost, places = _settled(start, cells, model)
        if best is None or cost < best[0] - 1e-9:
            best = cost, places
    assert best is not None  # noqa: S101 - there is a start
    return tuple((int(x), int(y)) for x, y in best[1])


def _starts(model: Structure, columns: int, rows: int) -> list[FloatArray]:
    """Constructs in the columns of their levels, in several orders."""
    deepest = max(max(model.levels), 1)
    found = []
    for turn in range(rows):
        places = []
        taken: set[tuple[int, int]] = set()
        for number, level in enumerate(model.levels):
            column = round(level * (columns - 1) / deepest)
            free = [(number * (turn + 1) + turn + more) % rows for more in range(rows)]
            row = next((one for one in free if (column, one) not in taken), free[0])
            taken.add((column, row))
            places.append((column, row))
        found.append(np.array(places, dtype=np.float64))
    return found


def _settled(places: FloatArray, cells: FloatArray, model: Structure) -> tuple[float, FloatArray]:
    """Moves and swaps until none gains."""
    now = float(_unclear(places[None], model)[0])
    for _ in range(ROUNDS):
        before = now
        for who in range(len(places)):
            moves = np.repeat(places[None], len(cells), axis=0)
            moves[:, who] = cells
            now, places = _better(now, places, moves, model)
        pairs = list(combinations(range(len(places)), 2))
        swaps = np.repeat(places[None], len(pairs), axis=0)
        for number, (one, other) in enumerate(pairs):
            swaps[number, [one, other]] = places[[other, one]]
        now, places = _better(now, places, swaps, model)
        if now > before - 1e-9:
            break
    return now, places


def _better(
    now: float, places: FloatArray, moves: FloatArray, model: Structure
) -> tuple[float, FloatArray]:
    costs = _unclear(moves, model)
    least = int(np.argmin(costs))
    if costs[least] < now - 1e-9:
        return float(costs[least]), moves[least]
    return now, places


def _unclear(places: FloatArray, model: Structure) -> FloatArray:
    """How unclear diagrams are: (diagrams,), from places (diagrams, constructs, 2)."""
    at = places * np.array(CELL, dtype=np.float64)
    ends = np.array(model.paths)
    first, last = at[:, ends[:, 0]], at[:, ends[:, 1]]
    along = last - first
    cost = np.zeros(len(places))
    for one, other in combinations(range(at.shape[1]), 2):
        cost += SAME_PLACE * (places[:, one] == places[:, other]).all(axis=1)
    cost += np.sum(BACKWARDS * (along[..., 0] < 0) + UPRIGHT * (along[..., 0] == 0), axis=1)
    cost += LENGTH * np.sum(np.hypot(along[..., 0], along[..., 1]), axis=1)
    cost += THROUGH * _through(at, first, along, ends)
    middles = (first + last) / 2
    for one, other in combinations(range(len(ends)), 2):
        apart = np.abs(middles[:, one] - middles[:, other])
        cost += MIDDLES * ((apart[:, 0] < 70) & (apart[:, 1] < 24))
        if not set(ends[one]) & set(ends[other]):
            cost += CROSSING * _cross(first[:, one], last[:, one], first[:, other], last[:, other])
    return np.asarray(cost)


def _through(
    at: FloatArray, first: FloatArray, along: FloatArray, ends: NDArray[np.int64]
) -> FloatArray:
    """How many boxes arrows pass through or graze, in a plane where boxes are round."""
    scale = np.array([BOX[0] / 1.7, BOX[1] / 1.7])
    a, d = first[:, :, None] / scale, along[:, :, None] / scale
    away = at[:, None] / scale - a
    square = np.maximum(np.sum(d * d, axis=-1), 1e-12)
    where = np.clip(np.sum(away * d, axis=-1) / square, 0.0, 1.0)
    distance = np.linalg.norm(away - where[..., None] * d, axis=-1)
    own = (np.arange(at.shape[1]) == ends[:, :1]) | (np.arange(at.shape[1]) == ends[:, 1:])
    return np.asarray(np.sum((distance < 1.2) & ~own, axis=(1, 2)), dtype=np.float64)


def _cross(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> NDArray[np.bool_]:
    """Whether two arrows cross."""

    def side(p: FloatArray, q: FloatArray, r: FloatArray) -> FloatArray:
        u, v = q - p, r - p
        return np.asarray(u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0])

    return np.asarray((side(a, b, c) * side(a, b, d) < 0) & (side(c, d, a) * side(c, d, b) < 0))
