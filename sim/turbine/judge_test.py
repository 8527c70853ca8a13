"""Each check on numbers that fulfil it, and on numbers that do not."""
import copy
import unittest

import judge

DIGEST = "128:" + "ab" * 32
OTHER = "128:" + "cd" * 32

# A leader, a relay and a receiver; one of 128 shreds was left out by the relay, three its queue dropped.
GOOD = {
    "leader": {"sets": 2, "shreds": 128, "elapsed_ns": 1, "content_digest": DIGEST,
               "sent": {"relay1": 128, "rx1": 0}},
    "relays": {"relay1": {"received": 128, "not_shreds": 0, "socket_dropped": 0, "resigned": 0,
                          "sent": {"relay1": 0, "rx1": 127}, "lost": {"relay1": 0, "rx1": 1}}},
    "receivers": {"rx1": {"path": "kernel_filter", "mode": "native copy", "wanted_path": "kernel_filter",
                          "consumed": 124, "duplicates": 0, "lost": {}, "content_digest": DIGEST,
                          "sets": 2, "never_came": 4}},
    "dead": {},
    "links": {"leader": {"queue_out": 0, "ring_out": 0, "queue_in": 0, "ring_in": 0},
              "relay1": {"queue_out": 0, "ring_out": 0, "queue_in": 0, "ring_in": 0},
              "rx1": {"queue_out": 0, "ring_out": 0, "queue_in": 3, "ring_in": 0}},
}


def failed(*changes, content="all", rebuilt="any"):
    """The names of the checks that fail once each (key, ..., value) is set in the good numbers."""
    numbers = copy.deepcopy(GOOD)
    for *keys, last, value in changes:
        part = numbers
        for key in keys:
            part = part[key]
        part[last] = value
    expect = {"content": content, "rebuilt": rebuilt}
    return [each["name"] for each in judge.judge(numbers, expect) if each["pass"] is False]


class JudgeTest(unittest.TestCase):
    def test_good_numbers_pass(self):
        self.assertEqual(failed(), [])

    def test_other_content_is_seen(self):
        self.assertEqual(failed(("receivers", "rx1", "content_digest", OTHER)), ["content rx1"])

    def test_a_declared_failure_must_happen(self):
        self.assertEqual(failed(content="incomplete"), ["content incomplete"])
        self.assertEqual(failed(("receivers", "rx1", "content_digest", OTHER), content="incomplete"), [])

    def test_loss_is_as_expected(self):
        self.assertEqual(failed(rebuilt="some"), [])
        self.assertEqual(failed(rebuilt="none"), ["loss rx1"])
        none = [("receivers", "rx1", "consumed", 128), ("receivers", "rx1", "never_came", 0),
                ("links", "rx1", "queue_in", 0), ("relays", "relay1", "sent", "rx1", 128)]
        self.assertEqual(failed(*none, rebuilt="none"), [])
        self.assertEqual(failed(*none, rebuilt="some"), ["loss rx1"])

    def test_another_path_is_seen(self):
        self.assertEqual(failed(("receivers", "rx1", "path", "udp")), ["path rx1"])

    def test_a_shred_that_nobody_accounts_for_is_seen(self):
        self.assertEqual(failed(("receivers", "rx1", "consumed", 123), ("receivers", "rx1", "never_came", 5)),
                         ["conservation", "account rx1"])
        self.assertEqual(failed(("relays", "relay1", "received", 127)), ["conservation", "account relay1"])
        self.assertEqual(failed(("links", "rx1", "queue_in", 2)), ["conservation", "account rx1"])

    def test_two_mistakes_do_not_make_up_for_each_other(self):
        self.assertEqual(failed(("relays", "relay1", "received", 127), ("links", "rx1", "queue_in", 4)),
                         ["account relay1", "account rx1"])

    def test_what_is_sent_to_the_dead_is_accounted_for(self):
        link = {"queue_out": 0, "ring_out": 0, "queue_in": 1, "ring_in": 0}
        dead = [("leader", "sent", "relay2", 5), ("relays", "relay1", "sent", "relay2", 0),
                ("links", "relay2", link)]
        self.assertEqual(failed(*dead, ("dead", "relay2", {"no_ports": 4})), [])
        self.assertEqual(failed(*dead, ("dead", "relay2", {"no_ports": 5})),
                         ["conservation", "account relay2"])

    def test_drops_on_a_senders_link_are_of_no_host(self):
        changes = [("links", "leader", "queue_out", 1), ("relays", "relay1", "received", 127)]
        self.assertEqual(failed(*changes), [])
        self.assertEqual(failed(changes[0]), ["conservation"])

    def test_rebuilt_is_what_did_not_come(self):
        self.assertEqual(failed(("receivers", "rx1", "never_came", 3)), ["rebuilt rx1"])
        self.assertEqual(failed(("receivers", "rx1", "duplicates", 1)), ["rebuilt rx1"])
        self.assertEqual(failed(("receivers", "rx1", "never_came", 3), ("receivers", "rx1", "sets", 1)), [],
                         "of sets that are not finished nothing was rebuilt")

    def test_what_the_engine_loses_fails_though_it_is_accounted_for(self):
        lost = {"rx_dropped": 1, "overrun": 2}
        self.assertEqual(failed(("receivers", "rx1", "lost", lost), ("links", "rx1", "queue_in", 0)),
                         ["rx1 kernel_filter.engine_loss"])

    def test_junk_is_seen(self):
        self.assertEqual(failed(("relays", "relay1", "not_shreds", 1)), ["only shreds"])


class DigestTest(unittest.TestCase):
    def test_sums_add_up_modulo_2_to_the_256(self):
        self.assertEqual(judge.add_digests(["3:" + "f" * 64, "4:" + "0" * 63 + "2"]), "7:" + "0" * 63 + "1")

    def test_reports_of_several_slots_add_up(self):
        one = GOOD["leader"]
        both = judge.add_leaders([one, dict(one, content_digest=OTHER)])
        self.assertEqual((both["sets"], both["shreds"], both["sent"]), (4, 256, {"relay1": 256, "rx1": 0}))
        self.assertEqual(both["content_digest"], judge.add_digests([DIGEST, OTHER]))


class TableTest(unittest.TestCase):
    def test_it_has_a_line_a_host(self):
        lines = judge.table(GOOD).splitlines()
        self.assertEqual([line.split()[0] for line in lines], ["host", "leader", "relay1", "rx1"])
        self.assertIn("as the leader", lines[3])


if __name__ == "__main__":
    unittest.main()
