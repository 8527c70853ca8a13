// The order of the questions.
#include "engine/monitor/why.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string_view>

#include <fmt/args.h>
#include <fmt/format.h>

#include "engine/metrics/losses.h"
#include "engine/metrics/rate_text.h"
#include "engine/monitor/causes.h"

namespace penstock {
namespace {

constexpr const char* kTop = "`top -H -p $(pidof penstock)` shows whether its threads get their CPUs";

// What was counted between the samples, as the questions need it.
struct Counted {
  const EngineSample& now;
  CounterSnapshot since;
  std::uint64_t device = 0;                                   // frames that reached the interface
  std::array<std::uint64_t, PENSTOCK_REASON_COUNT> passed{};  // by the program and by the userspace filter
  std::uint64_t seen = 0;                                     // frames that the XDP program saw
  bool af_xdp = false;

  std::uint64_t fast() const { return since.sum(Counter::kPublished); }
  std::uint64_t slow() const { return since.sum(Counter::kSlowWayPublished); }
  std::uint64_t passed_frames() const {
    return std::accumulate(passed.begin(), passed.end(), std::uint64_t{0});
  }
};

Counted count(const EngineSample& before, const EngineSample& now) {
  Counted counted{.now = now, .since = counted_between(before, now)};
  const bool both = before.facts.device && now.facts.device;
  if (both && now.facts.device->rx_packets >= before.facts.device->rx_packets)
    counted.device = now.facts.device->rx_packets - before.facts.device->rx_packets;
  for (std::size_t reason = 0; reason < counted.passed.size(); ++reason) {
    counted.passed[reason] =
        counted.since.get(Counter::kXdpPass, reason) + counted.since.get(Counter::kFilterPass, reason);
  }
  counted.seen = counted.since.sum(Counter::kXdpPass) + counted.since.get(Counter::kXdpRedirect);
  counted.af_xdp = now.facts.receiver.sockets != 0;
  return counted;
}

struct Words {
  std::uint64_t count = 0;
  std::string_view reason{};
  std::string_view meaning{};
};

std::string fill_in(const char* text, const Counted& counted, const Words& words) {
  const EngineSample& now = counted.now;
  return fmt::format(
      fmt::runtime(text), fmt::arg("count", grouped(words.count)),
      fmt::arg("share", words.count * 100 / std::max<std::uint64_t>(1, counted.seen)),
      fmt::arg("interface", now.config("interface")), fmt::arg("port", now.ports.empty() ? 0 : now.ports[0]),
      fmt::arg("ports", fmt::join(now.ports, ", ")), fmt::arg("sockets", now.facts.receiver.sockets),
      fmt::arg("queues", now.facts.interface_queues), fmt::arg("version", now.config("shred_version")),
      fmt::arg("reason", words.reason), fmt::arg("meaning", words.meaning));
}

Answer answer(std::string cause, const char* sentence, const char* command, const Counted& counted,
              const Words& words = {}) {
  return {.cause = std::move(cause),
          .sentence = fill_in(sentence, counted, words),
          .command = fill_in(command, counted, words)};
}

std::optional<Answer> ask_engine(const Counted& counted) {
  const EngineFacts& facts = counted.now.facts;
  if (!facts.interface_up)
    return answer("interface_down", "{interface} is down", "`ip link set dev {interface} up`", counted);
  if (!facts.ready) return answer("tile_stands", "a thread of the engine stands still", kTop, counted);
  return std::nullopt;
}

// The shred stage has payloads, and uses none.
std::optional<Answer> ask_shreds(const Counted& counted) {
  const CounterSnapshot& since = counted.since;
  const std::uint64_t used = since.get(Counter::kShredAccepted) + since.get(Counter::kShredDuplicate) +
                             since.get(Counter::kShredLate);
  if (since.sum(Counter::kShredDiscarded) == 0 || used != 0) return std::nullopt;
  auto reason = RejectReason::kNone;
  std::uint64_t most = 0;
  for (std::size_t i = 1; i < kRejectReasons; ++i) {
    const auto each = static_cast<RejectReason>(i);
    if (since.get(each) > most) {
      most = since.get(each);
      reason = each;
    }
  }
  const auto causes = reject_causes();
  const auto row =
      std::find_if(causes.begin(), causes.end(), [&](const auto& each) { return each.reason == reason; });
  const RejectCause& cause = row == causes.end() ? other_reject_cause() : *row;
  Answer said = answer(fmt::format("shred_{}", name_of(reason)), cause.sentence, cause.command, counted,
                       {.count = most, .reason = name_of(reason), .meaning = help_of(reason)});
  said.receives = true;
  return said;
}

// The cause of this evidence with the most frames; null when there are none.
const PassCause* most_passed(const Counted& counted, Evidence evidence) {
  const PassCause* most = nullptr;
  for (const PassCause& cause : pass_causes()) {
    const std::uint64_t frames = counted.passed[cause.reason];
    if (cause.evidence != evidence || frames == 0) continue;
    if (most == nullptr || frames > counted.passed[most->reason]) most = &cause;
  }
  return most;
}

Answer passed(const PassCause& cause, const Counted& counted) {
  const std::string_view reason = reason_name(cause.reason);
  return answer(cause.reason == PENSTOCK_NO_SOCKET ? "no_socket" : fmt::format("passed_{}", reason),
                cause.sentence, cause.command, counted, {.count = counted.passed[cause.reason]});
}

// Datagrams come, most of them by the companion socket.
std::optional<Answer> ask_slow_way(const Counted& counted) {
  if (!counted.af_xdp || counted.slow() == 0 || counted.slow() < counted.fast()) return std::nullopt;
  const PassCause* cause = most_passed(counted, Evidence::kOurs);
  if (cause == nullptr) cause = most_passed(counted, Evidence::kHidden);
  Answer said = cause != nullptr ? passed(*cause, counted)
                                 : answer("local_senders",
                                          "what arrives is sent by this host itself, over loopback ({count})",
                                          "`tcpdump -nc 5 -i lo udp port {port}` shows who sends", counted,
                                          {.count = counted.slow()});
  said.sentence = "datagrams come, but by the slow way: " + said.sentence;
  said.receives = true;
  return said;
}

// Frames for our ports are on their way to the engine, and none comes out.
std::optional<Answer> ask_losses(const Counted& counted) {
  Loss most;
  for (Loss& loss : losses(counted.since)) {
    if (loss.frames > most.frames) most = std::move(loss);
  }
  if (most.frames != 0)
    return answer("lost", "frames for port {ports} arrive, and are lost as {reason} ({count})", kTop, counted,
                  {.count = most.frames, .reason = most.cause});
  // By the totals: a redirect may be counted a housekeeping later than the datagram that came of it.
  const CounterSnapshot& total = counted.now.counters;
  const std::uint64_t redirected = counted.since.get(Counter::kXdpRedirect);
  const std::uint64_t ended = total.get(Counter::kRxDescriptors) + total.get(Counter::kRxRingFull) +
                              total.get(Counter::kRxDropped) + redirected;
  const bool nowhere = redirected != 0 && total.get(Counter::kXdpRedirect) >= ended;
  if (!nowhere) return std::nullopt;
  return answer(
      "redirected_nowhere", "the XDP program redirects frames, and none comes out of the sockets ({count})",
      "`ethtool -S {interface}` shows what the driver does with them", counted, {.count = redirected});
}

// What reaches the interface, and whether the program sees it.
std::optional<Answer> ask_interface(const Counted& counted) {
  if (counted.device == 0 && counted.passed_frames() == 0)
    return answer("nothing_arrives", "no frame at all reaches {interface}",
                  "`ip -s link show {interface}` counts what does; look at the sender, the switch, the route",
                  counted);
  if (!counted.af_xdp)
    return answer("sockets_silent",
                  "{interface} receives {count} frames, and none of them is a datagram for port {ports}",
                  "`tcpdump -nc 5 -i {interface} udp port {port}` shows whether there are any; `nft list "
                  "ruleset` what a firewall does with them",
                  counted, {.count = counted.device});
  if (counted.seen == 0)
    return answer("program_sees_nothing",
                  "{interface} receives {count} frames, and the XDP program sees none of them",
                  "`bpftool net show dev {interface}` shows whether it is still attached", counted,
                  {.count = counted.device});
  return std::nullopt;
}

Answer other_traffic(const Counted& counted) {
  const std::uint64_t other_ports = counted.passed[PENSTOCK_PORT];
  if (other_ports != 0)
    return answer("passed_port", "UDP arrives, but none for port {ports}: {count} datagrams for other ports",
                  "`tcpdump -nc 20 -i {interface} udp` shows which", counted, {.count = other_ports});
  return answer(
      "other_traffic", "{interface} receives {count} frames, none of them UDP for this host",
      "`agave-validator --ledger LEDGER contact-info` says which address others are told to send to", counted,
      {.count = counted.seen});
}

}  // namespace

CounterSnapshot counted_between(const EngineSample& before, const EngineSample& now) {
  const auto& then = before.counters.slots;
  const auto& slots = now.counters.slots;
  const bool anew = !std::equal(slots.begin(), slots.end(), then.begin(), std::greater_equal<>());
  return anew || before.ports != now.ports ? now.counters : now.counters.since(before.counters);
}

std::optional<Answer> why_nothing(const EngineSample& before, const EngineSample& now) {
  const Counted counted = count(before, now);
  if (auto said = ask_engine(counted)) return said;
  if (auto said = ask_shreds(counted)) return said;
  if (auto said = ask_slow_way(counted)) return said;
  if (counted.fast() + counted.slow() != 0) return std::nullopt;
  if (auto said = ask_losses(counted)) return said;
  if (const PassCause* ours = most_passed(counted, Evidence::kOurs)) return passed(*ours, counted);
  if (auto said = ask_interface(counted)) return said;
  const PassCause* hidden = most_passed(counted, Evidence::kHidden);
  if (hidden != nullptr && counted.passed[hidden->reason] * 10 >= counted.seen)
    return passed(*hidden, counted);
  if (counted.passed_frames() == 0) return std::nullopt;  // what was seen is on its way, or was just counted
  return other_traffic(counted);
}

}  // namespace penstock
