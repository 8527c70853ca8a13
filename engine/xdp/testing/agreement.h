// Asserts that the XDP program with either port filter and the C++ classifier give a frame the verdict
// that the test expects. For proofs over every value of a field: the first failures are reported with
// the frame, the rest are only counted, in one failure at the end.
//
// Needs root. Thread safety: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "engine/classify/classifier.h"
#include "engine/xdp/test_run.h"

namespace penstock {

// What a test expects: a reason, and the payload of a frame that is taken.
struct Expected {
  penstock_reason reason;
  std::size_t payload_offset = 0;
  std::size_t payload_bytes = 0;
};

inline Expected taken(std::size_t payload_offset, std::size_t payload_bytes) {
  return {PENSTOCK_TAKEN, payload_offset, payload_bytes};
}

class Agreement {
 public:
  // Ends the process when the program cannot be loaded: nothing could be asserted.
  explicit Agreement(const ClassifierConfig& config);
  ~Agreement();  // fails the test for failures that were not reported
  Agreement(const Agreement&) = delete;
  Agreement& operator=(const Agreement&) = delete;

  // Replaces the policy, also in the kernel.
  void set_policy(const ClassifierConfig& config);

  // `value` is what the caller varies, for the message. The kernel is asked when the frame has a
  // length that BPF_PROG_TEST_RUN takes.
  void expect(std::span<const std::byte> frame, const Expected& expected, std::uint64_t value);

  const Classifier& classifier() const { return classifier_; }

 private:
  void fail(std::span<const std::byte> frame, std::uint64_t value, const std::string& text);

  Classifier classifier_;
  ProgramTestRun array_;
  ProgramTestRun hash_;
  std::uint64_t failures_ = 0;
};

}  // namespace penstock
