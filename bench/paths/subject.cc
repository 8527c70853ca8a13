// The engine as `penstock run` has it.
#include "bench/paths/subject.h"

#include <utility>

#include "engine/commands/running_engine.h"

namespace penstock {
namespace {

constexpr Nanoseconds kPatience = kSecond;

class Engine final : public Subject {
 public:
  explicit Engine(std::unique_ptr<RunningEngine> engine) : engine_(std::move(engine)) {}

  Result<Delivered> delivered() override {
    if (!engine_->refresh(kPatience)) return fail("read the engine's counters: its thread hangs");
    const CounterSnapshot total = engine_->snapshot();
    return Delivered{.datagrams = total.get(Counter::kSinkConsumed),
                     .rx_ring_full = total.get(Counter::kRxRingFull),
                     .fill_empty = total.get(Counter::kRxDropped),
                     .socket_drop = total.get(Counter::kSocketDrop) + total.get(Counter::kSlowWayDropped),
                     .overrun = total.sum(Counter::kOverrun) - total.overrun(Consumer::kReturn),
                     .host = total.sum(Counter::kXdpPass) + total.get(Counter::kReturnWritten),
                     .host_lost = total.overrun(Consumer::kReturn) + total.get(Counter::kTapError)};
  }

  LatencyHistogram finish() override {
    static_cast<void>(engine_->stop());  // what ended it before shows as a loss
    return engine_->latency();
  }

 private:
  std::unique_ptr<RunningEngine> engine_;
};

}  // namespace

Delivered Delivered::since(const Delivered& before) const {
  return {.datagrams = datagrams - before.datagrams,
          .rx_ring_full = rx_ring_full - before.rx_ring_full,
          .fill_empty = fill_empty - before.fill_empty,
          .socket_drop = socket_drop - before.socket_drop,
          .overrun = overrun - before.overrun,
          .host = host - before.host,
          .host_lost = host_lost - before.host_lost};
}

Delivered& Delivered::operator+=(const Delivered& other) {
  datagrams += other.datagrams;
  rx_ring_full += other.rx_ring_full;
  fill_empty += other.fill_empty;
  socket_drop += other.socket_drop;
  overrun += other.overrun;
  host += other.host;
  host_lost += other.host_lost;
  return *this;
}

Result<std::unique_ptr<Subject>> open_engine(const LinkedHosts::End& end, const Way& way,
                                             const SubjectConfig& config) {
  RunConfig run;
  run.interface = end.interface;
  run.path = way.path;
  run.ports = {config.port};
  run.receiver.rx_entries = config.rx_entries;
  run.receiver.fill_frames = config.fill_frames;
  run.link_depth = config.link_depth;
  run.sink_latency = config.latency;
  run.wait = way.wait;
  run.net_cpus = {config.cpu};
  Result<std::unique_ptr<RunningEngine>> engine = run_in(end.ns, [&] { return RunningEngine::start(run); });
  if (!engine) return tl::unexpected(engine.error());
  return std::make_unique<Engine>(std::move(*engine));
}

}  // namespace penstock
