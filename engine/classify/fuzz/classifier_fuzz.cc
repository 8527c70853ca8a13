// Fuzz target: the classifier on any bytes. It never reads outside the frame (asan sees to that), and
// what it calls the payload lies inside the frame; the kernel filter's half finds the same payload.
#include <span>
#include <vector>

#include "engine/base/check.h"
#include "engine/classify/classifier.h"
#include "engine/classify/testing/frame_rows.h"
#include "engine/classify/testing/option_rows.h"
#include "engine/classify/testing/policy_rows.h"
#include "engine/testing/fuzz.h"

namespace penstock {
namespace {

std::vector<Classifier> make_classifiers() {
  std::vector<Classifier> classifiers;
  for (const PolicyRow& row : policy_rows())
    classifiers.push_back(*Classifier::create(row.config));
  return classifiers;
}

bool lies_inside(const penstock_payload& payload, std::size_t frame_bytes) {
  return std::size_t{payload.offset} + payload.length <= frame_bytes;
}

void check(const Classifier& classifier, std::span<const std::byte> frame) {
  const Verdict verdict = classifier.classify(frame);
  const penstock_payload half =
      penstock_payload_of_taken(frame.data(), static_cast<std::uint32_t>(frame.size()));
  PENSTOCK_CHECK(verdict.reason >= 0 && verdict.reason < PENSTOCK_REASON_COUNT);
  PENSTOCK_CHECK(lies_inside(half, frame.size()));
  if (!verdict.taken()) {
    PENSTOCK_CHECK(verdict.payload.offset == 0 && verdict.payload.length == 0 &&
                   verdict.payload.ip_version == 0);
    return;
  }
  PENSTOCK_CHECK(verdict.payload.offset >= PENSTOCK_PAYLOAD_OFFSET);
  PENSTOCK_CHECK(lies_inside(verdict.payload, frame.size()));
  PENSTOCK_CHECK(half.offset == verdict.payload.offset && half.length == verdict.payload.length &&
                 half.ip_version == verdict.payload.ip_version);
}

}  // namespace

std::vector<std::vector<std::byte>> fuzz_seeds() {
  std::vector<std::vector<std::byte>> seeds;
  for (const std::vector<FrameRow>& rows : {frame_rows(), option_rows()}) {
    for (const FrameRow& row : rows)
      seeds.push_back(row.frame);
  }
  return seeds;
}

}  // namespace penstock

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<penstock::Classifier> kClassifiers = penstock::make_classifiers();
  for (const penstock::Classifier& classifier : kClassifiers)
    penstock::check(classifier, std::as_bytes(std::span(data, size)));
  return 0;
}
