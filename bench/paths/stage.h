// What every trial stands on: two ends of a link, and frames to send over it again and again. Of a veth with
// several queues each has a sender on a CPU of its own, since the sending CPU is what decides the queue.
//
//   coupled    a veth pair as it is: the receive side runs on the sender's core, which it slows down. What is
//              delivered flat out is what the two together can do.
//   decoupled  a veth pair whose receiving end's NAPI has a thread of its own, pinned to the receiver's core:
//              the sender offers what it likes, and the whole receive side is on one core.
//   ports      two ports of this machine by a lab file (docs/lab.md): the receive side runs where its
//              interrupts go, as the file has it. Set otherwise as the veth pair is.
//
// Needs root, two CPUs and, for `decoupled`, the initial PID namespace: in another one the kernel's thread
// cannot be seen, and so not be pinned. `ports` needs a sending driver that takes redirected frames.
//
// Thread safety: one thread. Everything goes with it; a lab's ports come home.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "sim/lab/nic_lab.h"
#include "sim/replay/report.h"
#include "sim/topology/linked_hosts.h"
#include "sim/workload/workload.h"

namespace penstock {

enum class Coupling : std::uint8_t { kCoupled, kDecoupled, kPorts };
std::string_view to_string(Coupling coupling);

struct Traffic {
  std::uint32_t frame_bytes = 1245;  // of each frame, from the Ethernet header; 60 at least
  std::uint32_t ours_percent = 100;  // for the port that is received; the others are UDP to another port
  // One frame over and over, which the sender need not copy, where all are ours; false: as mixed traffic is
  // sent, so that shares can be compared.
  bool single = true;
  bool operator==(const Traffic&) const = default;
};

struct StageConfig {
  NicLab* lab = nullptr;  // outlives the stage; exactly where the coupling is kPorts
  // Borrowed: asked for a stop, what is being sent ends and the trial fails (ECANCELED). Null: never.
  const std::stop_token* stop = nullptr;
  Coupling coupling = Coupling::kCoupled;
  Traffic traffic{};
  std::uint16_t port = 8003;
  unsigned sender_cpu = 0;   // of the first queue's sender; the others' are the next ones
  std::uint32_t queues = 1;  // of a veth; as many CPUs there must be
  int receiver_cpu = 1;
  bool stamped = false;  // each frame ends with the time at which it leaves (ReplayConfig::stamped)
};

// For the head of a table: "veth, coupled", "ports of the lab bench-1".
std::string place_of(const StageConfig& config);

class Stage {
 public:
  static Result<Stage> create(const StageConfig& config);

  const LinkedHosts::End& sender() const { return hosts_.sender(); }
  const LinkedHosts::End& receiver() const { return hosts_.receiver(); }
  const StageConfig& config() const { return config_; }
  // What is sent from now on.
  void set_traffic(const Traffic& traffic);

  // Sends at `pps` of all senders together (0: flat out) for about `duration`.
  Result<ReplayReport> send(std::uint64_t pps, Nanoseconds duration) const;
  // So many at once, flat out. A mixture that is longer than the generator's slots goes in whole loops.
  Result<ReplayReport> send_burst(std::uint64_t frames) const;
  // How many of the frames of one send() are for the received port.
  std::uint64_t ours_of(const ReplayReport& report) const;
  // After each attach: the kernel may have made a new NAPI thread.
  Status pin_napi() const;

 private:
  Stage(const StageConfig& config, LinkedHosts hosts);
  Result<ReplayReport> replay(ReplayConfig config, const Workload& workload) const;

  StageConfig config_;
  LinkedHosts hosts_;
  Workload workload_;
};

}  // namespace penstock
