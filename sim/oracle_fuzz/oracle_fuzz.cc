// Batches, and cutting down the one that differs.
#include "sim/oracle_fuzz/oracle_fuzz.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "engine/base/nearest_name.h"
#include "sim/oracle_fuzz/expectation.h"
#include "sim/oracle_fuzz/minimize.h"

namespace penstock {
namespace {

// A try costs two batches, and with fragments in it a second of waiting.
constexpr std::size_t kMostTries = 150;

constexpr std::array kProfiles = {
    FuzzProfile{.name = "default", .what = "the defaults, on a host without IPv6"},
    FuzzProfile{.name = "vlan", .what = "priority tags are taken", .vlan = true},
    FuzzProfile{.name = "ipv6", .what = "plain IPv6 is taken", .host_ipv6 = true, .ipv6 = true},
    FuzzProfile{.name = "ipv6_off", .what = "the defaults, on a host with IPv6", .host_ipv6 = true},
    FuzzProfile{.name = "verify", .what = "UDP checksums are verified", .verify_udp_checksum = true},
    FuzzProfile{.name = "all",
                .what = "every option on",
                .host_ipv6 = true,
                .vlan = true,
                .ipv6 = true,
                .verify_udp_checksum = true},
};

AfXdpConfig receiver_of(const FuzzConfig& config, const FuzzHost& host, Path path) {
  AfXdpConfig receiver{.classifier = host.classifier(), .companion = Companion::kOwn};
  if (path == Path::kIoUring || path == Path::kUdp) return receiver;  // those options are the classifier's
  receiver.classifier.vlan = config.profile.vlan;
  receiver.classifier.ipv6 = config.profile.ipv6;
  receiver.classifier.verify_udp_checksum = config.profile.verify_udp_checksum;
  return receiver;
}

// One receive path beside plain sockets.
class Comparison {
 public:
  Comparison(Path path, std::unique_ptr<FuzzStage> stage, const AfXdpConfig& receiver)
      : path_(path),
        stage_(std::move(stage)),
        expectation_(to_string(path), receiver.classifier, receiver.max_payload) {}

  Path path() const { return path_; }
  FuzzStage& stage() { return *stage_; }

  Result<MultisetDifference> compare(std::span<const FrameBytes> frames,
                                     const std::vector<Datagram>& given_by_linux) {
    Result<std::vector<Datagram>> delivered = stage_->run_until_valid(frames);
    if (!delivered) return fail(std::string(to_string(path_)), delivered.error());
    return difference(expectation_.of(frames, given_by_linux), std::move(*delivered));
  }

  // Both sides anew, with nothing left of earlier fragments.
  Result<MultisetDifference> compare_afresh(std::span<const FrameBytes> frames, FuzzStage& sockets) {
    for (FuzzStage* stage : {&sockets, stage_.get()}) {
      if (const Status forgotten = stage->forget_fragments(); !forgotten)
        return tl::unexpected(forgotten.error());
    }
    const Result<std::vector<Datagram>> given = sockets.run_until_valid(frames);
    if (!given) return fail("plain sockets", given.error());
    return compare(frames, *given);
  }

 private:
  Path path_;
  std::unique_ptr<FuzzStage> stage_;
  Expectation expectation_;
};

std::vector<FrameBytes> frames_of(const std::vector<Case>& cases) {
  std::vector<FrameBytes> frames;
  for (const Case& one : cases)
    frames.insert(frames.end(), one.begin(), one.end());
  return frames;
}

// First to the cases that are needed, then to their frames.
Result<Mismatch> cut_down(Comparison& comparison, FuzzStage& sockets, std::vector<Case> cases,
                          MultisetDifference found, std::uint64_t first_case) {
  Mismatch mismatch{comparison.path(), first_case, frames_of(cases), std::move(found)};
  for (FuzzStage* stage : {&sockets, &comparison.stage()}) {
    if (const Status set = stage->set_fragment_time(1); !set) return tl::unexpected(set.error());
  }
  Status failed;
  const auto differs = [&](const std::vector<FrameBytes>& frames) {
    if (!failed) return false;
    Result<MultisetDifference> again = comparison.compare_afresh(frames, sockets);
    if (!again) {
      failed = tl::unexpected(again.error());
      return false;
    }
    if (again->empty()) return false;
    mismatch.frames = frames;
    mismatch.difference = std::move(*again);
    return true;
  };
  mismatch.repeated = differs(mismatch.frames);
  if (mismatch.repeated) {
    minimize(std::move(cases), kMostTries,
             [&](const std::vector<Case>& subset) { return differs(frames_of(subset)); });
    leave_out(mismatch.frames, differs);
  }
  if (!failed) return tl::unexpected(failed.error());
  return mismatch;
}

class Run {
 public:
  explicit Run(const FuzzConfig& config) : config_(config) {}

  Status set_up() {
    host_.ipv6 = config_.profile.host_ipv6;
    Result<std::unique_ptr<FuzzStage>> sockets = FuzzStage::with_sockets(host_);
    if (!sockets) return tl::unexpected(sockets.error());
    sockets_ = std::move(*sockets);
    if (Status set = sockets_->set_fragment_time(config_.fragment_seconds); !set) return set;
    for (const Path path : config_.paths) {
      const AfXdpConfig honest = receiver_of(config_, host_, path);
      AfXdpConfig receiver = honest;
      if (config_.plant_receiver) config_.plant_receiver(receiver);
      Result<std::unique_ptr<FuzzStage>> stage = FuzzStage::with_path(host_, path, receiver);
      if (!stage) return tl::unexpected(stage.error());
      if (Status set = (*stage)->set_fragment_time(config_.fragment_seconds); !set) return set;
      if (config_.plant_host) {
        if (Status planted = config_.plant_host((*stage)->topology()); !planted) return planted;
      }
      comparisons_.emplace_back(path, std::move(*stage), honest);
    }
    Result<Classifier> classifier =
        Classifier::create(receiver_of(config_, host_, Path::kKernelFilter).classifier);
    if (!classifier) return tl::unexpected(classifier.error());
    classifier_.emplace(std::move(*classifier));
    return {};
  }

  Result<FuzzReport> run() {
    if (!config_.frames.empty()) {
      std::vector<Case> cases;
      for (const FrameBytes& frame : config_.frames)
        cases.push_back({frame});
      if (Status done = run_batch(std::move(cases), 0); !done) return tl::unexpected(done.error());
      return report_;
    }
    Cases source(host_, config_.seed, config_.first);
    for (std::uint64_t done = 0; done < config_.cases && !report_.mismatch;) {
      const std::uint64_t first = config_.first + done;
      std::vector<Case> cases;
      for (std::size_t i = 0; i < config_.batch && done < config_.cases; ++i, ++done)
        cases.push_back(source.next());
      if (Status ran = run_batch(std::move(cases), first); !ran) return tl::unexpected(ran.error());
      if (config_.progress) config_.progress(done);
    }
    return report_;
  }

 private:
  Status run_batch(std::vector<Case> cases, std::uint64_t first_case) {
    const std::vector<FrameBytes> frames = frames_of(cases);
    report_.frames += frames.size();
    for (const FrameBytes& frame : frames)
      ++report_.by_reason[classifier_->classify(frame).reason];
    const Result<std::vector<Datagram>> given = sockets_->run_until_valid(frames);
    if (!given) return fail("plain sockets", given.error());
    report_.datagrams += given->size();
    for (Comparison& comparison : comparisons_) {
      Result<MultisetDifference> found = comparison.compare(frames, *given);
      if (!found) return tl::unexpected(found.error());
      if (found->empty()) continue;
      Result<Mismatch> mismatch =
          cut_down(comparison, *sockets_, std::move(cases), std::move(*found), first_case);
      if (!mismatch) return fail("cut a difference down", mismatch.error());
      report_.mismatch = std::move(*mismatch);
      return {};
    }
    return {};
  }

  const FuzzConfig& config_;
  FuzzHost host_{};
  std::unique_ptr<FuzzStage> sockets_;
  std::vector<Comparison> comparisons_;
  std::optional<Classifier> classifier_;
  FuzzReport report_{};
};

}  // namespace

std::span<const FuzzProfile> fuzz_profiles() {
  return kProfiles;
}

Result<FuzzProfile> find_fuzz_profile(std::string_view name) {
  std::vector<std::string> names;
  for (const FuzzProfile& profile : kProfiles) {
    if (profile.name == name) return profile;
    names.emplace_back(profile.name);
  }
  return fail(fmt::format("there is no profile '{}'; {}", name, suggest_name(name, names)));
}

std::vector<std::string> FuzzReport::reasons_not_seen(const FuzzProfile& profile) const {
  std::vector<std::string> names;
  for (std::size_t reason = 0; reason < by_reason.size(); ++reason) {
    const bool only_program = reason == PENSTOCK_NO_SOCKET || reason == PENSTOCK_ENGINE_STALLED;
    const bool off = (reason == PENSTOCK_IPV6 && profile.ipv6) ||
                     (reason == PENSTOCK_IPV6_EXTENSION && !profile.ipv6) ||
                     (reason == PENSTOCK_UDP_NO_CHECKSUM && !profile.ipv6) ||
                     (reason == PENSTOCK_UDP_CHECKSUM && !profile.verify_udp_checksum);
    if (by_reason[reason] == 0 && !only_program && !off) names.emplace_back(reason_name(reason));
  }
  return names;
}

Result<FuzzReport> run_oracle_fuzz(const FuzzConfig& config) {
  Run run(config);
  if (const Status ready = run.set_up(); !ready) return tl::unexpected(ready.error());
  return run.run();
}

}  // namespace penstock
