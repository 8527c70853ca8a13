// A file of `penstock run` by somebody who means ill, or has slept too little: every key wrong, each key
// wrong in many ways, the file cut anywhere. Each mistake is named with its place, and nothing else happens.
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/config/run_config.h"

namespace penstock {
namespace {

struct Line {
  int number;  // from 1
  std::string text;
};

bool has_key(const std::string& text) {
  return !text.empty() && text[0] != '#' && text[0] != '[';
}

std::vector<Line> default_lines() {
  std::vector<Line> lines;
  std::string_view rest = default_run_config();
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    lines.push_back({static_cast<int>(lines.size()) + 1, std::string(rest.substr(0, end))});
    rest.remove_prefix(end + 1);
  }
  return lines;
}

std::string key_of(const Line& line) {
  return line.text.substr(0, line.text.find(' '));
}

std::string text_of(const std::vector<Line>& lines) {
  std::string text;
  for (const Line& line : lines)
    text.append(line.text).append("\n");
  return text;
}

TEST(HostileRunConfig, EveryKeyWrongAtOnceIsEachNamed) {
  const std::vector<Line> good = default_lines();
  std::vector<Line> bad = good;
  for (Line& line : bad) {
    if (has_key(line.text)) line.text = key_of(line) + " = 1979-05-27";  // no key is a date
  }
  const auto config = parse_run_config(text_of(bad), "run.toml");
  ASSERT_FALSE(config);
  std::size_t keys = 0;
  for (const Line& line : good) {
    if (!has_key(line.text)) continue;
    ++keys;
    const std::string place = fmt::format("run.toml:{}:", line.number);
    const std::size_t at = config.error().what.find(place);
    ASSERT_NE(at, std::string::npos) << line.text << " in\n" << config.error().what;
    const std::string said = config.error().what.substr(at, config.error().what.find('\n', at) - at);
    EXPECT_NE(said.find("'" + key_of(line) + "'"), std::string::npos) << said;
  }
  EXPECT_EQ(keys, run_config_keys().size());
}

// Some of these a key takes: a list may be empty. What is refused is refused at its line.
TEST(HostileRunConfig, AKeyWrongInAnyWayIsRefusedAtItsLineOrTaken) {
  const std::string values[] = {"1979-05-27",
                                "[]",
                                "[[]]",
                                "[1, \"a\"]",
                                "{}",
                                "{ a = 1 }",
                                "-1",
                                "0",
                                "9223372036854775807",
                                "nan",
                                "1e300",
                                "true",
                                "\"\"",
                                "\"/\"",
                                "\"\\u0000\\u001b[2J\"",
                                "[\"=\", \"..=1\", \"a=\"]",
                                "\"" + std::string(100'000, 'A') + "\""};
  const std::vector<Line> good = default_lines();
  for (const Line& line : good) {
    if (!has_key(line.text)) continue;
    std::size_t refused = 0;
    for (const std::string& value : values) {
      std::vector<Line> bad = good;
      bad[static_cast<std::size_t>(line.number - 1)].text = key_of(line) + " = " + value;
      const auto config = parse_run_config(text_of(bad), "run.toml");
      if (config) continue;
      ++refused;
      EXPECT_NE(config.error().what.find("run.toml:"), std::string::npos) << config.error().what;
      EXPECT_LT(config.error().what.size(), 250'000u);
    }
    EXPECT_GE(refused, 8u) << line.text;
  }
}

TEST(HostileRunConfig, AFileThatIsCutAnywhereIsReadOrRefused) {
  const std::string whole(default_run_config());
  int refused = 0;
  for (std::size_t bytes = 0; bytes < whole.size(); bytes += 13) {
    const auto config = parse_run_config(whole.substr(0, bytes), "run.toml");
    if (config) continue;
    ++refused;
    EXPECT_NE(config.error().what.find("run.toml"), std::string::npos) << config.error().what;
  }
  EXPECT_GT(refused, 0);
}

TEST(HostileRunConfig, WhatIsNoTextAtAllIsRefused) {
  std::string noise;
  for (int i = 0; i < 4096; ++i)
    noise.push_back(static_cast<char>(i * 167 + 13));
  for (const std::string& text : {noise, std::string(1 << 20, '['), std::string(1 << 16, '\0')})
    EXPECT_FALSE(parse_run_config(text, "run.toml"));
}

}  // namespace
}  // namespace penstock
