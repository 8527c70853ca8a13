// Opening the receiver and putting its tiles behind it.
#include "engine/commands/running_engine.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "engine/config/receiver_plan.h"
#include "engine/xsk/queue_count.h"

namespace penstock {

Result<std::unique_ptr<RunningEngine>> RunningEngine::start(const RunConfig& config, Privileges* privileges) {
  std::unique_ptr<RunningEngine> engine(new RunningEngine(config));
  if (Status s = engine->open(privileges); !s) return tl::unexpected(s.error());
  return engine;
}

Status RunningEngine::open(Privileges* privileges) {
  const Result<std::uint32_t> queues = count_rx_queues(config_.interface);
  if (!queues) return tl::unexpected(queues.error());
  interface_queues_ = *queues;
  if (Status s = fits_queues(config_, interface_queues_); !s) return s;
  std::vector<std::uint32_t> of_further;
  for (const std::string& name : config_.further_interfaces) {
    const Result<std::uint32_t> of_one = count_rx_queues(name);
    if (!of_one) return tl::unexpected(of_one.error());
    if (Status s = fits_queues(alone(config_, name), *of_one); !s) return s;
    of_further.push_back(*of_one);
    interface_queues_ += *of_one;
  }
  ReceiverPlan plan = receiver_plan(config_, *queues, of_further);
  plan.af_xdp.privileges = plan.sockets.privileges = privileges;
  Result<OpenedReceiver> opened = open_receiver(plan);
  if (!opened) return fail("receive on " + config_.interface, opened.error());
  opened_ = std::move(*opened);
  return start_tiles();
}

Receiver& RunningEngine::net_tile(std::size_t n) {
  return n == 0 ? *opened_.receiver : opened_.af_xdp->tile(n);
}

// Consumers before producers.
Status RunningEngine::start_tiles() {
  Result<PortList> ports = PortList::create(config_.ports);
  if (!ports) return tl::unexpected(ports.error());
  ports_ = *ports;
  std::iota(link_of_.begin(), link_of_.end(), std::uint8_t{0});
  const std::size_t net_tiles = opened_.af_xdp != nullptr ? opened_.af_xdp->net_tiles() : 1;
  for (std::size_t n = 0; n < net_tiles; ++n)
    outputs_.push_back(std::make_unique<Output>(config_, net_tile(n).first_consumer_frame()));
  if (Status s = start_sinks(); !s) return s;
  if (Status s = start_outlets(); !s) return s;
  if (Status s = start_capture(); !s) return s;
  if (Status s = start_shreds(); !s) return s;
  if (Status s = start_net_threads(); !s) return s;
  watch_tiles();
  return {};
}

Status RunningEngine::start_sinks() {
  for (const auto& output : outputs_) {
    if (!config_.sink_thread || sinks_.empty())
      sinks_.push_back(std::make_unique<SinkTile>(
          opened_.receiver->memory(),
          SinkTile::Wishes{.digest = config_.sink_digest, .latency = config_.sink_latency}));
    for (std::size_t i = 0; i < output->links.links(); ++i) {
      const auto marks = config_.sink_thread ? output->links.marks(i) : std::span<const McacheLine>();
      sinks_.back()->read(output->links.lines(i), marks);
    }
    if (!config_.sink_thread) output->fused.emplace(output->links, *sinks_.back());
  }
  if (!config_.sink_thread) return {};
  Result<TileThread> thread = TileThread::start(
      *sinks_.front(), {.name = thread_name(TileKind::kSink), .longest_sleep = kMillisecond});
  if (!thread) return fail("start the sink", thread.error());
  sink_thread_ = std::make_unique<TileThread>(std::move(*thread));
  return {};
}

Status RunningEngine::open_outlets() {
  if (!config_.outlet.socket.empty()) {
    auto outlet = Outlet::open(config_.outlet);
    if (!outlet) return tl::unexpected(outlet.error());
    outlet_ = std::move(*outlet);
  }
  if (config_.outlet.forward) {
    auto forward = UdpForward::open(*config_.outlet.forward);
    if (!forward) return tl::unexpected(forward.error());
    forward_ = std::move(*forward);
  }
  return {};
}

Status RunningEngine::start_outlets() {
  if (Status s = open_outlets(); !s) return s;
  std::vector<PayloadSink*> sinks;
  if (outlet_) sinks.push_back(outlet_.get());
  if (forward_) sinks.push_back(forward_.get());
  if (sinks.empty()) return {};
  if (config_.shreds.stage != ShredStageKind::kOff) {
    payload_shreds_ = std::make_unique<PayloadShreds>(std::move(sinks));
    return {};
  }
  payload_tile_ = std::make_unique<PayloadTile>(opened_.receiver->memory(), std::move(sinks));
  for (const auto& output : outputs_) {
    for (std::size_t i = 0; i < output->links.links(); ++i)
      payload_tile_->read(output->links.lines(i), output->links.marks(i));
  }
  Result<TileThread> thread = TileThread::start(*payload_tile_, {.name = thread_name(TileKind::kOutlet)});
  if (!thread) return fail("start the outlet", thread.error());
  outlet_thread_ = std::make_unique<TileThread>(std::move(*thread));
  return {};
}

Status RunningEngine::start_capture() {
  if (config_.capture.folder.empty()) return {};
  std::string interfaces = config_.interface;
  for (const std::string& each : config_.further_interfaces)
    interfaces += "+" + each;
  auto files = RotatingCapture::open(config_.capture.folder, limits_of(config_.capture),
                                     CaptureTile::interfaces(interfaces));
  if (!files) return tl::unexpected(files.error());
  capture_ = std::make_unique<CaptureTile>(opened_.receiver->memory(), std::move(*files));
  if (Status s = read_captured(); !s) return s;
  Result<TileThread> thread = TileThread::start(
      *capture_, {.name = "pen-capture", .longest_sleep = kMillisecond, .opens_files = true});
  if (!thread) return fail("start the capture", thread.error());
  capture_thread_ = std::make_unique<TileThread>(std::move(*thread));
  return {};
}

Status RunningEngine::read_captured() {
  if (config_.capture.verdicts) {
    auto link = VerdictLink::create(config_.link_depth, opened_.receiver->memory().frame_bytes);
    if (!link) return tl::unexpected(link.error());
    verdicts_ = std::move(*link);
    capture_->read(*verdicts_);
    return {};
  }
  for (const auto& output : outputs_) {
    for (std::size_t i = 0; i < output->links.links(); ++i)
      capture_->read(output->links.lines(i));
  }
  return {};
}

std::optional<std::string> RunningEngine::capture_news() {
  std::string trouble = capture_ ? capture_->trouble() : "";
  if (trouble == capture_trouble_) return std::nullopt;
  capture_trouble_ = std::move(trouble);
  return capture_trouble_.empty() ? "captures again" : "captures nothing: " + capture_trouble_;
}

Status RunningEngine::start_shreds() {
  if (config_.shreds.stage == ShredStageKind::kOff) return {};
  std::vector<const PortLinks*> links;
  for (const auto& output : outputs_)
    links.push_back(&output->links);
  auto shreds = ShredStage::start(config_.shreds, links, opened_.receiver->memory(), payload_shreds_.get(),
                                  verdicts_.get());
  if (!shreds) return tl::unexpected(shreds.error());
  shreds_ = std::move(*shreds);
  return {};
}

// The first one last: its tile alone has the dead-man's switch of all, and detaches when it cannot start.
Status RunningEngine::start_net_threads() {
  net_.resize(outputs_.size());
  for (std::size_t n = outputs_.size(); n-- > 0;) {
    auto net = NetThread::start(net_tile(n), outputs_[n]->sink(),
                                {.name = thread_name(TileKind::kNet, n),
                                 .wait = config_.wait,
                                 .cpu = n < config_.net_cpus.size() ? config_.net_cpus[n] : -1});
    if (!net) return tl::unexpected(net.error());
    net_[n] = std::move(*net);
  }
  return {};
}

void RunningEngine::watch_tiles() {
  for (const auto& net : net_)
    watchdog_.watch(TileKind::kNet, net->heartbeat());
  if (opened_.af_xdp != nullptr) {
    for (std::size_t n = 0; n < net_.size(); ++n) {
      ReturnPath* const path = opened_.af_xdp->tile(n).return_path();
      if (path != nullptr) watchdog_.watch(TileKind::kReturn, path->heartbeat());
    }
  }
  if (sink_thread_) watchdog_.watch(TileKind::kSink, sink_thread_->heartbeat());
  if (shreds_) watchdog_.watch(TileKind::kShred, shreds_->heartbeat());
  if (outlet_thread_) watchdog_.watch(TileKind::kOutlet, outlet_thread_->heartbeat());
}

// The first net thread takes the receiver off the wire; what came in by then is in the others' rings.
Status RunningEngine::stop() {
  Status ended;
  for (const auto& net : net_) {
    if (Status s = net->stop(); !s && ended) ended = std::move(s);
  }
  if (sink_thread_) sink_thread_->stop();
  if (shreds_) shreds_->stop();
  if (outlet_thread_) outlet_thread_->stop();
  if (capture_thread_) capture_thread_->stop();
  tend();
  return ended;
}

std::vector<int> RunningEngine::ended_fds() const {
  std::vector<int> fds;
  for (const auto& net : net_)
    fds.push_back(net->ended_fd());
  return fds;
}

bool RunningEngine::interface_is_down() const {
  return std::any_of(net_.begin(), net_.end(), [](const auto& net) { return net->interface_is_down(); });
}

bool RunningEngine::refresh(Nanoseconds patience) {
  bool all = true;
  for (const auto& net : net_)
    all = net->refresh(patience) && all;
  return all;
}

CounterSnapshot RunningEngine::snapshot() const {
  CounterSnapshot total = opened_.receiver->snapshot();
  for (const auto& net : net_)
    total += net->counters().snapshot();
  for (const auto& sink : sinks_)
    total += sink->counters().snapshot();
  if (shreds_) total += shreds_->counters().snapshot();
  if (outlet_) total += outlet_->snapshot();
  if (forward_) total += forward_->snapshot();
  if (capture_) total += capture_->counters().snapshot();
  if (payload_tile_) total += payload_tile_->counters().snapshot();
  total += watchdog_.counters().snapshot();
  return total;
}

LatencyHistogram RunningEngine::latency() const {
  LatencyHistogram all;
  for (const auto& sink : sinks_)
    all.merge(sink->latency());
  return all;
}

MultisetDigest RunningEngine::digest() const {
  MultisetDigest all;
  for (const auto& sink : sinks_)
    all.merge(sink->digest());
  return all;
}

}  // namespace penstock
