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

// Too slow for the frames to cost anything beside the waiting.
constexpr std::uint64_t kWaitingRate = 20'000;
constexpr Nanoseconds kWaitingTime = 400 * kMillisecond;

Result<Trial> send_and_count(const Stage& stage, const std::function<Result<ReplayReport>()>& send,
                             std::uint64_t pps) {
  const Result<Nanoseconds> busy_before = busy_time();
  if (!busy_before) return tl::unexpected(busy_before.error());
  const Result<ReplayReport> sent = send();
  if (!sent) return tl::unexpected(sent.error());
  const Result<Nanoseconds> busy_after = busy_time();
  if (!busy_after) return tl::unexpected(busy_after.error());
  if (sent->refused != 0)
    return fail(std::to_string(sent->refused) +
                " frames vanished before the device: nothing follows from this trial");
  const std::uint64_t ours = stage.ours_of(*sent);
  return Trial{.offered = ours,
               .others = sent->sent.frames - ours,
               .veth_full = sent->ring_full,
               .elapsed = sent->elapsed,
               .busy = *busy_after - *busy_before,
               .waits = sent->skipped,
               .kept_rate = !sent->missed_rate,
               .windows_met = pps == 0 ? 1 : sent->windows_met(pps)};
}

}  // namespace

Result<Session> Session::open(const Stage& stage, const OpenSubject& open, std::uint64_t pps) {
  Result<std::unique_ptr<Subject>> subject = open(stage);
  if (!subject) return tl::unexpected(subject.error());
  if (Status s = stage.pin_napi(); !s) return tl::unexpected(s.error());
  if (Result<ReplayReport> warm = stage.send(pps != 0 ? pps : kWarmUpRate, kWarmUp); !warm)
    return tl::unexpected(warm.error());
  return Session(stage, std::move(*subject));
}

Result<Delivered> Session::settled() {
  return wait_for_quiesce([&] { return subject_->delivered(); }, kQuiesce);
}

Result<Trial> Session::trial(const std::function<Result<ReplayReport>()>& send, std::uint64_t pps) {
  const Result<Delivered> before = settled();
  if (!before) return tl::unexpected(before.error());
  Result<Trial> trial = send_and_count(*stage_, send, pps);
  if (!trial) return trial;
  const Result<Delivered> after = settled();
  if (!after) return tl::unexpected(after.error());
  trial->delivered = after->since(*before);
  return trial;
}

Result<Trial> run_trial(const Stage& stage, const OpenSubject& open, std::uint64_t pps, Nanoseconds duration,
                        LatencyHistogram* latency) {
  Result<Session> session = Session::open(stage, open, pps);
  if (!session) return tl::unexpected(session.error());
  Result<Trial> trial = session->trial([&] { return stage.send(pps, duration); }, pps);
  if (trial && latency != nullptr) latency->merge(session->finish());
  return trial;
}

Result<Trial> run_baseline(const Stage& stage, std::uint64_t pps, Nanoseconds duration) {
  const auto dropper = XdpDropper::attach(stage.receiver().ns, stage.receiver().index);
  if (!dropper) return tl::unexpected(dropper.error());
  if (Status s = stage.pin_napi(); !s) return tl::unexpected(s.error());
  return send_and_count(
      stage, [&] { return stage.send(pps, duration); }, pps);
}

Result<double> cost_of_waiting(const Stage& stage) {
  const Result<Trial> idle = run_baseline(stage, kWaitingRate, kWaitingTime);
  if (!idle) return tl::unexpected(idle.error());
  if (idle->waits == 0) return fail("measure what the generator's waiting takes: it never waited");
  return static_cast<double>(idle->elapsed) / static_cast<double>(idle->waits);
}

}  // namespace penstock
