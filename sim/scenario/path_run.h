// One receive path's turn in a run: a fresh topology, the receiver, the sender, quiesce, and every
// number that the checks need.
//
// Nothing is judged here but whether the turn is valid at all: the sender kept its rate, its own
// count agrees with the device's, and the tap that watches the host lost nothing.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/metrics/counters.h"
#include "engine/packet/digest.h"
#include "engine/receive/receiver.h"
#include "sim/exceptions/circumstances.h"
#include "sim/machine/cpu_time.h"
#include "sim/replay/senders.h"
#include "sim/scenario/account.h"
#include "sim/scenario/delivery.h"
#include "sim/scenario/result.h"
#include "sim/scenario/steps.h"
#include "sim/scenario/streams.h"
#include "sim/scenario/turn.h"
#include "sim/topology/linked_hosts.h"
#include "sim/workload/sequence.h"
#include "sim/workload/workload.h"

namespace penstock {

// Looks at a topology before it goes, for as long as it likes.
using TopologyKeeper = std::function<void(const LinkedHosts& topology)>;

// Called now and then while the workload is sent, and once at the end: frames sent, of all, and of them lost
// so far by the engine's own counters, where there is one. Keep it short.
using PathProgress =
    std::function<void(std::uint64_t done, std::uint64_t of, std::optional<std::uint64_t> lost)>;

// What it took to send the workload into a program that drops it.
struct SenderAlone {
  CpuUse use{};
  bool missed_rate = false;
};

struct PathRunConfig {
  TurnConfig turn{};
  std::vector<Step> steps{};
  std::vector<StreamDatagram> streams{};  // by their numbers, all in the workload
  SenderKind sender = SenderKind::kAfPacket;
  Pace pace = Pace::kWorkload;
  std::uint64_t pps = 0;  // for Pace::kFixedRate
  bool napping = false;   // the sender's, in every turn alike (sim/replay/report.h)
  PathProgress progress{};
  std::optional<SenderAlone> alone{};  // what the path's CPU time is compared with; none: it is not measured
  std::stop_token stop{};              // ends the turn early, as an error (ECANCELED)
  // Called at the end of the turn, while its topology still stands; the engine has gone by then.
  TopologyKeeper keep{};
};

struct PathRun {
  Path path = Path::kKernelFilter;
  PathResult result;
  MultisetDigest delivered;              // datagrams that the consumer was given, or
  std::optional<SequenceTally> numbers;  // when the workload is numbered
  MultisetDigest slow;                   // of these: by the companion socket
  std::vector<std::uint64_t> names;      // of every datagram in `delivered`
  Companion companion = Companion::kOwn;
  Circumstances receiver{};  // its options, for the declared exceptions
  bool every_queue = true;   // has a socket, so that only odd frames take the slow way
  Witnessed witnessed;
  HostReport host_report;         // of the hosts' own traffic, if any was asked for
  std::optional<Check> ports;     // whether ports came and went as they should; none: no streams
  CounterSnapshot counters;       // the engine's, over the turn
  std::vector<Account> accounts;  // law 2
  std::string uncounted;          // the loss that the receiver's device may have had uncounted; empty: none
  std::string excuse;             // why what the engine lost may be the machine's; empty: it is not
  std::vector<std::string> invalid;  // why the turn proves nothing; empty: it is valid
};

// The link that every path's topology has, so that one workload fits them all.
LinkAddresses path_link();

// Errors: whatever kept the turn from being made (a step of the topology, opening the receiver).
Result<PathRun> run_path(const PathRunConfig& config, const Workload& workload);

// The same workload into XDP_DROP. `config` as for a path, which does not matter here.
Result<SenderAlone> run_sender_alone(const PathRunConfig& config, const Workload& workload);

// The same workload into plain UDP sockets on the same ports, without XDP: what Linux itself gives a
// socket. The judge of law 1.
struct OracleRun {
  MultisetDigest delivered;
  HostReport host_report;  // the same traffic as beside a receive path: what that is judged against
  std::vector<std::string> invalid;
};
Result<OracleRun> run_udp_oracle(const PathRunConfig& config, const Workload& workload);

}  // namespace penstock
