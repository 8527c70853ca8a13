// Real bytes: Firedancer's golden capture, and a testnet capture in order of arrival whose five lossy
// sets must recover to the roots that their leader signed. Skipped where the fixtures are absent.
#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "engine/capture/capture.h"
#include "engine/shred/fec_resolver.h"
#include "engine/shred/testing/hex.h"
#include "engine/shred/testing/known_answers.h"
#include "engine/shred/testing/recording_observer.h"
#include "engine/testing/fixtures.h"

namespace penstock {
namespace {

using testing::array_from_hex;
using testing::to_hex;

constexpr std::size_t kHeaders = 42;  // Ethernet, IPv4 without options, UDP

FecResolverConfig config(std::uint16_t version) {
  return {
      .mode = RuleMode::kStrict, .version = version, .max_open_sets = 16, .reuse_after = 4, .history = 64};
}

// The 64 shreds, a retransmitter's signature as zeros.
std::string set_sha256(const testing::RecordedSet& set) {
  std::vector<std::byte> all;
  for (std::vector<std::byte> shred : set.shreds) {
    if (is_resigned(std::to_integer<std::uint8_t>(shred[kVariantOffset]))) {
      std::fill(shred.end() - kSignatureSize, shred.end(), std::byte{0});
    }
    all.insert(all.end(), shred.begin(), shred.end());
  }
  return testing::sha256_hex(all);
}

std::string entries_sha256(const testing::RecordedSet& set, std::size_t* size) {
  std::vector<std::byte> entries;
  for (std::size_t i = 0; i < kFecDataShreds; ++i) {
    const ShredHeader header = parse_shred(set.shreds[i]).header;
    entries.insert(entries.end(), set.shreds[i].begin() + kDataHeadersSize,
                   set.shreds[i].begin() + header.size);
  }
  *size = entries.size();
  return testing::sha256_hex(entries);
}

TEST(ResolverFixture, GoldenCapture) {
  const auto path = testing::fixture("demo-shreds.pcap");
  if (!path) GTEST_SKIP() << testing::fixture_absent("demo-shreds.pcap");
  const auto frames = read_ethernet_frames(*path);
  ASSERT_TRUE(frames) << frames.error().message();
  const FixedLeader leader(array_from_hex<32>(testing::kGoldenLeader));
  testing::RecordingObserver seen;
  FecResolver resolver(config(testing::kGoldenVersion), &leader, &seen);
  for (const OwnedFrame& frame : *frames)
    resolver.add(std::span(frame.bytes).subspan(kHeaders));

  EXPECT_EQ(resolver.counts().accepted, 256u);
  EXPECT_EQ(resolver.counts().late, 256u);
  EXPECT_EQ(resolver.counts().signature_checks, 8u);
  EXPECT_EQ(resolver.counts().rule_8_broken, 1u);
  ASSERT_EQ(seen.sets.size(), 8u);
  for (const testing::KnownSet& known : testing::kGoldenSets) {
    const testing::RecordedSet& set = seen.sets[{0, known.fec_set_index}];
    EXPECT_EQ(to_hex(set.root), known.root);
    EXPECT_EQ(set_sha256(set), known.set_sha256);
    EXPECT_EQ(set.follows_rule_8, known.fec_set_index != 192);
  }
}

// The same sets from code shreds alone: every data shred is rebuilt.
TEST(ResolverFixture, GoldenCaptureFromCodeShreds) {
  const auto path = testing::fixture("demo-shreds.pcap");
  if (!path) GTEST_SKIP() << testing::fixture_absent("demo-shreds.pcap");
  const auto frames = read_ethernet_frames(*path);
  ASSERT_TRUE(frames) << frames.error().message();
  const FixedLeader leader(array_from_hex<32>(testing::kGoldenLeader));
  testing::RecordingObserver seen;
  FecResolver resolver(config(testing::kGoldenVersion), &leader, &seen);
  for (const OwnedFrame& frame : *frames) {
    const auto payload = std::span(frame.bytes).subspan(kHeaders);
    if (!parse_shred(payload).header.is_data()) resolver.add(payload);
  }
  ASSERT_EQ(seen.sets.size(), 8u);
  for (const testing::KnownSet& known : testing::kGoldenSets) {
    EXPECT_EQ(set_sha256(seen.sets[{0, known.fec_set_index}]), known.set_sha256);
  }
}

TEST(ResolverFixture, TestnetCaptureRecoversToItsSignedRoots) {
  constexpr char kName[] = "testnet-385970984-arrival-order.pcap";
  const auto path = testing::fixture(kName);
  if (!path) GTEST_SKIP() << testing::fixture_absent(kName);
  const auto frames = read_ethernet_frames(*path);
  ASSERT_TRUE(frames) << frames.error().message();
  const FixedLeader leader(array_from_hex<32>(testing::kTestnetLeader));
  testing::RecordingObserver seen;
  FecResolver resolver(config(testing::kTestnetVersion), &leader, &seen);
  for (const OwnedFrame& frame : *frames)
    resolver.add(std::span(frame.bytes).subspan(kHeaders));

  EXPECT_EQ(resolver.counts().accepted, 160u);
  EXPECT_EQ(resolver.counts().late, 131u);
  EXPECT_EQ(resolver.counts().duplicates, 16u);
  EXPECT_EQ(resolver.counts().signature_checks, 5u);
  EXPECT_EQ(resolver.counts().rule_8_broken, 0u);
  ASSERT_EQ(seen.sets.size(), 5u);
  for (std::size_t i = 0; i < testing::kTestnetSets.size(); ++i) {
    const testing::KnownSet& known = testing::kTestnetSets[i];
    const testing::KnownEntries& entries = testing::kTestnetEntries[i];
    const testing::RecordedSet& set = seen.sets[{testing::kTestnetSlot, known.fec_set_index}];
    EXPECT_EQ(to_hex(set.root), known.root);
    EXPECT_EQ(set_sha256(set), known.set_sha256);
    EXPECT_EQ(parse_shred(set.shreds[31]).header.flags, entries.last_flags);
    std::size_t size = 0;
    EXPECT_EQ(entries_sha256(set, &size), entries.sha256);
    EXPECT_EQ(size, entries.size);
  }
}

}  // namespace
}  // namespace penstock
