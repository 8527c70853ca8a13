// Two multisets by element name, and the frames behind the names.
#include "sim/scenario/differences.h"

#include <errno.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <unordered_map>

#include <fmt/format.h>

#include "engine/capture/capture.h"
#include "engine/packet/byte_order.h"
#include "engine/packet/digest.h"
#include "engine/packet/headers.h"
#include "sim/scenario/streams.h"
#include "sim/workload/reassembly.h"

namespace penstock {
namespace {

constexpr std::size_t kEthernetBytes = 14;
constexpr std::size_t kUdpBytes = 8;
constexpr std::size_t kShownBytes = 64;
constexpr std::array<std::string_view, 4> kWords = {"was not delivered", "was delivered",
                                                    "was not seen by the host", "was seen by the host"};
constexpr std::array<std::string_view, 4> kFileWords = {"not_delivered", "delivered_anyway",
                                                        "not_seen_by_host", "seen_by_host_anyway"};

// How often each element was found, less what is wanted of it; and where it comes from.
class Balance {
 public:
  explicit Balance(const std::vector<std::uint64_t>& found) {
    for (const std::uint64_t name : found)
      ++surplus_[name];
  }
  // True when the element was found.
  bool take(std::uint64_t name) {
    const auto found = surplus_.find(name);
    if (found == surplus_.end() || found->second == 0) return false;
    --found->second;
    return true;
  }
  std::uint64_t left() const {
    std::uint64_t total = 0;
    for (const auto& [name, count] : surplus_)
      total += count;
    return total;
  }

 private:
  std::unordered_map<std::uint64_t, std::uint64_t> surplus_;
};

Ipv4Address address_at(std::span<const std::byte> ip, std::size_t at) {
  Ipv4Address address;
  std::copy_n(reinterpret_cast<const std::uint8_t*>(&ip[at]), 4, address.bytes.begin());
  return address;
}

// The IPv4 packet of a frame, behind any tags; empty when there is none.
std::span<const std::byte> ip_of(std::span<const std::byte> frame) {
  std::size_t at = kEthernetBytes;
  if (frame.size() < at) return {};
  std::uint16_t type = load_be16(&frame[12]);
  while ((type == kEthertypeVlan || type == kEthertypeQinQ) && frame.size() >= at + 4) {
    type = load_be16(&frame[at + 2]);
    at += 4;
  }
  if (type != kEthertypeIpv4 || frame.size() < at + 20) return {};
  return frame.subspan(at);
}

// The datagram that a frame would make for a receiver that checks nothing.
std::optional<Judgement> datagram_of(std::span<const std::byte> frame) {
  const std::span<const std::byte> ip = ip_of(frame);
  if (ip.empty()) return std::nullopt;
  const std::size_t header = (std::to_integer<std::size_t>(ip[0]) & 0x0f) * 4;
  if (ip.size() < header + kUdpBytes) return std::nullopt;
  const std::span<const std::byte> udp = ip.subspan(header);
  const std::size_t length = std::clamp<std::size_t>(load_be16(&udp[4]), kUdpBytes, udp.size());
  return Judgement{.source = {address_at(ip, 12), load_be16(&udp[0])},
                   .destination = {address_at(ip, 16), load_be16(&udp[2])},
                   .payload = udp.subspan(kUdpBytes, length - kUdpBytes)};
}

// Walks the workload as the ledger does.
class Finder {
 public:
  Finder(const Oracle& oracle, std::size_t max_payload, const FoundElements& found)
      : oracle_(oracle),
        max_payload_(max_payload),
        found_(found),
        delivered_(found.delivered),
        host_(found.host) {}

  Differences run(const Workload& workload) {
    const auto frames = workload.frames();
    for (std::size_t i = 0; i < frames.size(); ++i) {
      if (!stream_number(frames[i].bytes)) expect(i, frames[i].bytes);
    }
    // What is left over was found against the ledger: whose is it?
    for (std::size_t i = 0; i < frames.size(); ++i)
      explain(i, frames[i].bytes);
    differences_.unexplained = delivered_.left() + host_.left();
    std::stable_sort(differences_.frames.begin(), differences_.frames.end(),
                     [](const Difference& a, const Difference& b) { return a.frame < b.frame; });
    return std::move(differences_);
  }

 private:
  void expect(std::size_t number, std::span<const std::byte> frame) {
    const Judgement judgement = oracle_.judge(frame);
    const bool fast =
        judgement.fate == Fate::kFast || (judgement.fate == Fate::kUnchecked && found_.takes_unchecked);
    if (fast || (judgement.fate == Fate::kSlow && found_.has_slow_way)) {
      expect_datagram(number, judgement);
    } else if (judgement.fate == Fate::kFragment) {
      if (const auto whole = reassembly_.add(judgement.payload); whole && found_.has_slow_way) {
        const Judgement datagram = oracle_.judge_reassembled(*whole);
        if (datagram.fate == Fate::kSlow) expect_datagram(number, datagram);
      }
    }
    if (!fast && found_.host_is_whole && !host_.take(names_.add_frame(frame)))
      note(number, DifferenceKind::kNotSeenByHost);
  }

  void expect_datagram(std::size_t number, const Judgement& datagram) {
    if (datagram.payload.size() > max_payload_) return;
    if (!delivered_.take(name_of(datagram))) note(number, DifferenceKind::kNotDelivered);
  }

  void explain(std::size_t number, std::span<const std::byte> frame) {
    const std::optional<Judgement> datagram = datagram_of(frame);
    if (datagram && delivered_.take(name_of(*datagram))) note(number, DifferenceKind::kDeliveredAnyway);
    if (host_.take(names_.add_frame(frame)) && found_.host_is_whole)
      note(number, DifferenceKind::kSeenByHostAnyway);
  }

  std::uint64_t name_of(const Judgement& datagram) {
    return names_.add_datagram(datagram.source, datagram.destination, datagram.payload);
  }
  void note(std::size_t number, DifferenceKind kind) { differences_.frames.push_back({number, kind}); }

  const Oracle& oracle_;
  std::size_t max_payload_;
  const FoundElements& found_;
  Balance delivered_;
  Balance host_;
  Reassembly reassembly_;
  MultisetDigest names_;
  Differences differences_;
};

std::string sentence(const Difference& difference, const Workload& workload) {
  return fmt::format("frame {} {}: {}", difference.frame, to_string(difference.kind),
                     describe(workload.frames()[difference.frame]));
}

Status write_text(const Differences& differences, const Workload& workload,
                  const std::filesystem::path& file) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  for (const Difference& difference : differences.frames)
    out << sentence(difference, workload) << '\n';
  if (differences.unexplained != 0)
    out << differences.unexplained << " datagrams or frames that no frame of the workload makes\n";
  out.close();
  if (!out) return fail("write " + file.string(), errno);
  return {};
}

}  // namespace

std::string_view to_string(DifferenceKind kind) {
  return kWords[static_cast<std::size_t>(kind)];
}

Differences find_differences(const Workload& workload, const Oracle& oracle, std::size_t max_payload,
                             const FoundElements& found) {
  return Finder(oracle, max_payload, found).run(workload);
}

std::string describe(const TimedFrame& frame) {
  std::string text =
      fmt::format("{} at {} us, {} bytes", name_of(frame.kind), frame.at / kMicrosecond, frame.bytes.size());
  if (const auto ip = ip_of(frame.bytes); !ip.empty()) {
    const std::uint16_t flags = load_be16(&ip[6]);
    text += fmt::format(", IPv4 {} > {} protocol {} length {} id {}", address_at(ip, 12).to_string(),
                        address_at(ip, 16).to_string(), std::to_integer<unsigned>(ip[9]), load_be16(&ip[2]),
                        load_be16(&ip[4]));
    if ((flags & 0x3fff) != 0)
      text += fmt::format(" fragment at {}{}", (flags & 0x1fff) * 8, (flags & 0x2000) != 0 ? "+" : "");
    const auto datagram = datagram_of(frame.bytes);
    if (datagram && ip[9] == std::byte{kProtocolUdp} && (flags & 0x1fff) == 0) {
      text += fmt::format(", UDP {} > {}, {} bytes of payload", datagram->source.port,
                          datagram->destination.port, datagram->payload.size());
    }
  }
  const auto shown = frame.bytes.first(std::min(kShownBytes, frame.bytes.size()));
  text += ", ";
  for (const std::byte byte : shown)
    text += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  return shown.size() < frame.bytes.size() ? text + "..." : text;
}

std::string first_of(const Differences& differences, const Workload& workload) {
  if (!differences.frames.empty()) return sentence(differences.frames.front(), workload);
  if (differences.unexplained == 0) return {};
  return fmt::format("{} datagrams or frames that no frame of the workload makes", differences.unexplained);
}

Status write_evidence(const Differences& differences, const Workload& workload, const std::string& path,
                      const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return fail("make folder " + directory.string(), error.value());
  for (std::size_t kind = 0; kind < kFileWords.size(); ++kind) {
    std::optional<CaptureWriter> writer;
    for (const Difference& difference : differences.frames) {
      if (static_cast<std::size_t>(difference.kind) != kind) continue;
      if (!writer) {
        auto created = CaptureWriter::create(directory / fmt::format("{}.{}.pcap", path, kFileWords[kind]));
        if (!created) return tl::unexpected(created.error());
        writer.emplace(std::move(*created));
      }
      const TimedFrame& frame = workload.frames()[difference.frame];
      if (Status s = writer->write(frame.at, frame.bytes); !s) return s;
    }
    if (!writer) continue;
    if (Status s = writer->close(); !s) return s;
  }
  return write_text(differences, workload, directory / (path + ".differences.txt"));
}

}  // namespace penstock
