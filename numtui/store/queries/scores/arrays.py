"""Scores of many models and rounds as arrays, for the analysis.

Reading four million daily scores with their keys takes 3 s, their values alone 1.3 s: so values are read in key order,
and placed by the number of days that `latest` says each path has. A path with a hole is read with its keys.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import chain

import numpy as np

from numtui.analysis.arrays import Floats
from numtui.store.database import placeholders


def final_scores(
    connection: sqlite3.Connection, models: Sequence[int], rounds: Sequence[int], scores: Sequence[int]
) -> Floats:
    """The newest value of each score: shape (models, rounds, scores), NaN where there is none.

    Arguments are the cache's keys of models and scores, and round numbers; the axes follow their order.
    """
    values = np.full((len(models), len(rounds), len(scores)), np.nan)
    round_at = {number: place for place, number in enumerate(rounds)}
    score_at = {score: place for place, score in enumerate(scores)}
    sql = f"SELECT round, score, value FROM latest WHERE model = ? AND score IN ({placeholders(scores)})"
    for place, model in enumerate(models):
        for number, score, value in connection.execute(sql, (model, *scores)):
            if value is not None and number in round_at:
                values[place, round_at[number], score_at[score]] = value
    return values


def score_paths(
    connection: sqlite3.Connection, models: Sequence[int], rounds: Sequence[int], scores: Sequence[int], days: int
) -> Floats:
    """Every day's value: shape (models, rounds, scores, days), day 1 first, NaN where there is none.

    Days after `days` are left out.
    """
    values = np.full((len(models), len(rounds), len(scores), days), np.nan)
    if not rounds or not scores:
        return values
    for place, model in enumerate(models):
        _fill(connection, model, rounds, scores, values[place])
    return values


def _fill(
    connection: sqlite3.Connection, model: int, rounds: Sequence[int], scores: Sequence[int], values: Floats
) -> None:
    """Fill `values` (rounds, scores, days) of one model in place."""
    round_at = {number: place for place, number in enumerate(rounds)}
    score_at = {score: place for place, score in enumerate(scores)}
    where = f"model = ? AND round BETWEEN ? AND ? AND score IN ({placeholders(scores)})"
    keys = (model, min(rounds), max(rounds), *scores)
    newest = connection.execute(f"SELECT round, score, day FROM latest WHERE {where} ORDER BY round, score", keys)
    lengths = [(number, score, day or 0) for number, score, day in newest]
    values_in_order = connection.execute(f"SELECT value FROM scores WHERE {where} ORDER BY round, score, day", keys)
    flat = np.fromiter(chain.from_iterable(values_in_order), dtype=object)
    if len(flat) != sum(length for *_, length in lengths):
        _fill_by_key(connection, where, keys, (round_at, score_at), values)
        return
    path = flat.astype(np.float64)  # None becomes NaN
    start, days = 0, values.shape[2]
    for number, score, length in lengths:
        if number in round_at:
            kept = min(length, days)
            values[round_at[number], score_at[score], :kept] = path[start : start + kept]
        start += length


def _fill_by_key(
    connection: sqlite3.Connection,
    where: str,
    keys: tuple[int, ...],
    places: tuple[dict[int, int], dict[int, int]],
    values: Floats,
) -> None:
    round_at, score_at = places
    days = values.shape[2]
    for number, score, day, value in connection.execute(
        f"SELECT round, score, day, value FROM scores WHERE {where}", keys
    ):
        if number in round_at and 1 <= day <= days and value is not None:
            values[round_at[number], score_at[score], day - 1] = value
