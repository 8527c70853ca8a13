// Waiting for an interface that has gone away, or one of several, to come back, with its service manager kept
// content.
//
// Thread safety: the supervising thread's.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/service/service_manager.h"

namespace penstock {

enum class Waited : std::uint8_t {
  kThere,     // one of the interfaces is there; whether it can be received on is to be tried
  kStopped,   // SIGTERM or SIGINT came
  kToReload,  // SIGHUP
  kBrokerEnded,
};

// Looks after half a second at the earliest, and then twice a second. `signals`: of take_signals(); SIGUSR1
// has nothing to do here. `each_round` is called in between. `broker_ended`: readable when the broker has;
// -1: there is none.
Waited wait_for_interface(const std::vector<std::string>& names, int signals, int broker_ended,
                          ServiceManager& manager, const std::function<void()>& each_round);

}  // namespace penstock
