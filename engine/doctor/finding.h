// What `penstock doctor` found: one line for one thing, with what to do about it.
//
// Thread safety: values.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

enum class Level : std::uint8_t {
  kOk,
  kWarn,  // it works, and less well than it could, or only as long as nothing changes
  kFail,  // what was configured will not work
};
std::string_view to_string(Level level);  // "OK", "WARN", "FAIL"

// What a finding matters to.
enum class Needed : std::uint8_t {
  kAlways,
  kByAfXdp,  // the ways through sockets do without
};

struct Finding {
  Level level = Level::kOk;
  std::string what;   // what was looked at, some words: the same whatever is found
  std::string found;  // a sentence
  std::string fix{};  // a command where there is one; empty when there is nothing to do
  Needed needed = Needed::kAlways;
};
using Findings = std::vector<Finding>;

// A line each, aligned; a fix on a line of its own.
std::string findings_text(std::span<const Finding> findings);
// An object: `prediction` unless it is empty, `worst`, and `findings`, an array of objects with the keys
// level, what, found and fix.
std::string findings_json(std::span<const Finding> findings, std::string_view prediction);

Level worst_of(std::span<const Finding> findings);

}  // namespace penstock
