// Whether a restart would now receive by a faster way than the one in use: a running engine that stepped down
// does not go unnoticed for days after its cause is gone.
//
// A fresh process of the same binary is asked (engine/privilege/fresh_doctor.h), by whoever has what it takes
// to start one with the capabilities of a restart.
//
// It goes by what the doctor can see without opening anything; so what it names is what a restart would try
// first. A process that does not answer within kPatience is not listened to any more.
//
// Thread safety: none; the supervising thread. Never blocks.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/receive/receiver.h"

namespace penstock {

class BetterWay {
 public:
  static constexpr Nanoseconds kPatience = 10 * kSecond;

  // Starts a process and gives its output, as FreshDoctor does; ends the one before.
  using Ask = std::function<Result<UniqueFd>()>;

  BetterWay(Ask ask, Path in_use, Nanoseconds every) : ask_(std::move(ask)), in_use_(in_use), every_(every) {}

  // Call it again and again. Asks once in `every`, the first time that long after the first call. Returns the
  // way when one is found, once; from then on it asks no more. A process that cannot be asked is asked again.
  std::optional<std::string> look(Nanoseconds now);
  bool found() const { return found_; }

 private:
  std::optional<std::string> hear(Nanoseconds now);

  Ask ask_;
  Path in_use_;
  Nanoseconds every_;
  std::optional<Nanoseconds> next_;
  Nanoseconds asked_at_ = 0;
  UniqueFd answer_;
  std::string heard_;
  bool found_ = false;
};

}  // namespace penstock
