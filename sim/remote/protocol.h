// What a run and a sender on another host say to each other: lines of JSON over the sender's standard input
// and output, which ssh carries. docs/lab.md has the order.
//
//   sender   {"hello":{"protocol":1,"version":"..."}}
//   run      {"task":{"scenario":"the file's text","name":"...","seed":1,"interface":"eth1"}}
//   sender   {"ready":{"frames":3980,"digest":"...","mac":"..."}}   the workload, to be compared
//   run      {"send":{}}                                            once for each turn of a path
//   sender   {"progress":{"done":1000}} ...
//   sender   {"sent":{...}}                                         the ledger of the turn
//   sender   {"error":{"what":"..."}}                               at any time, and ends
//
// The sender ends when its input ends, also in the middle of a turn. Both check what they read: the other
// side may be of another version, or something else altogether.
//
// Thread safety: values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "engine/base/result.h"
#include "sim/replay/report.h"
#include "sim/topology/port_counters.h"

namespace penstock {

inline constexpr std::uint32_t kRemoteProtocol = 1;

struct RemoteHello {
  std::uint32_t protocol = 0;
  std::string version{};  // of its runner, for messages
};

struct RemoteTask {
  std::string scenario{};  // TOML
  std::string name{};      // of the scenario, or of the case of its matrix
  std::uint64_t seed = 0;
  std::string interface {};
};

struct RemoteReady {
  std::uint64_t frames = 0;
  std::string digest{};  // fingerprint() of the workload (sim/workload/workload.h)
  std::string mac{};     // of the interface
};

struct RemoteSend {};

struct RemoteProgress {
  std::uint64_t done = 0;
};

struct RemoteSent {
  ReplayReport report{};  // what a clock of another host means here: no `started`; no `by_kind`, `windows`
  PortCounters device{};  // tx_packets, tx_dropped, sent, xdp_xmit, xdp_xmit_errors, since the turn began
  Count host_frames{};    // that the sender's own stack sent meanwhile
};

struct RemoteFailure {
  std::string what{};
};

using RemoteMessage =
    std::variant<RemoteHello, RemoteTask, RemoteReady, RemoteSend, RemoteProgress, RemoteSent, RemoteFailure>;

// One line, without its end.
std::string to_line(const RemoteMessage& message);
// Errors: no message of this protocol, with the beginning of what came.
Result<RemoteMessage> parse_line(const std::string& line);

}  // namespace penstock
