// One engine's life in a simulated run: from open to gone. A run has one, and one more for every reload.
//
// Ownership: borrows the plan and the digest. Thread safety: none.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/receive/port_list.h"
#include "sim/nic_model/ring_engine.h"
#include "sim/nic_model/ring_world.h"
#include "sim/simulate/digest.h"
#include "sim/simulate/frames.h"
#include "sim/simulate/judge.h"
#include "sim/simulate/plan.h"
#include "sim/simulate/run.h"

namespace penstock {

class SimLife {
 public:
  // Good datagrams at the end of a run, each of which must get through, and the time between two.
  static constexpr int kProbes = 12;
  static constexpr Nanoseconds kProbePause = 50 * kMillisecond;

  // `epoch`: the plan's time at which it begins.
  static Result<std::unique_ptr<SimLife>> begin(const SimPlan& plan, Nanoseconds epoch, SimDigest& digest);
  SimLife(const SimLife&) = delete;
  SimLife& operator=(const SimLife&) = delete;

  // The plan's events from *next on, up to its end or behind a reload. Errors: a violation.
  Status live(SimFrames& frames, std::size_t* next);
  // Every fault heals and everything drains; `probes` datagrams must get through; accounts are closed.
  Status end(SimFrames& frames, int probes);

  void add_to(SimOutcome& outcome) const;

 private:
  SimLife(const SimPlan& plan, SimDigest& digest);

  void apply(const SimEvent& event);
  Status arrive(Nanoseconds at, std::vector<std::byte> bytes);
  void change_port(std::uint16_t port, bool add);
  void set_queues(std::uint32_t count);
  void end_removal_if_drained();
  void finish_removal();
  void tell_judge_the_ports();
  void fail_statistics(int code);
  // Every fault but a detached program, which stays off when the engine is about to go.
  void heal(bool goes_on);
  Status probe(SimFrames& frames, int number);
  Status check_accounts();
  // Keeps the first thing that was wrong.
  void note(std::optional<std::string> wrong);
  Excuse excuse() const;

  const SimPlan& plan_;
  SimDigest& digest_;
  SimJudge judge_;
  PortList engine_ports_, kernel_ports_;  // as AfXdpReceiver has them
  bool removing_ = false;
  bool cut_short_ = false;  // a removal, by the next change: frames of its port may be in the rings still
  std::unique_ptr<RingEngine> engine_;
  std::unique_ptr<RingWorld> world_;
  std::vector<std::optional<int>> sockets_;    // of each queue, as the XSKMAP had them at first
  std::deque<std::vector<std::byte>> frames_;  // what the NIC may still have
  Nanoseconds epoch_ = 0;                      // the plan's time at which this life began
  std::string wrong_;                          // the first
  CounterSnapshot counters_;
};

}  // namespace penstock
