// `penstock monitor`: what a running engine does, once a second, from its metrics endpoint. Needs no
// privilege, and costs the engine one page a second.
//
// On a terminal a table that is drawn over itself, by three ANSI sequences that every terminal has; else a
// line a second; with `json` an object a line. An engine that does not answer is said, and asked again.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>

#include "engine/base/result.h"

namespace penstock {

struct MonitorOptions {
  std::string address = "127.0.0.1:9184";  // of the engine
  std::filesystem::path config{};          // instead: the file of `penstock run`, which has it
  bool json = false;
  bool once = false;  // one view over a second, then the end; on a terminal or not, the table
};

// Returns when `out` takes nothing any more, or after one view. Errors: a bad address; with `once` what kept
// the engine from answering.
Status monitor_engine(const MonitorOptions& options, std::FILE* out);

}  // namespace penstock
