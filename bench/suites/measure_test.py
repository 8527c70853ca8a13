"""What a benchmark printed and what callgrind wrote, read; recorded from real runs."""

import pathlib
import unittest

from bench.suites import measure, suite

HERE = pathlib.Path(__file__).resolve().parent
NET_TILE = suite.Measurement("net_tile", "receive", "//a:b", "net_tile/userspace:0", "packet", value="p50_ns")
RESOLVE = suite.Measurement("resolve", "shred", "//a:b", "resolve/step:37/push:0", "shred")

# Of callgrind 3.19: a name stands beside its number once; (2) is called by add() and by itself.
CALLGRIND = """\
# callgrind format
version: 1
events: Ir
summary: 5000

fn=(1) penstock::FecResolver::add(std::span<std::byte const, 18446744073709551615ul>)
12 4000
cfn=(2) CRYPTO_malloc
calls=10 20
13 900

fn=(2)
20 100
cfi=(160) ./malloc/./malloc/malloc.c
cfn=(3) malloc
calls=10 3281
21 300
cfn=(4) _int_malloc
calls=9 1
22 50

fn=(5) operator new(unsigned long)
30 10
cfn=(3)
calls=4 3281
31 40
"""


def recorded(name):
    return (HERE / "testdata" / name).read_text()


class ReadTimeTest(unittest.TestCase):
    def test_a_counter_is_the_figure_where_one_is_named(self):
        timed = measure.read_time(recorded("net_tile.json"), NET_TILE)
        self.assertEqual((timed.ns, timed.items), (26.921875, 2**21))

    def test_without_one_it_is_the_time_of_an_item(self):
        timed = measure.read_time(recorded("resolve.json"), RESOLVE)
        self.assertEqual(timed.items % 16384, 0)  # shreds an iteration
        self.assertGreater(timed.items, 0)
        case = '{"name": "a", "iterations": 10, "real_time": 9, "cpu_time": 2, "time_unit": "us"}'
        self.assertEqual(measure.read_time('{"benchmarks": [%s]}' % case, RESOLVE), measure.Timed(2000.0, 10))

    def test_a_case_with_its_own_clock_is_taken_by_it(self):
        case = ('{"name": "a/real_time", "iterations": 10, "real_time": 4, "cpu_time": 1, "time_unit": "ms",'
                ' "items_per_second": 1000}')
        self.assertEqual(measure.read_time('{"benchmarks": [%s]}' % case, RESOLVE), measure.Timed(1e6, 40))

    def test_no_case_several_cases_and_a_failed_one_are_errors(self):
        for output in ("", "{}", '{"benchmarks": []}',
                       '{"benchmarks": [{"name": "a", "error_occurred": true, "error_message": "no ring"}]}'):
            with self.assertRaises(suite.SuiteError):
                measure.read_time(output, RESOLVE)


class ReadCallgrindTest(unittest.TestCase):
    def test_instructions_and_allocations(self):
        self.assertEqual(measure.read_callgrind(CALLGRIND), (5000, 14))

    def test_a_file_without_a_sum_is_an_error(self):
        with self.assertRaises(suite.SuiteError):
            measure.read_callgrind("# callgrind format\n")


if __name__ == "__main__":
    unittest.main()
