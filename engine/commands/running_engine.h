// The engine of `penstock run` without its terminal: a receiver as the configuration says, the threads of its
// tiles, and the watchdog of them all.
//
//   receiver -> pen-net -> links -> pen-sink, pen-shred        (run_command.h names the threads)
//
// Ownership: owns everything; going away stops it. Thread safety: all from one thread, the supervising one.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/latency_histogram.h"
#include "engine/base/result.h"
#include "engine/commands/live_engine.h"
#include "engine/commands/shred_stage.h"
#include "engine/config/run_config.h"
#include "engine/metrics/counters.h"
#include "engine/outlet/outlet.h"
#include "engine/outlet/payload_sources.h"
#include "engine/outlet/udp_forward.h"
#include "engine/packet/digest.h"
#include "engine/privilege/own_privileges.h"
#include "engine/receive/open_receiver.h"
#include "engine/receive/port_list.h"
#include "engine/tiles/capture_tile.h"
#include "engine/tiles/fused_tile.h"
#include "engine/tiles/net_thread.h"
#include "engine/tiles/port_links.h"
#include "engine/tiles/sink_tile.h"
#include "engine/tiles/tile_thread.h"
#include "engine/tiles/verdict_link.h"
#include "engine/tiles/watchdog.h"

namespace penstock {

class RunningEngine final : public LiveEngine {
 public:
  // Attached and receiving when it returns. `privileges`: who does what takes a capability; borrowed. Errors:
  // what kept the receiver or a tile from starting.
  static Result<std::unique_ptr<RunningEngine>> start(const RunConfig& config,
                                                      Privileges* privileges = own_privileges());

  // Detaches, has what had come in consumed and handed back, ends every thread. What ended a net thread, if
  // that was not this call. May be called again, to no effect.
  Status stop();

  // One of each net thread, readable when that has ended by itself: stop() says why.
  std::vector<int> ended_fds() const;
  bool interface_is_down() const;
  // Whether the n-th net thread sleeps since the kernel receives on its core.
  bool shares_core(std::size_t n) const { return net_[n]->shares_core(); }
  std::size_t net_threads() const { return net_.size(); }

  // Has the kernel's counters copied now; false when a net thread did not get round to it within `patience`.
  bool refresh(Nanoseconds patience);
  // All counters, over all threads; the kernel's are at most 50 ms old. From any thread, like opened(),
  // interface_queues(), interface_is_down(), ports() and port_names().
  CounterSnapshot snapshot() const;

  // The tiles that stand still, or go on again, since the last call; call it when the clock, CLOCK_MONOTONIC,
  // says that it is due.
  std::vector<Watchdog::Change> watch(Nanoseconds now) { return watchdog_.round(now); }
  Nanoseconds watch_due() const { return watchdog_.due(); }

  // Lets readers of the outlet come and go; ten times a second or so.
  void tend() {
    if (outlet_) outlet_->tend();
  }

  // That the capture can write no longer, or again: what to say, once.
  std::optional<std::string> capture_news();

  const OpenedReceiver& opened() const { return opened_; }
  std::uint32_t interface_queues() const { return interface_queues_; }  // RX queues that the interfaces have
  // Those that are listed now.
  std::vector<std::uint16_t> ports() const;
  // By the index that counters have them under; one that was removed is still named.
  std::vector<std::uint16_t> port_names() const;

  // Each returns within some seconds, whatever the threads do.
  Status take_ports(std::span<const std::uint16_t> ports,
                    std::span<const std::uint16_t> repair_ports) override;
  Result<bool> take_leaders(const ShredsSpec& spec) override;
  Status take_forward(const std::optional<Endpoint>& to) override;
  Status take_capture_limits(const CaptureSpec& capture) override;

  // Loads the XDP program of each interface anew and puts it in the running one's place, without losing a
  // frame; what was done, for an operator.
  Result<std::string> swap_programs();

  bool has_shred_stage() const { return shreds_ != nullptr; }
  // After stop().
  MultisetDigest digest() const;
  // After stop(); empty unless the configuration asks for it.
  LatencyHistogram latency() const;
  // Null unless the configuration asks for it. After stop().
  const ContentRecorder* content() const { return shreds_ ? shreds_->content() : nullptr; }

 private:
  // What one net tile publishes into.
  struct Output {
    Output(const RunConfig& config, std::uint32_t first_frame)
        : links(config.ports.size(), config.link_depth, first_frame) {}
    Sink& sink() { return fused ? static_cast<Sink&>(*fused) : links; }

    PortLinks links;
    std::optional<FusedTile> fused;  // with a sink behind the links
  };

  explicit RunningEngine(const RunConfig& config) : config_(config) {}
  Status open(Privileges* privileges);
  Receiver& net_tile(std::size_t n);
  Status start_tiles();
  Status start_sinks();
  Status open_outlets();
  Status start_outlets();
  Status start_capture();
  Status read_captured();
  Status start_shreds();
  Status start_net_threads();
  void watch_tiles();
  Status list_ports(std::span<const std::uint16_t> ports);
  Status assign_links(const PortList& staying, std::span<const std::uint16_t> added, const PortList& joint);
  bool ports_settle();
  PortList port_list() const;
  static RotatingCapture::Limits limits_of(const CaptureSpec& capture);

  RunConfig config_;
  std::uint32_t interface_queues_ = 0;
  OpenedReceiver opened_;
  std::vector<std::unique_ptr<Output>> outputs_;  // one for each net tile
  std::vector<std::unique_ptr<SinkTile>> sinks_;  // one on its own thread, or one behind each net tile
  std::unique_ptr<TileThread> sink_thread_;
  std::unique_ptr<Outlet> outlet_;  // these two are fed by the stage, or by a tile of their own
  std::unique_ptr<UdpForward> forward_;
  std::unique_ptr<PayloadShreds> payload_shreds_;
  std::unique_ptr<PayloadTile> payload_tile_;
  std::unique_ptr<TileThread> outlet_thread_;
  std::unique_ptr<VerdictLink> verdicts_;  // from the shred stage to the capture
  std::unique_ptr<CaptureTile> capture_;   // under no watchdog: a disk may hang
  std::unique_ptr<TileThread> capture_thread_;
  std::string capture_trouble_;  // as capture_news() said last
  std::unique_ptr<ShredStage> shreds_;
  mutable std::mutex ports_lock_;
  PortList ports_;  // as the receiver has it, or will as soon as it has come round
  std::array<std::uint8_t, kMaxPorts> link_of_{};  // by place; of each net tile alike
  Watchdog watchdog_;
  std::vector<std::unique_ptr<NetThread>> net_;  // last, so that they end before what they use goes
};

}  // namespace penstock
