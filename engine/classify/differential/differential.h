// A differential run: the same frames to several judges, who must agree on the reason and, where a
// judge knows it, on the payload. Every disagreement becomes a report that repeats it: the frame as hex, as
// a line for scapy and as a pcap, and the one command that makes it again.
//
// Thread safety: none; one run, one thread.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/classify/classifier.h"
#include "engine/classify/fuzz/frame_mutator.h"

namespace penstock {

struct Opinion {
  penstock_reason reason;
  std::optional<penstock_payload> payload;  // nothing: this judge does not say
};

struct Judge {
  std::string name;
  std::function<Result<Opinion>(std::span<const std::byte>)> judge;
};

struct DifferentialRun {
  std::string policy;  // its name, for reports
  ClassifierConfig target;
  std::uint64_t seed = 1;
  std::uint64_t first = 0;  // the numbers of the frames: first to first + frames - 1
  std::uint64_t frames = 0;
  // What repeats a frame: "{policy}", "{seed}" and "{number}" in it are replaced.
  std::string command;
  std::filesystem::path outputs;  // folder for the pcaps
};

struct DifferentialResult {
  std::uint64_t frames = 0;
  std::array<std::uint64_t, PENSTOCK_REASON_COUNT> by_reason{};  // as the first judge says
  std::uint64_t differences = 0;
  std::vector<std::string> reports;  // of the first kMaxReports differences

  static constexpr std::size_t kMaxReports = 5;
};

// Asks all judges about every frame. Errors: a judge that cannot judge, a pcap that cannot be written.
// REQUIRES: at least two judges.
Result<DifferentialResult> run_differential(const DifferentialRun& run, std::span<const Judge> judges);

// The usual judges.
Judge cpp_judge(const ClassifierConfig& config);    // bpf/classify.h as C++
Judge plain_judge(const ClassifierConfig& config);  // its rules a second time: testing/plain_model.h

}  // namespace penstock
