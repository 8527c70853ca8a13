// The engine's tiles around a receiver.
#include "bench/paths/subject.h"

#include <utility>

#include "engine/receive/open_receiver.h"
#include "engine/tiles/fused_tile.h"
#include "engine/tiles/net_thread.h"
#include "engine/tiles/port_links.h"
#include "engine/tiles/sink_tile.h"

namespace penstock {
namespace {

constexpr std::uint32_t kLinkDepth = 4096;
constexpr Nanoseconds kPatience = kSecond;

class Engine final : public Subject {
 public:
  static Result<std::unique_ptr<Subject>> open(const VethTopology::End& end, const Way& way,
                                               const SubjectConfig& config) {
    ReceiverPlan plan{.path = way.path};
    plan.af_xdp.interface = end.interface;
    plan.af_xdp.classifier.ports = {config.port};
    plan.af_xdp.host_policy = HostPolicy::kFollowed;
    plan.af_xdp.rx_entries = config.rx_entries;
    plan.af_xdp.consumer_frames = kLinkDepth;
    plan.af_xdp.companion = Companion::kOwn;
    plan.af_xdp.scope = TakeScope::kUdp;
    plan.sockets = {.ports = {config.port}, .frames = config.rx_entries, .consumer_frames = kLinkDepth};
    std::unique_ptr<Engine> engine(new Engine);
    Result<OpenedReceiver> opened = open_receiver(plan);
    if (!opened) return tl::unexpected(opened.error());
    engine->opened_ = std::move(*opened);
    const Receiver& receiver = *engine->opened_.receiver;
    engine->links_ = std::make_unique<PortLinks>(1, kLinkDepth, receiver.first_consumer_frame());
    engine->sink_ = std::make_unique<SinkTile>(receiver.memory());
    engine->sink_->read(engine->links_->lines(0));
    engine->fused_ = std::make_unique<FusedTile>(*engine->links_, *engine->sink_);
    auto net =
        NetThread::start(*engine->opened_.receiver, *engine->fused_, {.wait = way.wait, .cpu = config.cpu});
    if (!net) return tl::unexpected(net.error());
    engine->net_ = std::move(*net);
    return engine;
  }

  Result<Delivered> delivered() override {
    if (!net_->refresh(kPatience)) return fail("read the engine's counters: its thread hangs");
    CounterSnapshot total = opened_.receiver->snapshot();
    total += sink_->counters().snapshot();
    const std::uint64_t dropped = total.get(Counter::kRxDropped);
    return Delivered{.datagrams = total.get(Counter::kSinkConsumed),
                     .rx_ring_full = total.get(Counter::kRxRingFull),
                     .fill_empty = dropped,
                     .socket_drop = total.get(Counter::kSocketDrop) + total.get(Counter::kSlowWayDropped),
                     .overrun = total.sum(Counter::kOverrun)};
  }

 private:
  Engine() = default;

  OpenedReceiver opened_;
  std::unique_ptr<PortLinks> links_;
  std::unique_ptr<SinkTile> sink_;
  std::unique_ptr<FusedTile> fused_;
  std::unique_ptr<NetThread> net_;  // last, so that it ends before what it uses goes
};

}  // namespace

Result<std::unique_ptr<Subject>> open_engine(const VethTopology::End& end, const Way& way,
                                             const SubjectConfig& config) {
  return run_in(end.ns, [&] { return Engine::open(end, way, config); });
}

}  // namespace penstock
