"""Made-up nights for tests: figures of a series on a machine whose nights differ, with or without a
change."""

import random

from bench.history import nights


def figures(seed, count, changes=(), noise=0.01, odd=0.03, drift=0.0):
    """`count` figures of about 100. `changes` are (first night, factor). `odd` of the nights are off by up
    to a fifth, as when a neighbour took the machine; `drift` is the part by which each night moves on from
    the last."""
    source = random.Random(seed)
    values, level = [], 100.0
    for night in range(count):
        level *= 1 + drift * source.choice((-1, 1))
        for first, factor in changes:
            level *= factor if night == first else 1
        off = source.uniform(-0.2, 0.2) if source.random() < odd else 0
        values.append(level * (1 + off) * source.lognormvariate(0, noise))
    return values


def history(series, machine="vm"):
    """[nights.Night] of {series: figures}, all of a length: a night a day, with commits 000…0, 000…1."""
    count = len(next(iter(series.values())))
    return [nights.Night("2026-%02d-%02dT02:00:00Z" % (1 + i // 28, 1 + i % 28), "%07x" % i + "0" * 33,
                         machine, {name: values[i] for name, values in series.items()}, "night-%d" % i)
            for i in range(count)]
