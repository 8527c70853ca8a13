// What one turn of a path is made of: a fresh veth topology, the engine on its receiving end, witnesses of
// what that host's stack sees and answers, and every counter that an account needs.
//
// With a companion socket held by another program (Companion::kExternal) the turn is that program too: plain
// UDP sockets on the listed ports, opened before the engine.
//
// Thread safety: none; the thread that made it reads it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/config/receiver_spec.h"
#include "engine/metrics/counters.h"
#include "engine/packet/digest.h"
#include "engine/receive/receiver.h"
#include "sim/remote/remote_sender.h"
#include "sim/scenario/counter_tables.h"
#include "sim/scenario/demand.h"
#include "sim/scenario/engine_thread.h"
#include "sim/scenario/result.h"
#include "sim/scenario/stack_counts.h"
#include "sim/scenario/two_hosts.h"
#include "sim/topology/end_counters.h"
#include "sim/topology/host_tap.h"
#include "sim/topology/linked_hosts.h"
#include "sim/topology/port_counters.h"
#include "sim/topology/redirect_errors.h"
#include "sim/topology/udp_oracle.h"

namespace penstock {

struct TurnConfig {
  Path path = Path::kKernelFilter;
  std::vector<std::uint16_t> ports{};
  Demand demand{};
  NicLab* lab = nullptr;  // whose ports are used, borrowed; none: a veth pair
  // Who sends from another host, and the MAC of its port; borrowed. None: the sender's end of the link does.
  RemoteSender* remote = nullptr;
  MacAddress remote_mac{};
  HostTrafficConfig host{};  // that the hosts have by themselves, beside the workload
  ReceiverSpec receiver{};
  ShredStageConfig shreds{};
  bool stamped = false;                   // frames carry the time at which they left
  std::vector<std::uint16_t> changing{};  // ports that come or go meanwhile: nobody need hold them

  TwoHostsConfig hosts() const {
    // Without XDP a veth has NAPI, that there could be a thread for, by GRO alone.
    TwoHostsConfig config{
        .demand = demand, .traffic = host, .lab = lab, .gro = demand.decoupled && !is_af_xdp(path)};
    if (remote != nullptr) config.remote = remote_mac;
    return config;
  }
};

// Everything that must stand still before an account is closed.
struct Reading {
  CounterSnapshot engine;  // traffic() only
  PortCounters sender{};
  PortCounters receiver{};
  std::uint64_t bridge_drop = 0;  // that a bridge in between had no room for
  Count sender_host_frames{};     // that the stack of the end sent by itself
  std::uint64_t receiver_host_frames = 0;
  AttachMode attach = AttachMode::kNative;  // where the program runs, and so what counts its frames
  std::uint64_t redirect_failed = 0;  // refused by a socket for a reason that XDP_STATISTICS does not count
  StackCounts stack{};                // of the receiver's host; only for the paths through it

  bool operator==(const Reading&) const = default;
};

// What the witnesses saw, from the start of the turn to its end.
struct Witnessed {
  MultisetDigest host;                    // the generator's frames that the receiver's stack saw, no streams
  std::vector<std::uint64_t> host_names;  // the same, by their names in the digest
  std::vector<std::uint64_t> streams_host;  // and of streams their numbers
  // ICMP about a listed port that came back to the sender; none: nobody watched.
  std::optional<std::uint64_t> port_unreachables;
  std::uint64_t not_ipv4 = 0;           // of the frames that the stack saw: not for IPv4
  MultisetDigest held_elsewhere;        // datagrams that the other program got (Companion::kExternal)
  std::vector<std::string> incomplete;  // why a witness missed something; empty: none did
};

class Turn {
 public:
  // Errors: whatever kept a part from being made, with its name in front.
  static Result<Turn> set_up(const TurnConfig& config);

  Turn(Turn&&) noexcept;
  ~Turn();

  const LinkedHosts& topology() const { return topology_; }
  EngineThread& engine() { return *engine_; }
  const SetupTimes& setup_times() const { return setup_times_; }

  Result<Reading> read() const;
  // How far apart two equal readings must be to prove that all is still.
  Nanoseconds settling() const;

  // Every counter, as it was before the turn and as it is now.
  Result<CounterTables> counter_tables() const;

  // Ends the witnesses. After quiesce and after the engine, once.
  Result<Witnessed> stop_witnesses();

 private:
  struct Counting;
  struct Watching;

  Turn(LinkedHosts topology, std::unique_ptr<Counting> counting, std::unique_ptr<Watching> watching,
       std::unique_ptr<EngineThread> engine, std::vector<RedirectErrors> errors, const TurnConfig& config);

  LinkedHosts topology_;
  std::unique_ptr<Counting> counting_;
  std::unique_ptr<Watching> watching_;  // its threads write into it
  std::unique_ptr<EngineThread> engine_;
  std::vector<RedirectErrors> redirect_errors_;  // of an AF_XDP path, for each interface
  AttachMode attach_;
  const RemoteSender* remote_;
  SetupTimes setup_times_{};
};

}  // namespace penstock
