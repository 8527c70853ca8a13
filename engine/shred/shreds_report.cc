// Frames to payloads, payloads to the resolver, and what it says to JSON.
#include "engine/shred/shreds_report.h"

#include <bit>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bpf/classify.h"
#include "engine/capture/capture.h"
#include "engine/metrics/counters.h"

namespace penstock {
namespace {

FecResolverConfig resolver_config(const ShredsReportOptions& options) {
  FecResolverConfig config{.checks = options.checks,
                           .mode = options.mode,
                           .limits = options.limits,
                           .version = options.version,
                           .root = options.root};
  if (!options.limit_checks) {
    config.held_sets = 1;
    config.signature_credit = std::numeric_limits<std::uint32_t>::max();
  }
  return config;
}

std::vector<std::uint8_t> listed_ports(std::optional<std::uint16_t> port) {
  std::vector<std::uint8_t> ports(std::size_t{1} << 16, port ? 0 : 1);
  if (port) ports[*port] = 1;
  return ports;
}

std::string hex(const MerkleHash& hash) {
  std::string text;
  for (const std::byte byte : hash)
    text += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  return text;
}

const char* word(ReportedSet::State state) {
  switch (state) {
    case ReportedSet::State::kComplete:
      return "complete";
    case ReportedSet::State::kRecovered:
      return "recovered";
    case ReportedSet::State::kIncomplete:
      break;
  }
  return "incomplete";
}

}  // namespace

ShredsReporter::ShredsReporter(const ShredsReportOptions& options)
    : ports_(listed_ports(options.port)),
      leader_(options.leader ? std::optional<FixedLeader>(FixedLeader(*options.leader)) : std::nullopt),
      resolver_(resolver_config(options), leader_ ? &*leader_ : nullptr, this) {
  partial_.verified = options.leader.has_value();
}

AddResult ShredsReporter::count(std::span<const std::byte> payload, AddResult result) {
  if (result.outcome != ShredOutcome::kRejected) {
    const ShredHeader header = parse_shred(payload).header;
    ++partial_.by_variant[header.variant];
    ++partial_.by_slot[header.slot];
  }
  return result;
}

void ShredsReporter::add_frame(std::span<const std::byte> frame) {
  constexpr penstock_policy kAnyHost{.flags = 0,
                                     .max_frame = std::numeric_limits<std::uint32_t>::max(),
                                     .addresses = {},
                                     .mac = {},
                                     .reserved = 0};
  const penstock_tables tables{.port_actions = ports_.data(), .addresses = nullptr, .address_count = 0};
  ++partial_.frames;
  penstock_payload payload;
  const penstock_reason reason =
      penstock_classify(frame.data(), frame.data() + frame.size(), &kAnyHost, &tables, &payload);
  // The address checks come after those of the lengths: such a frame has a payload all the same.
  if (reason == PENSTOCK_MARTIAN_SOURCE || reason == PENSTOCK_DESTINATION) {
    payload = penstock_payload_of_taken(frame.data(), static_cast<std::uint32_t>(frame.size()));
  } else if (reason != PENSTOCK_TAKEN) {
    ++partial_.passed[std::string(reason_name(reason))];
    return;
  }
  add(frame.subspan(payload.offset, payload.length));
}

ShredsReporter::Progress& ShredsReporter::progress_of(const SetRecord& set) {
  return sets_[{set.key, set.root}];
}

void ShredsReporter::on_accepted(const AcceptedShred& shred) {
  progress_of(shred.set).seen |= std::uint64_t{1} << shred.header.member();
}

void ShredsReporter::on_late(const SetRecord& set, const ShredHeader& header) {
  progress_of(set).seen |= std::uint64_t{1} << header.member();
}

void ShredsReporter::on_finished(const FinishedSet& set) {
  progress_of(set.set).rebuilt = true;
  progress_of(set.set).follows_rule_8 = set.follows_rule_8;
}

void ShredsReporter::on_failed(const SetRecord& set) {
  // The 32nd member was not accepted, but it came.
  progress_of(set).seen |= set.seen;
  progress_of(set).failed = true;
}

void ShredsReporter::on_equivocation(const Equivocation& equivocation) {
  const SetRecord& set = equivocation.set;
  partial_.conflicts.push_back({set.key.slot, set.key.fec_set_index, set.root, equivocation.second_root});
}

ShredsReport ShredsReporter::report() const {
  ShredsReport report = partial_;
  report.counts = resolver_.counts();
  for (const auto& [id, progress] : sets_) {
    const auto& [key, root] = id;
    ReportedSet set{key.slot, key.fec_set_index, root};
    set.members = static_cast<std::uint32_t>(std::popcount(progress.seen));
    if (progress.rebuilt) {
      set.state =
          set.members == kFecSetShreds ? ReportedSet::State::kComplete : ReportedSet::State::kRecovered;
    }
    set.contradicts = progress.failed;
    set.follows_rule_8 = progress.follows_rule_8;
    report.sets.push_back(set);
  }
  return report;
}

std::uint64_t ShredsReport::sets_in(ReportedSet::State state) const {
  std::uint64_t count = 0;
  for (const ReportedSet& set : sets)
    count += set.state == state;
  return count;
}

std::string ShredsReport::to_json() const {
  using nlohmann::ordered_json;
  ordered_json json;
  json["frames"] = frames;
  json["passed"] = passed;  // frames without a payload to look at, by the classifier's reason
  json["payloads"] = counts.added;
  // Shreds that were not rejected, duplicates included.
  json["variants"] = ordered_json::object();
  for (const auto& [variant, count] : by_variant)
    json["variants"][fmt::format("{:#04x}", variant)] = count;
  json["slots"] = ordered_json::object();
  for (const auto& [slot, count] : by_slot)
    json["slots"][std::to_string(slot)] = count;
  // payloads = accepted + duplicates + late + sum of rejected
  json["accepted"] = counts.accepted;
  json["duplicates"] = counts.duplicates;
  json["late"] = counts.late;
  json["rejected"] = ordered_json::object();  // by reason, all reasons that occurred
  for (std::size_t i = 0; i < kRejectReasons; ++i) {
    if (counts.rejected[i] != 0)
      json["rejected"][std::string(name_of(static_cast<RejectReason>(i)))] = counts.rejected[i];
  }
  json["trailing_bytes"] = counts.trailing_bytes;  // shreds with bytes behind them
  json["verified"] = verified;                     // false: no leader was given, roots are only consistent
  using State = ReportedSet::State;
  json["sets"] = ordered_json::object();
  for (const State state : {State::kComplete, State::kRecovered, State::kIncomplete}) {
    json["sets"][word(state)] = sets_in(state);
  }
  json["fec_sets"] = ordered_json::array();
  for (const ReportedSet& set : sets) {
    json["fec_sets"].push_back({{"slot", set.slot},
                                {"fec_set_index", set.fec_set_index},
                                {"root", hex(set.root)},
                                {"state", word(set.state)},
                                {"members", set.members},
                                {"contradicts", set.contradicts},
                                {"follows_rule_8", set.follows_rule_8}});
  }
  json["conflicts"] = ordered_json::array();
  for (const ReportedConflict& conflict : conflicts) {
    json["conflicts"].push_back({{"slot", conflict.slot},
                                 {"fec_set_index", conflict.fec_set_index},
                                 {"roots", {hex(conflict.first_root), hex(conflict.second_root)}}});
  }
  return json.dump(2);
}

Result<ShredsReport> report_shreds(const std::filesystem::path& capture, const ShredsReportOptions& options) {
  Result<CaptureReader> reader = CaptureReader::open(capture);
  if (!reader) return tl::unexpected(reader.error());
  ShredsReporter reporter(options);
  while (true) {
    const auto frame = next_whole_frame(*reader, IpLinks::kWrapped);
    if (!frame) return tl::unexpected(frame.error());
    if (!*frame) return reporter.report();
    reporter.add_frame((*frame)->bytes);
  }
}

}  // namespace penstock
