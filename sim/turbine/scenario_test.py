"""What a scenario file may say, and what is said of one that does not."""
import json
import unittest

import scenario

HEAD = 'name = "slot"\ntopology = "turbine"\ndescription = "A slot."\n'


def mistake(text, name="some/slot.toml"):
    try:
        scenario.parse(text, name)
    except scenario.Mistake as error:
        return str(error)
    return "none"


class ScenarioTest(unittest.TestCase):
    def test_defaults_are_there(self):
        read = scenario.parse(HEAD, "slot.toml")
        self.assertEqual(read["cluster"], scenario.DEFAULTS["cluster"])
        self.assertEqual(read["expect"], {"content": "all", "rebuilt": "any"})

    def test_every_default_is_allowed(self):
        for table, values in scenario.DEFAULTS.items():
            self.assertEqual(set(values), set(scenario.KEYS[table]))

    def test_values_are_read(self):
        read = scenario.parse(HEAD + '[cluster]\nrelays = 5\nloss_percent = 2.5\npaths = ["udp"]\n'
                              '[expect]\ncontent = "incomplete"\n', "slot.toml")
        self.assertEqual((read["cluster"]["relays"], read["cluster"]["loss_percent"]), (5, 2.5))
        self.assertEqual(read["cluster"]["paths"], ["udp"])
        self.assertEqual(read["cluster"]["slots"], 1)
        self.assertEqual(read["expect"]["content"], "incomplete")

    def test_mistakes_have_their_line_and_the_nearest_name(self):
        for text, line, words in [
            ("[cluster]\nrelay = 5\n", 5, "did you mean 'relays'?"),
            ("[cluster]\n\nrelays = 0\n", 6, "from 1 to 100"),
            ("[cluster]\nrelays = true\n", 5, "must be a number"),
            ("[cluster]\nrelays = 1.5\n", 5, "whole number"),
            ('[cluster]\npaths = ["kernel_filer"]\n', 5, "did you mean 'kernel_filter'?"),
            ("[cluster]\npaths = []\n", 5, "list with something in it"),
            ("[cluster]\ndead = [0]\n", 5, "from 1 to 100"),
            ("[cluster]\ndead = 1\n", 5, "must be a list"),
            ('[expect]\nrebuilt = "sone"\n', 5, "did you mean 'some'?"),
            ("[clusters]\nrelays = 5\n", 4, "did you mean 'cluster'?"),
        ]:
            said = mistake(HEAD + text)
            self.assertIn(f"some/slot.toml:{line}: ", said)
            self.assertIn(words, said)

    def test_a_file_has_its_own_name_and_says_what_it_asks(self):
        self.assertIn("the file's is another", mistake(HEAD, "other.toml"))
        self.assertIn("'description' must be there", mistake('name = "slot"\ntopology = "turbine"\n'))
        self.assertIn("1: 'topology' must be there", mistake('name = "slot"\ndescription = "A slot."\n'))
        self.assertIn("2: 'topology' must be 'turbine'", mistake(HEAD.replace('"turbine"', '"veth"')))

    def test_what_is_no_toml_is_said_with_its_line(self):
        self.assertIn("line 4", mistake(HEAD + "[cluster\n"))


class PageTest(unittest.TestCase):
    def test_every_key_is_on_the_page_with_its_default(self):
        with open("docs/turbine.md", encoding="utf-8") as file:
            page = file.read()
        for table, values in scenario.DEFAULTS.items():
            for key, value in values.items():
                shown = "" if value is None else f"`{json.dumps(value)}`"
                self.assertIn(f"| `{table}.{key}` | {shown} |".replace("|  |", "| |"), page)


class TreeTest(unittest.TestCase):
    def test_positions_are_those_of_the_tree(self):
        # As turbine_tree_test.cc has them.
        children = [scenario.first_child(position, 2) for position in range(7)]
        self.assertEqual(children, [1, 3, 4, 7, 8, 11, 12])

    def test_a_cluster_whose_receivers_would_have_children_is_refused(self):
        cluster = scenario.DEFAULTS["cluster"]
        self.assertEqual(scenario.override(cluster, {"slots": 2})["slots"], 2)
        for given in [{"relays": 2}, {"fanout": 1}, {"paths": ["udp"] * 5}]:
            with self.assertRaisesRegex(scenario.Mistake, "take more relays"):
                scenario.override(cluster, given)

    def test_only_a_relay_that_is_there_can_be_dead(self):
        self.assertEqual(scenario.override(scenario.DEFAULTS["cluster"], {"dead": [3]})["dead"], [3])
        with self.assertRaisesRegex(scenario.Mistake, "relay 4 cannot be dead"):
            scenario.override(scenario.DEFAULTS["cluster"], {"dead": [4]})

    def test_the_command_line_has_the_same_rules(self):
        with self.assertRaisesRegex(scenario.Mistake, "from 1 to 100"):
            scenario.override(scenario.DEFAULTS["cluster"], {"relays": 0})
        with self.assertRaisesRegex(scenario.Mistake, "did you mean 'udp'"):
            scenario.override(scenario.DEFAULTS["cluster"], {"paths": ["tdp"]})


if __name__ == "__main__":
    unittest.main()
