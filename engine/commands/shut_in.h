// How `penstock run` shuts itself in: the broker started, which keeps the capabilities
// (engine/privilege/broker.h), then its own given up and its system calls limited
// (engine/confine/confinement.h). With confined = false there is no broker, and the process does all by
// itself.
//
// Thread safety: none; the supervising thread, before it starts any other.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/config/run_config.h"
#include "engine/privilege/broker.h"
#include "engine/privilege/fresh_doctor.h"
#include "engine/privilege/privileges.h"

namespace penstock {

class ShutIn {
 public:
  // `file`: of the configuration.
  static Result<ShutIn> now(const RunConfig& config, const std::filesystem::path& file);

  // Whoever makes what takes a capability; lives as long as this.
  Privileges* privileges() const;
  // What a restart would do, as FreshDoctor::ask() says it; the one asked before is ended.
  Result<UniqueFd> ask_fresh_doctor();
  // Readable when the broker has ended; -1 when there is none.
  int broker_ended_fd() const { return broker_ ? broker_->ended_fd() : -1; }
  static tl::unexpected<Error> broker_has_ended() {
    return fail("go on: the broker, the process that holds the engine's capabilities, has ended", 0,
                "restart the engine");
  }

 private:
  explicit ShutIn(const std::filesystem::path& file) : file_(file) {}

  std::filesystem::path file_;
  std::unique_ptr<Broker> broker_;
  std::optional<FreshDoctor> doctor_;  // without a broker
};

}  // namespace penstock
