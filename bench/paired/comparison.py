"""One measurement of two programs: what there is to compare, then counts, then pairs. For ci/perf."""

from bench.paired import gate, rounds, versions
from bench.suites import measure, suite


def compare(measurement, base, candidate, measure_same=False, accepted="", time=measure.time,
            count=measure.count):
    """The gate.Row of two programs, `base` perhaps missing. What the candidate cannot do is an error
    (suite.SuiteError); what the base cannot is new. `time` and `count` are for tests."""
    if not base.exists():
        return gate.Row(measurement.name, note="new: the base has no such program, or does not build it")
    if not measure_same and versions.code_of(base) == versions.code_of(candidate):
        return gate.Row(measurement.name, note="the same code")
    counted = [count(candidate, measurement)] if measurement.count else []
    try:
        time(base, measurement)
        if counted:
            counted.insert(0, count(base, measurement))
    except suite.SuiteError as error:
        return gate.Row(measurement.name, note="new: the base has nothing to compare: %s" % error)
    if counted and counted[0].items != counted[1].items:
        return gate.Row(measurement.name, note="the benchmark changed: %d items, %d before"
                        % (counted[1].items, counted[0].items))
    outcome = rounds.compare(*(lambda program=program: time(program, measurement).ns
                               for program in (base, candidate)))
    return gate.Row(measurement.name, outcome=outcome, counts=tuple(counted) or None, accepted=accepted)
