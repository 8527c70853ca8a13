// The file of a running `penstock run`: read at the start, and anew when SIGHUP asks for it.
//
//   taken at once       threads.on_stall
//   at the next start   every other key: the receiver, its memory and its threads are made once
//
// Ownership: owns the text and what was read from it; config() stays where it is, and only what is taken at
// once ever changes in it. Thread safety: none; the supervising thread's.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/config/run_config.h"

namespace penstock {

class ConfigFile {
 public:
  // Errors: as read_run_config().
  static Result<std::unique_ptr<ConfigFile>> read(const std::filesystem::path& path);

  const RunConfig& config() const { return config_; }

  // Reads the file anew, against what runs. Returns what is to be said of it, one line each: what was taken,
  // what will take effect at the next start, or why the file is of no use; the engine then goes on as it is.
  std::vector<std::string> reload();

 private:
  std::filesystem::path path_;
  std::string text_;  // as it was at the start
  RunConfig config_;
};

}  // namespace penstock
