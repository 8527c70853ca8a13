// Asking the judges one after the other.
#include "engine/xdp/testing/agreement.h"

#include <linux/bpf.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include <gtest/gtest.h>

#include "engine/classify/differential/frame_report.h"
#include "engine/metrics/counters.h"

namespace penstock {
namespace {

constexpr std::uint64_t kReported = 5;

ProgramTestRun load(const Classifier& classifier, PortMap port_map) {
  auto kernel = ProgramTestRun::create(classifier, port_map);
  if (!kernel) {
    std::fprintf(stderr, "%s\n", kernel.error().message().c_str());
    std::abort();
  }
  return std::move(*kernel);
}

}  // namespace

Agreement::Agreement(const ClassifierConfig& config)
    : classifier_(*Classifier::create(config)),
      array_(load(classifier_, PortMap::kArray)),
      hash_(load(classifier_, PortMap::kHash)) {}

Agreement::~Agreement() {
  if (failures_ > kReported) ADD_FAILURE() << failures_ << " failures in all";
}

void Agreement::set_policy(const ClassifierConfig& config) {
  classifier_ = *Classifier::create(config);
  for (ProgramTestRun* kernel : {&array_, &hash_}) {
    const Status set = kernel->program().set_policy(classifier_);
    ASSERT_TRUE(set) << set.error().message();
  }
}

void Agreement::expect(std::span<const std::byte> frame, const Expected& expected, std::uint64_t value) {
  const Verdict verdict = classifier_.classify(frame);
  const bool is_taken = expected.reason == PENSTOCK_TAKEN;
  if (verdict.reason != expected.reason || verdict.payload.offset != expected.payload_offset ||
      verdict.payload.length != expected.payload_bytes) {
    fail(frame, value,
         "C++ says " + std::string(reason_name(verdict.reason)) + ", payload " +
             std::to_string(verdict.payload.offset) + "+" + std::to_string(verdict.payload.length) +
             ", expected " + std::string(reason_name(expected.reason)) + ", " +
             std::to_string(expected.payload_offset) + "+" + std::to_string(expected.payload_bytes));
  }
  if (frame.size() < kTestRunMinBytes || frame.size() > kTestRunMaxBytes) return;
  for (const auto& [kernel, name] : {std::pair{&array_, "array"}, std::pair{&hash_, "hash"}}) {
    const auto outcome = kernel->judge(frame);
    if (!outcome) {
      fail(frame, value, outcome.error().message());
    } else if (outcome->reason != expected.reason ||
               outcome->verdict != static_cast<std::uint32_t>(is_taken ? XDP_REDIRECT : XDP_PASS)) {
      fail(frame, value,
           std::string("the program with ") + name + " ports says " +
               std::string(reason_name(outcome->reason)) + " and returns " +
               std::to_string(outcome->verdict) + ", expected " + std::string(reason_name(expected.reason)));
    }
  }
}

void Agreement::fail(std::span<const std::byte> frame, std::uint64_t value, const std::string& text) {
  if (++failures_ <= kReported) {
    ADD_FAILURE() << "value " << value << ": " << text << "\n  hex    " << hex(frame) << "\n  scapy  "
                  << scapy_line(frame);
  }
}

}  // namespace penstock
