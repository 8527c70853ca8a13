// The C++ side of the classifier: every row, every truncation, and the configuration's own errors.
#include "engine/classify/classifier.h"

#include <cstring>
#include <memory>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "engine/classify/testing/frame_rows.h"

namespace penstock {
namespace {

TEST(Classifier, GivesEveryRowItsReasonAndPayload) {
  const Classifier classifier = *Classifier::create(row_classifier());
  for (const FrameRow& row : frame_rows()) {
    const Verdict verdict = classifier.classify(row.frame);
    EXPECT_EQ(reason_name(verdict.reason), reason_name(row.reason)) << row.name;
    EXPECT_EQ(verdict.payload.offset, row.reason == PENSTOCK_TAKEN ? 42 : 0) << row.name;
    EXPECT_EQ(verdict.payload.length, row.payload_bytes) << row.name;
  }
}

TEST(Classifier, TheRowsReachEveryReasonTheCodeCanGive) {
  std::set<penstock_reason> seen;
  for (const FrameRow& row : frame_rows())
    seen.insert(row.reason);
  for (int reason = 0; reason < PENSTOCK_REASON_COUNT; ++reason) {
    if (reason == PENSTOCK_NO_SOCKET) continue;  // the program's, when a queue has no socket
    EXPECT_TRUE(seen.contains(static_cast<penstock_reason>(reason)))
        << reason_name(static_cast<std::size_t>(reason));
  }
}

// Under asan this also shows that nothing behind the end is read: each prefix has its own allocation.
TEST(Classifier, NoPrefixOfATakenFrameIsTaken) {
  const Classifier classifier = *Classifier::create(row_classifier());
  const std::vector<std::byte> whole = taken_frame(1228);
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
    const auto prefix = std::make_unique<std::byte[]>(bytes);
    std::memcpy(prefix.get(), whole.data(), bytes);
    const Verdict verdict = classifier.classify({prefix.get(), bytes});
    EXPECT_FALSE(verdict.taken()) << bytes;
    EXPECT_EQ(verdict.reason, bytes < 34 ? PENSTOCK_SHORT_FRAME : PENSTOCK_IP_LENGTH) << bytes;
  }
}

TEST(Classifier, TakesExactlyTheListedPorts) {
  const Classifier classifier = *Classifier::create(row_classifier());
  std::vector<std::byte> frame = taken_frame(100);
  for (std::uint32_t port = 0; port < 65536; ++port) {
    frame[36] = static_cast<std::byte>(port >> 8);
    frame[37] = static_cast<std::byte>(port & 0xff);
    ASSERT_EQ(classifier.classify(frame).taken(), port == 8003 || port == 8701) << port;
  }
}

TEST(Classifier, WithoutMacAndAddressesChecksNeither) {
  ClassifierConfig config = row_classifier();
  config.mac.reset();
  config.addresses.clear();
  const Classifier classifier = *Classifier::create(config);
  for (const FrameRow& row : frame_rows()) {
    if (row.name == "for another station" || row.name == "another host's address" ||
        row.name == "our own address as the source") {
      EXPECT_TRUE(classifier.classify(row.frame).taken()) << row.name;
    }
    if (row.name == "loopback destination" || row.name == "loopback source") {
      EXPECT_FALSE(classifier.classify(row.frame).taken()) << row.name;
    }
  }
}

TEST(Classifier, OfATakenFrameTheKernelsHalfFindsTheSamePayload) {
  const Classifier classifier = *Classifier::create(row_classifier());
  for (const FrameRow& row : frame_rows()) {
    if (row.reason != PENSTOCK_TAKEN) continue;
    const penstock_payload payload =
        penstock_payload_of_taken(row.frame.data(), static_cast<std::uint32_t>(row.frame.size()));
    EXPECT_EQ(payload.offset, classifier.classify(row.frame).payload.offset) << row.name;
    EXPECT_EQ(payload.length, row.payload_bytes) << row.name;
  }
}

TEST(Classifier, TheKernelsHalfNeverPointsOutsideTheFrame) {
  std::vector<std::byte> frame = taken_frame(100);
  for (std::uint32_t length = 0; length < 65536; ++length) {
    frame[38] = static_cast<std::byte>(length >> 8);
    frame[39] = static_cast<std::byte>(length & 0xff);
    const penstock_payload payload =
        penstock_payload_of_taken(frame.data(), static_cast<std::uint32_t>(frame.size()));
    ASSERT_LE(payload.offset + payload.length, frame.size()) << length;
  }
}

TEST(ClassifierConfig, NamesWhatIsWrong) {
  const auto error = [](ClassifierConfig config) { return Classifier::create(config).error().what; };
  EXPECT_EQ(error({.ports = {}}), "no UDP port is listed");
  EXPECT_EQ(error({.ports = {0}}), "port 0 is listed");
  EXPECT_EQ(error({.ports = {8003, 8004, 8003}}), "port 8003 is listed twice");
  std::vector<std::uint16_t> many(kMaxPorts + 1);
  for (std::size_t i = 0; i < many.size(); ++i)
    many[i] = static_cast<std::uint16_t>(9000 + i);
  EXPECT_EQ(error({.ports = many}), "17 ports are listed, at most 16 can be");
  EXPECT_EQ(error({.ports = {1}, .addresses = std::vector<Ipv4Address>(5)}),
            "5 local addresses, at most 4 can be checked");
}

TEST(ClassifierConfig, ActionsAreThePositionsOfThePortsPlusOne) {
  const Classifier classifier = *Classifier::create(row_classifier());
  EXPECT_EQ(classifier.action(8003), 1);
  EXPECT_EQ(classifier.action(8701), 2);
  EXPECT_EQ(classifier.action(8004), 0);
}

}  // namespace
}  // namespace penstock
