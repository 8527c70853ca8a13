// The C++ side of the classifier: every row, every truncation, and the configuration's own errors.
#include "engine/classify/classifier.h"

#include <cstring>
#include <memory>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "engine/classify/testing/frame_rows.h"
#include "engine/classify/testing/option_rows.h"

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

TEST(ClassifierOptions, GiveEveryRowItsReasonAndPayload) {
  const Classifier classifier = *Classifier::create(option_classifier());
  for (const FrameRow& row : option_rows()) {
    const Verdict verdict = classifier.classify(row.frame);
    EXPECT_EQ(reason_name(verdict.reason), reason_name(row.reason)) << row.name;
    EXPECT_EQ(verdict.payload.length, row.payload_bytes) << row.name;
    if (row.reason != PENSTOCK_TAKEN) continue;
    const penstock_payload half =
        penstock_payload_of_taken(row.frame.data(), static_cast<std::uint32_t>(row.frame.size()));
    EXPECT_EQ(half.offset, verdict.payload.offset) << row.name;
    EXPECT_EQ(half.length, verdict.payload.length) << row.name;
    EXPECT_EQ(half.ip_version, verdict.payload.ip_version) << row.name;
    // The rows' payload begins with the bytes 3, 10, 17 ...
    if (row.payload_bytes > 1) {
      EXPECT_EQ(row.frame[verdict.payload.offset + 1u], std::byte{10}) << row.name;
    }
  }
}

TEST(ClassifierOptions, AreOffByDefault) {
  const Classifier classifier = *Classifier::create(row_classifier());
  for (const FrameRow& row : option_rows()) {
    const penstock_reason reason = classifier.classify(row.frame).reason;
    const std::uint32_t ethertype =
        std::to_integer<std::uint32_t>(row.frame[12]) << 8 | std::to_integer<std::uint32_t>(row.frame[13]);
    if (ethertype == 0x8100 || ethertype == 0x88a8) {
      EXPECT_EQ(reason, PENSTOCK_VLAN) << row.name;
    } else if (ethertype == 0x86dd) {
      EXPECT_EQ(reason, PENSTOCK_IPV6) << row.name;
    } else if (row.reason == PENSTOCK_UDP_CHECKSUM) {
      EXPECT_EQ(reason, PENSTOCK_TAKEN) << row.name;
    }
  }
}

TEST(ClassifierOptions, DoNotChangeTheDefaultRows) {
  ClassifierConfig config = option_classifier();
  config.addresses = row_classifier().addresses;
  const Classifier classifier = *Classifier::create(config);
  for (const FrameRow& row : frame_rows()) {
    if (row.reason == PENSTOCK_VLAN || row.reason == PENSTOCK_IPV6) continue;
    const bool bad_checksum = row.name.find("UDP checksum: not") != std::string::npos ||
                              row.name.find("partial UDP") != std::string::npos;
    EXPECT_EQ(classifier.classify(row.frame).reason, bad_checksum ? PENSTOCK_UDP_CHECKSUM : row.reason)
        << row.name;
  }
}

// Under asan this also shows that nothing behind the end is read: each prefix has its own allocation.
TEST(ClassifierOptions, NoPrefixOfAnyRowReadsBehindItsEnd) {
  const Classifier classifier = *Classifier::create(option_classifier());
  for (const FrameRow& row : option_rows()) {
    for (std::size_t bytes = 0; bytes < row.frame.size(); ++bytes) {
      const auto prefix = std::make_unique<std::byte[]>(bytes);
      std::memcpy(prefix.get(), row.frame.data(), bytes);
      const Verdict verdict = classifier.classify({prefix.get(), bytes});
      EXPECT_LE(verdict.payload.offset + verdict.payload.length, bytes) << row.name;
      const penstock_payload half =
          penstock_payload_of_taken(prefix.get(), static_cast<std::uint32_t>(bytes));
      EXPECT_LE(half.offset + half.length, bytes) << row.name;
    }
  }
}

TEST(Classifier, TheRowsReachEveryReasonTheCodeCanGive) {
  std::set<penstock_reason> seen;
  for (const std::vector<FrameRow>& rows : {frame_rows(), option_rows()}) {
    for (const FrameRow& row : rows)
      seen.insert(row.reason);
  }
  for (int reason = 0; reason < PENSTOCK_REASON_COUNT; ++reason) {
    // The program's own: a queue without a socket, an engine that hangs.
    if (reason == PENSTOCK_NO_SOCKET || reason == PENSTOCK_ENGINE_STALLED) continue;
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
  const auto error = [](const ClassifierConfig& config) { return Classifier::create(config).error().what; };
  EXPECT_EQ(error({.ports = {}}), "no UDP port is listed");
  EXPECT_EQ(error({.ports = {0}}), "port 0 is listed");
  EXPECT_EQ(error({.ports = {8003, 8004, 8003}}), "port 8003 is listed twice");
  std::vector<std::uint16_t> many(kMaxPorts + 1);
  for (std::size_t i = 0; i < many.size(); ++i)
    many[i] = static_cast<std::uint16_t>(9000 + i);
  EXPECT_EQ(error({.ports = many}), "17 ports are listed, at most 16 can be");
  ClassifierConfig config{.ports = {1}};
  for (std::uint32_t i = 0; i < 1029; ++i)
    config.addresses.push_back(Ipv4Address::from_host(0x0a000000 + i));
  EXPECT_EQ(error(config), "1025 local addresses beside the first 4 of IPv4, at most 1024 can be checked");
  config.addresses.pop_back();
  EXPECT_TRUE(Classifier::create(config));
}

TEST(ClassifierConfig, ActionsAreThePositionsOfThePortsPlusOne) {
  const Classifier classifier = *Classifier::create(row_classifier());
  EXPECT_EQ(classifier.action(8003), 1);
  EXPECT_EQ(classifier.action(8701), 2);
  EXPECT_EQ(classifier.action(8004), 0);
}

}  // namespace
}  // namespace penstock
