// `penstock doctor --after-restart` as a process of its own: what a restart of the engine would get. Fresh,
// because what a file or a unit grants, capabilities and limits, reaches new processes only.
//
// Ownership: owns the process; going away ends it. Thread safety: none.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <utility>

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"

namespace penstock {

class FreshDoctor {
 public:
  // `file`: the configuration that it is to judge.
  static Result<FreshDoctor> ask(const std::filesystem::path& file);

  FreshDoctor(FreshDoctor&& other) noexcept
      : pid_(std::exchange(other.pid_, -1)), output_(std::move(other.output_)) {}
  FreshDoctor& operator=(FreshDoctor&&) = delete;
  ~FreshDoctor();

  // Its stdout, once; never blocks, and at its end when the process has ended.
  UniqueFd take_output() { return std::move(output_); }

 private:
  FreshDoctor(pid_t pid, UniqueFd output) : pid_(pid), output_(std::move(output)) {}

  pid_t pid_;
  UniqueFd output_;
};

}  // namespace penstock
