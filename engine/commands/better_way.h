// Whether a restart would now receive by a faster way than the one in use: a running engine that stepped down
// does not go unnoticed for days after its cause is gone.
//
// A fresh process of the same binary is asked (`penstock doctor --after-restart`), because what a file or a
// unit grants, capabilities and limits, reaches new processes only.
//
// It goes by what the doctor can see without opening anything; so what it names is what a restart would try
// first. A process that does not answer within kPatience is killed.
//
// Thread safety: none; the supervising thread. Never blocks.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

#include "engine/base/clock.h"
#include "engine/base/unique_fd.h"
#include "engine/receive/receiver.h"

namespace penstock {

class BetterWay {
 public:
  static constexpr Nanoseconds kPatience = 10 * kSecond;

  BetterWay(std::filesystem::path config, Path in_use, Nanoseconds every)
      : config_(std::move(config)), in_use_(in_use), every_(every) {}
  BetterWay(const BetterWay&) = delete;
  BetterWay& operator=(const BetterWay&) = delete;
  ~BetterWay();  // ends the process that is asked

  // Call it again and again. Asks once in `every`, the first time that long after the first call. Returns the
  // way when one is found, once; from then on it asks no more. A process that cannot be asked is asked again.
  std::optional<std::string> look(Nanoseconds now);
  bool found() const { return found_; }

 private:
  void ask();
  std::optional<std::string> hear(Nanoseconds now);

  std::filesystem::path config_;
  Path in_use_;
  Nanoseconds every_;
  std::optional<Nanoseconds> next_;
  pid_t asked_ = -1;
  Nanoseconds asked_at_ = 0;
  UniqueFd answer_;
  bool found_ = false;
};

}  // namespace penstock
