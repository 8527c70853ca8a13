// Open, warm up, send, wait until nothing moves, subtract.
#include "bench/paths/trial.h"

#include "sim/machine/cpu_time.h"
#include "sim/topology/quiesce.h"
#include "sim/topology/xdp_dropper.h"

namespace penstock {
namespace {

constexpr Nanoseconds kWarmUp = 20 * kMillisecond;
constexpr std::uint64_t kWarmUpRate = 500'000;
constexpr Nanoseconds kQuiesce = 5 * kSecond;

Result<Trial> send_and_count(const Stage& stage, std::uint64_t pps, Nanoseconds duration,
                             std::uint64_t guess) {
  const Result<Nanoseconds> busy_before = busy_time();
  if (!busy_before) return tl::unexpected(busy_before.error());
  const Result<ReplayReport> sent = stage.send(pps, duration, guess);
  if (!sent) return tl::unexpected(sent.error());
  const Result<Nanoseconds> busy_after = busy_time();
  if (!busy_after) return tl::unexpected(busy_after.error());
  if (sent->refused != 0)
    return fail(std::to_string(sent->refused) +
                " frames vanished before the device: nothing follows from this trial");
  return Trial{.offered = stage.ours_of(*sent),
               .veth_full = sent->ring_full,
               .elapsed = sent->elapsed,
               .busy = *busy_after - *busy_before,
               .kept_rate = !sent->missed_rate,
               .windows_met = pps == 0 ? 1 : sent->windows_met(pps)};
}

}  // namespace

Result<Trial> run_trial(const Stage& stage, const OpenSubject& open, std::uint64_t pps, Nanoseconds duration,
                        std::uint64_t guess, LatencyHistogram* latency) {
  Result<std::unique_ptr<Subject>> subject = open(stage);
  if (!subject) return tl::unexpected(subject.error());
  if (Status s = stage.pin_napi(); !s) return tl::unexpected(s.error());
  const auto settled = [&] { return wait_for_quiesce([&] { return (*subject)->delivered(); }, kQuiesce); };
  if (Result<ReplayReport> warm = stage.send(pps != 0 ? pps : kWarmUpRate, kWarmUp, 0); !warm)
    return tl::unexpected(warm.error());
  const Result<Delivered> before = settled();
  if (!before) return tl::unexpected(before.error());
  Result<Trial> trial = send_and_count(stage, pps, duration, guess);
  if (!trial) return trial;
  const Result<Delivered> after = settled();
  if (!after) return tl::unexpected(after.error());
  trial->delivered = {.datagrams = after->datagrams - before->datagrams,
                      .rx_ring_full = after->rx_ring_full - before->rx_ring_full,
                      .fill_empty = after->fill_empty - before->fill_empty,
                      .socket_drop = after->socket_drop - before->socket_drop,
                      .overrun = after->overrun - before->overrun};
  if (latency != nullptr) latency->merge((*subject)->finish());
  return trial;
}

Result<Trial> run_baseline(const Stage& stage, std::uint64_t pps, Nanoseconds duration) {
  const auto dropper = XdpDropper::attach(stage.receiver().ns, stage.receiver().index);
  if (!dropper) return tl::unexpected(dropper.error());
  if (Status s = stage.pin_napi(); !s) return tl::unexpected(s.error());
  return send_and_count(stage, pps, duration, 10'000'000);
}

}  // namespace penstock
