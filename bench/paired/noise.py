"""Made-up runs for tests: a version that takes so many ns, on a machine that is as restless as ours."""

import random


class Machine:
    """Each call of a version is one process run. The state of the machine drifts; a run that is interrupted
    takes longer. Integer seeds only, so that a failure can be had again."""

    def __init__(self, seed, spread=0.03, interrupted=0.05, drift=0.0):
        self._random = random.Random(seed)
        self._spread = spread
        self._interrupted = interrupted
        self._drift = drift
        self._slow = 1.0

    def version(self, ns):
        def run():
            self._slow += self._drift
            late = self._random.uniform(1, 3) if self._random.random() < self._interrupted else 1
            return ns * self._slow * late * self._random.lognormvariate(0, self._spread)
        return run
