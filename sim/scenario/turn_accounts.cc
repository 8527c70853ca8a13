// Which counter stands in which equation.
#include "sim/scenario/turn_accounts.h"

#include <map>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace penstock {
namespace {

std::vector<AccountTerm> terms_by_label(const CounterSnapshot& counters, Counter counter) {
  const CounterInfo& info = counter_info(counter);
  std::vector<AccountTerm> terms;
  for (std::size_t value = 0; value < label_values(info.label); ++value) {
    terms.push_back(
        {fmt::format("{}{{{}}}", info.name, label_value(info.label, value)), counters.get(counter, value)});
  }
  return terms;
}

template <typename... More>
std::vector<AccountTerm> joined(std::vector<AccountTerm> terms, const More&... more) {
  (terms.insert(terms.end(), more.begin(), more.end()), ...);
  return terms;
}

std::map<std::string, std::uint64_t> by_label(const CounterSnapshot& counters, Counter counter) {
  const CounterLabel label = counter_info(counter).label;
  std::map<std::string, std::uint64_t> counts;
  for (std::size_t value = 0; value < label_values(label); ++value) {
    if (const std::uint64_t count = counters.get(counter, value); count != 0)
      counts[label_value(label, value)] = count;
  }
  return counts;
}

// What the receiver's device counts of the frames that reach the program: in generic mode that is behind the
// driver, which then takes frames without NAPI.
AccountTerm at_program(const Reading& reading) {
  if (reading.attach == AttachMode::kGeneric) return {"rx_packets", reading.receiver.rx_packets};
  return {"xdp_packets", reading.receiver.xdp_packets};
}

}  // namespace

std::vector<Account> accounts_of(const Reading& reading, const ReplayReport& sent, std::uint64_t consumed) {
  const CounterSnapshot& c = reading.engine;
  const AccountTerm ring_drop{"ring_drop", reading.sender.tx_dropped};
  const AccountTerm host_frames{"host_frames", reading.sender_host_frames};
  const AccountTerm redirect{"xdp_redirect", c.get(Counter::kXdpRedirect)};
  const std::vector<AccountTerm> published = terms_by_label(c, Counter::kPublished);
  const std::vector<AccountTerm> slow_published = terms_by_label(c, Counter::kSlowWayPublished);
  std::vector<Account> accounts = {
      Account("device", {{"tx_packets", reading.sender.tx_packets}, ring_drop},
              {{"generator", sent.sent.frames}, host_frames}),
      Account("program", {{"offered", sent.sent.frames}, host_frames},
              joined(terms_by_label(c, Counter::kXdpPass), std::vector<AccountTerm>{ring_drop, redirect})),
      Account("driver", {at_program(reading)},
              joined(terms_by_label(c, Counter::kXdpPass), std::vector<AccountTerm>{redirect})),
      Account("answers",
              {{"tx_packets", reading.receiver.tx_packets}, {"tx_dropped", reading.receiver.tx_dropped}},
              {{"host_frames", reading.receiver_host_frames}}),
      Account("socket", {redirect},
              {{"rx_descriptors", c.get(Counter::kRxDescriptors)},
               {"rx_ring_full", c.get(Counter::kRxRingFull)},
               {"rx_dropped", c.get(Counter::kRxDropped)},
               {"redirect_failed", reading.redirect_failed}}),
      Account(
          "engine", {{"rx_descriptors", c.get(Counter::kRxDescriptors)}},
          joined(published, std::vector<AccountTerm>{{"returned_to_host", c.get(Counter::kReturnedToHost)}},
                 terms_by_label(c, Counter::kDiscarded))),
      Account("return", {{"returned_to_host", c.get(Counter::kReturnedToHost)}},
              {{"return_written", c.get(Counter::kReturnWritten)},
               {"overrun{return}", c.overrun(Consumer::kReturn)},
               {"tap_error", c.get(Counter::kTapError)}}),
      Account("slow_way", {{"slow_way_rx", c.get(Counter::kSlowWayRx)}},
              joined(slow_published, terms_by_label(c, Counter::kSlowWayDiscarded))),
      Account("consumer", joined(published, slow_published), {{"consumed", consumed}}),
  };
  // Redirected frames have counters of their own in the device, and could vanish before it.
  if (sent.redirected) {
    accounts.emplace_back("sender", std::vector<AccountTerm>{{"redirected", sent.sent.frames}},
                          std::vector<AccountTerm>{{"xdp_xmit", reading.sender.xdp_xmit},
                                                   {"xdp_xmit_errors", reading.sender.xdp_xmit_errors}});
  }
  return accounts;
}

PathResult path_result(Path path, const Reading& reading, const ReplayReport& sent,
                       const Delivery& delivery) {
  const CounterSnapshot& c = reading.engine;
  PathResult result;
  result.path = to_string(path);
  result.offered = sent.sent.frames;
  result.delivered = delivery.datagrams();
  // What the program passes and what the userspace filter passes are the same judgement in two places.
  result.passed = by_label(c, Counter::kXdpPass);
  for (const auto& [reason, count] : by_label(c, Counter::kFilterPass))
    result.passed[reason] += count;
  result.slow_way = c.sum(Counter::kSlowWayPublished);
  result.lost = by_label(c, Counter::kDiscarded);
  for (const auto& [reason, count] : by_label(c, Counter::kSlowWayDiscarded))
    result.lost[reason] += count;
  const std::pair<const char*, std::uint64_t> kernel_losses[] = {
      {"ring_drop", reading.sender.tx_dropped},
      {"rx_ring_full", c.get(Counter::kRxRingFull)},
      {"rx_dropped", c.get(Counter::kRxDropped)},
      {"redirect_failed", reading.redirect_failed}};
  for (const auto& [cause, count] : kernel_losses) {
    if (count != 0) result.lost[cause] = count;
  }
  result.payload_digest = delivery.digest().to_string();
  result.shreds = delivery.shreds();
  return result;
}

}  // namespace penstock
