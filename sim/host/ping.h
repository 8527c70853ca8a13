// `ping` of iputils as a witness that the host answers and is answered.
//
//   auto ping = Ping::start(sender.ns, receiver.address.to_string(), {.count = 200});
//   ... traffic, a stall ...
//   const auto result = ping->finish();   // waits for the last answer
//
// A request whose answer comes late is still received, as long as ping waits: after its last request up to
// two seconds when nothing at all came back, else twice the longest round trip.
//
// Needs CAP_NET_RAW. Thread safety: as RunningProgram; it dies with the thread that started it.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "sim/topology/netns.h"
#include "sim/topology/running_program.h"

namespace penstock {

struct PingConfig {
  std::uint32_t count = 10;
  Nanoseconds interval = 10 * kMillisecond;  // a multiple of a millisecond
};

struct PingResult {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;    // answers, each request counted once
  std::uint64_t duplicates = 0;  // further answers: a frame came to somebody twice
  Nanoseconds worst = 0;         // round trip; 0 when nothing was received

  std::uint64_t lost() const { return sent - received; }
  bool operator==(const PingResult&) const = default;
};

// From what `ping -q` prints at its end. Fails when that is not in the text.
Result<PingResult> parse_ping(const std::string& text);

class Ping {
 public:
  // `address`: IPv4 or IPv6.
  static Result<Ping> start(const NetNamespace& ns, const std::string& address, const PingConfig& config);

  // Call once. Lost pings are a result, not an error.
  Result<PingResult> finish();

 private:
  Ping(RunningProgram program, Nanoseconds timeout) : program_(std::move(program)), timeout_(timeout) {}

  RunningProgram program_;
  Nanoseconds timeout_;
};

// start() and finish().
Result<PingResult> ping(const NetNamespace& ns, const std::string& address, const PingConfig& config);

}  // namespace penstock
