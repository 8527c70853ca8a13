// An engine over the simulated NIC with its world, and what comes out at either end: numbered datagrams in,
// a map of what was delivered out. Every account is checked at finish().
//
// Thread safety: none.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/packet/frame_builder.h"
#include "sim/nic_model/ring_accounts.h"
#include "sim/nic_model/ring_world.h"

namespace penstock {

inline constexpr MacAddress kMac{{2, 0, 0, 0, 0, 2}};
inline constexpr Ipv4Address kAddress{{192, 0, 2, 2}};
inline constexpr std::uint16_t kPort = 8003;
inline constexpr std::uint16_t kOtherPort = 9000;

inline RingEngineConfig small_ring(Filter filter) {
  RingEngineConfig config;
  config.filter = filter;
  config.classifier = {.ports = {kPort}, .mac = kMac, .addresses = {kAddress}};
  config.rx_entries = 64;
  config.return_depth = 64;
  return config;
}

// An engine, its world, and what came out at either end. Payloads are numbers.
class RingRig {
 public:
  explicit RingRig(const RingEngineConfig& config, const RingTiming& timing = {}) {
    Result<std::unique_ptr<RingEngine>> engine =
        RingEngine::open(config, [this](std::span<const std::byte> frame) {
          ++host_frames;
          host_bytes += frame.size();
        });
    engine_ = std::move(engine.value());
    world_ = std::make_unique<RingWorld>(
        *engine_,
        [this](const Frag& frag, std::span<const std::byte> payload) {
          std::uint32_t number = 0;
          std::memcpy(&number, payload.data(), sizeof(number));
          order_kept = order_kept && number > last_of_flow_[frag.source_port];
          last_of_flow_[frag.source_port] = number;
          ++delivered[number];
          ++by_queue[frag.queue];
        },
        timing);
  }

  // One frame `gap` after the last; a flow is a source port.
  void send(std::uint16_t port, std::uint16_t flow, Nanoseconds gap) {
    const std::uint32_t number = ++sent;
    std::array<std::byte, 100> payload{};
    std::memcpy(payload.data(), &number, sizeof(number));
    FrameBuilder builder;
    send_frame(builder.add(EthernetHeader{.destination = kMac, .source = {{2, 0, 0, 0, 0, 1}}})
                   .add(Ipv4Header{.source = {{198, 18, 0, 1}}, .destination = kAddress})
                   .add(UdpHeader{.source_port = flow, .destination_port = port})
                   .payload(payload)
                   .build(),
               gap);
  }
  void send_frame(std::vector<std::byte> frame, Nanoseconds gap) {
    at_ += gap;
    frames_.push_back(std::move(frame));
    ok(world_->add(at_, frames_.back()));
  }
  void send_ours(int count, Nanoseconds gap, int flows = 1) {
    for (int i = 0; i < count; ++i)
      send(kPort, static_cast<std::uint16_t>(1000 + i % flows), gap);
  }
  void happen(RingEvent event) { ok(world_->add(TimedEvent{at_, event})); }
  void pass_time(Nanoseconds time) { at_ += time; }
  void finish() {
    ok(world_->finish());
    c = engine_->snapshot();
    EXPECT_EQ(open_accounts(*engine_, c, {world_->offered(), delivered.size(), host_frames}), "");
  }

  RingEngine& engine() { return *engine_; }

  std::uint32_t sent = 0;
  std::map<std::uint32_t, int> delivered;
  std::map<std::uint32_t, int> by_queue;
  bool order_kept = true;
  std::uint64_t host_frames = 0;
  std::uint64_t host_bytes = 0;
  CounterSnapshot c;

 private:
  static void ok(const Status& status) { ASSERT_TRUE(status) << status.error().message(); }

  std::vector<std::vector<std::byte>> frames_;
  std::unique_ptr<RingEngine> engine_;
  std::unique_ptr<RingWorld> world_;
  std::map<std::uint16_t, std::uint32_t> last_of_flow_;
  Nanoseconds at_ = 0;
};

}  // namespace penstock
