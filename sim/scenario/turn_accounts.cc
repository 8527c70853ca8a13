// Which counter stands in which equation.
#include "sim/scenario/turn_accounts.h"

#include <initializer_list>
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

AccountTerm ring_drop_of(const Reading& reading) {
  return {"ring_drop", reading.sender.tx_dropped};
}

AccountTerm bridge_drop_of(const Reading& reading) {
  return {"bridge_drop", reading.bridge_drop};
}

AccountTerm nic_drop_of(const Reading& reading) {
  return {"nic_drop", reading.receiver.nic_drop};
}

AccountTerm host_frames_of(const Reading& reading) {
  return {"host_frames", reading.sender_host_frames};
}

Account device_account(const Reading& reading, const ReplayReport& sent) {
  // A device may count redirected frames beside the stack's.
  const AccountTerm left{"tx_packets", sent.redirected ? reading.sender.sent : reading.sender.tx_packets};
  return Account("device", {left, ring_drop_of(reading)},
                 {{"generator", sent.sent.frames}, host_frames_of(reading)});
}

Account answers_account(const Reading& reading) {
  return Account("answers",
                 {{"tx_packets", reading.receiver.tx_packets}, {"tx_dropped", reading.receiver.tx_dropped}},
                 {{"host_frames", reading.receiver_host_frames}});
}

// What every path's result says in the same way.
PathResult result_of(Path path, const ReplayReport& sent, const Delivery& delivery) {
  PathResult result;
  result.path = to_string(path);
  result.offered = sent.sent.frames;
  result.delivered = delivery.datagrams();
  if (!delivery.numbers()) result.payload_digest = delivery.digest().to_string();
  result.shreds = delivery.shreds();
  if (sent.elapsed > 0) result.seconds = static_cast<double>(sent.elapsed) / kSecond;
  return result;
}

void note_nonzero(std::map<std::string, std::uint64_t>& into,
                  std::initializer_list<std::pair<const char*, std::uint64_t>> counts) {
  for (const auto& [name, count] : counts) {
    if (count != 0) into[name] = count;
  }
}

}  // namespace

std::uint64_t lost_so_far(const CounterSnapshot& c) {
  return c.get(Counter::kRxRingFull) + c.get(Counter::kRxDropped) + c.sum(Counter::kDiscarded) +
         c.sum(Counter::kSlowWayDiscarded) + c.overrun(Consumer::kReturn) + c.get(Counter::kTapError) -
         c.get(DiscardReason::kPortRemoved);
}

std::vector<Account> accounts_of(const Reading& reading, const ReplayReport& sent, std::uint64_t consumed) {
  const CounterSnapshot& c = reading.engine;
  const AccountTerm ring_drop = ring_drop_of(reading), nic_drop = nic_drop_of(reading);
  const AccountTerm host_frames = host_frames_of(reading), bridge_drop = bridge_drop_of(reading);
  const AccountTerm redirect{"xdp_redirect", c.get(Counter::kXdpRedirect)};
  const std::vector<AccountTerm> published = terms_by_label(c, Counter::kPublished);
  const std::vector<AccountTerm> slow_published = terms_by_label(c, Counter::kSlowWayPublished);
  std::vector<Account> accounts = {
      device_account(reading, sent),
      Account("program", {{"offered", sent.sent.frames}, host_frames},
              joined(terms_by_label(c, Counter::kXdpPass),
                     std::vector<AccountTerm>{ring_drop, bridge_drop, nic_drop, redirect})),
      Account("driver", {at_program(reading)},
              joined(terms_by_label(c, Counter::kXdpPass), std::vector<AccountTerm>{redirect})),
      answers_account(reading),
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
  PathResult result = result_of(path, sent, delivery);
  // What the program passes and what the userspace filter passes are the same judgement in two places.
  result.passed = by_label(c, Counter::kXdpPass);
  for (const auto& [reason, count] : by_label(c, Counter::kFilterPass))
    result.passed[reason] += count;
  result.slow_way = c.sum(Counter::kSlowWayPublished);
  result.lost = by_label(c, Counter::kDiscarded);
  for (const auto& [reason, count] : by_label(c, Counter::kSlowWayDiscarded))
    result.lost[reason] += count;
  note_nonzero(result.lost, {{"ring_drop", reading.sender.tx_dropped},
                             {"bridge_drop", reading.bridge_drop},
                             {"nic_drop", reading.receiver.nic_drop.value},
                             {"rx_ring_full", c.get(Counter::kRxRingFull)},
                             {"rx_dropped", c.get(Counter::kRxDropped)},
                             {"redirect_failed", reading.redirect_failed},
                             {"return_overrun", c.overrun(Consumer::kReturn)},
                             {"tap_error", c.get(Counter::kTapError)}});
  return result;
}

std::vector<Account> socket_accounts_of(const Reading& reading, const ReplayReport& sent,
                                        std::uint64_t not_ipv4, std::uint64_t consumed) {
  const CounterSnapshot& c = reading.engine;
  const StackCounts& stack = reading.stack;
  const AccountTerm socket_rx{"socket_rx", c.get(Counter::kSocketRx)};
  const std::vector<AccountTerm> published = terms_by_label(c, Counter::kPublished);
  return {
      device_account(reading, sent),
      answers_account(reading),
      Account("stack",
              {{"offered", sent.sent.frames}, host_frames_of(reading), {"reassembled", stack.reassembled}},
              {ring_drop_of(reading),
               bridge_drop_of(reading),
               nic_drop_of(reading),
               {"host_passed{not_ipv4}", not_ipv4},
               {"host_passed{tcp}", stack.tcp},
               {"host_passed{icmp}", stack.icmp},
               {"host_passed{fragments}", stack.fragments},
               socket_rx,
               {"socket_drop", stack.buffer_full},
               {"host_refused{port}", stack.no_port},
               {"host_refused{udp_checksum}", stack.udp_checksum},
               {"host_refused{udp_malformed}", stack.udp_malformed},
               {"host_refused{udp_memory}", stack.udp_memory},
               {"host_refused{ip_header}", stack.ip_header},
               {"host_refused{ip_address}", stack.ip_address},
               {"host_refused{ip_truncated}", stack.ip_truncated},
               {"host_refused{no_route}", stack.no_route},
               {"host_refused{protocol}", stack.protocol},
               {"host_refused{discarded}", stack.discarded},
               {"host_refused{other_host}", stack.other_host}}),
      Account("kernel", {{"udp_read", stack.udp_read}}, {socket_rx}),
      Account("socket", {socket_rx}, joined(published, terms_by_label(c, Counter::kDiscarded))),
      Account("consumer", published, {{"consumed", consumed}}),
  };
}

PathResult socket_path_result(Path path, const Reading& reading, const ReplayReport& sent,
                              std::uint64_t not_ipv4, const Delivery& delivery) {
  const StackCounts& stack = reading.stack;
  PathResult result = result_of(path, sent, delivery);
  // By the classifier's words where the stack decides the same.
  note_nonzero(result.passed, {{"ethertype", not_ipv4},
                               {"protocol", stack.tcp + stack.icmp + stack.protocol},
                               {"port", stack.no_port},
                               {"fragment", stack.fragments},
                               {"ip_header", stack.ip_header},
                               {"ip_length", stack.ip_truncated},
                               {"udp_length", stack.udp_malformed},
                               {"udp_checksum", stack.udp_checksum},
                               {"destination", stack.ip_address + stack.no_route},
                               {"destination_mac", stack.other_host}});
  result.lost = by_label(reading.engine, Counter::kDiscarded);
  note_nonzero(result.lost, {{"ring_drop", reading.sender.tx_dropped},
                             {"bridge_drop", reading.bridge_drop},
                             {"nic_drop", reading.receiver.nic_drop.value},
                             {"socket_drop", stack.buffer_full}});
  return result;
}

}  // namespace penstock
