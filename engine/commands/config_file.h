// The file of a running `penstock run`: read at the start, and anew when SIGHUP asks for it.
//
//   taken at once       ports, shreds.repair_ports      together, since the one is part of the other
//                       shreds.leader, leader_file      not from none to some or back; the file is read anew
//                       outlet.forward                  from one address to another
//                       capture.file_mib, files
//                       on_gone, threads.on_stall
//   at the next start   every other key: the receiver, its memory and its threads are made once
//
// What is taken must fit what is not: a forward that would come in again because the file's other half waits
// for the next start waits too.
//
// Ownership: owns what was read; config() stays where it is, and only what is taken at once ever changes in
// it. Thread safety: none; the supervising thread's.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/commands/live_engine.h"
#include "engine/config/config_changes.h"
#include "engine/config/run_config.h"

namespace penstock {

// What is to be said of a reload, one line each, and whether something of it could not be done: a file that
// is of no use, after which the engine goes on as it is, or a key that stays as it was.
struct Reload {
  std::vector<std::string> lines;
  bool failed = false;
};

class ConfigFile {
 public:
  // Errors: as read_run_config().
  static Result<std::unique_ptr<ConfigFile>> read(const std::filesystem::path& path);

  const RunConfig& config() const { return config_; }

  // Reads the file anew, against what runs. `engine`: null while none runs; the next one has what is taken.
  Reload reload(LiveEngine* engine);

 private:
  std::filesystem::path path_;
  ConfigValues values_;  // of config_
  RunConfig config_;
};

}  // namespace penstock
