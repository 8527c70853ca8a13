// Opening the receiver and putting its tiles behind it.
#include "engine/commands/running_engine.h"

#include <utility>

#include <fmt/format.h>

#include "engine/config/receiver_plan.h"
#include "engine/xsk/queue_count.h"

namespace penstock {

Result<std::unique_ptr<RunningEngine>> RunningEngine::start(const RunConfig& config) {
  std::unique_ptr<RunningEngine> engine(new RunningEngine(config));
  if (Status s = engine->open(); !s) return tl::unexpected(s.error());
  return engine;
}

Status RunningEngine::open() {
  const Result<std::uint32_t> queues = count_rx_queues(config_.interface);
  if (!queues) return tl::unexpected(queues.error());
  interface_queues_ = *queues;
  if (config_.receiver.sockets > interface_queues_) {
    return fail(fmt::format("sockets = {}, but {} has {} RX queues", config_.receiver.sockets,
                            config_.interface, interface_queues_),
                0, "lower `sockets`, or raise the number of queues (`ethtool -L`)");
  }
  Result<OpenedReceiver> opened = open_receiver(receiver_plan(config_, interface_queues_));
  if (!opened) return fail("receive on " + config_.interface, opened.error());
  opened_ = std::move(*opened);
  return start_tiles();
}

// Consumers before the producer.
Status RunningEngine::start_tiles() {
  const Receiver& receiver = *opened_.receiver;
  links_.emplace(config_.ports.size(), config_.link_depth, receiver.first_consumer_frame());
  sink_.emplace(receiver.memory(), config_.sink_digest);
  for (std::size_t i = 0; i < links_->ports(); ++i)
    sink_->read(links_->lines(i));
  if (config_.sink_thread) {
    Result<TileThread> thread =
        TileThread::start(*sink_, {.name = "pen-sink", .longest_sleep = kMillisecond});
    if (!thread) return fail("start the sink", thread.error());
    sink_thread_ = std::make_unique<TileThread>(std::move(*thread));
  } else {
    fused_.emplace(*links_, *sink_);
  }
  if (config_.shreds.stage != ShredStageKind::kOff) {
    auto shreds = ShredStage::start(config_.shreds, config_.ports, *links_, receiver.memory());
    if (!shreds) return tl::unexpected(shreds.error());
    shreds_ = std::move(*shreds);
  }
  Sink& output = fused_ ? static_cast<Sink&>(*fused_) : *links_;
  auto net = NetThread::start(*opened_.receiver, output, {.wait = config_.wait, .cpu = config_.net_cpu});
  if (!net) return tl::unexpected(net.error());
  net_ = std::move(*net);
  watch_tiles();
  return {};
}

void RunningEngine::watch_tiles() {
  watchdog_.watch(TileKind::kNet, net_->heartbeat());
  if (opened_.af_xdp != nullptr && opened_.af_xdp->return_path() != nullptr)
    watchdog_.watch(TileKind::kReturn, opened_.af_xdp->return_path()->heartbeat());
  if (sink_thread_) watchdog_.watch(TileKind::kSink, sink_thread_->heartbeat());
  if (shreds_) watchdog_.watch(TileKind::kShred, shreds_->heartbeat());
}

Status RunningEngine::stop() {
  Status ended = net_->stop();
  if (sink_thread_) sink_thread_->stop();
  if (shreds_) shreds_->stop();
  return ended;
}

CounterSnapshot RunningEngine::snapshot() const {
  CounterSnapshot total = opened_.receiver->snapshot();
  total += sink_->counters().snapshot();
  if (shreds_) total += shreds_->counters().snapshot();
  total += watchdog_.counters().snapshot();
  return total;
}

}  // namespace penstock
