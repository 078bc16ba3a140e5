"""Scores of many models and rounds as arrays, for the analysis."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import numpy as np

from numtui.analysis.arrays import Floats
from numtui.store.database import placeholders
from numtui.store.paths import MISSING, WIDTH


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
    round_at = {number: place for place, number in enumerate(rounds)}
    score_at = {score: place for place, score in enumerate(scores)}
    width, missing = WIDTH * days, MISSING * days
    sql = f"""SELECT round, score, day_values FROM score_paths
      WHERE model = ? AND round BETWEEN ? AND ? AND score IN ({placeholders(scores)})"""
    for place, model in enumerate(models):
        rows = connection.execute(sql, (model, min(rounds), max(rounds), *scores))
        paths = [(round_at[number], score_at[score], path) for number, score, path in rows if number in round_at]
        if paths:
            whole = b"".join([path[:width] + missing[len(path) :] for _, _, path in paths])
            at_rounds, at_scores, _ = zip(*paths, strict=True)
            values[place, at_rounds, at_scores] = np.frombuffer(whole, "<f8").reshape(-1, days)
    return values
