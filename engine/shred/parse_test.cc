// Header parsing: known answers, every variant byte, every length, the repair form.
#include "engine/shred/parse.h"

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/capture/capture.h"
#include "engine/testing/fixtures.h"

namespace penstock {
namespace {

// A shred of `size` bytes whose header bytes from offset 64 are `hex`; spaces are ignored.
std::vector<std::byte> shred_with_header(const std::string& hex, std::size_t size) {
  std::vector<std::byte> shred(size);
  std::string digits;
  for (const char c : hex) {
    if (c != ' ') digits.push_back(c);
  }
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    shred[64 + i / 2] = static_cast<std::byte>(std::stoi(digits.substr(i, 2), nullptr, 16));
  }
  return shred;
}

std::vector<std::byte> shred_of(std::uint8_t variant, std::size_t size) {
  std::vector<std::byte> shred(size);
  if (size > kVariantOffset) shred[kVariantOffset] = std::byte{variant};
  return shred;
}

RejectReason reason_for(std::uint8_t variant, std::size_t size) {
  return parse_shred(shred_of(variant, size)).reason;
}

// Header bytes of the golden capture, shred-format.md section 12.
TEST(ParseShred, KnownAnswerFirstDataShred) {
  const auto parsed =
      parse_shred(shred_with_header("96 0000000000000000 00000000 a317 00000000 0000 00 1b04", 1203));
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed.header, (ShredHeader{.version = 6051, .variant = 0x96, .size = 1051}));
  EXPECT_EQ(parsed.header.member(), 0u);
  EXPECT_EQ(parsed.trailing_bytes, 0);
}

TEST(ParseShred, KnownAnswerLastDataShredOfTheFirstSet) {
  const auto parsed =
      parse_shred(shred_with_header("96 0000000000000000 1f000000 a317 00000000 0000 00 1b04", 1203));
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed.header.index, 31u);
  EXPECT_EQ(parsed.header.member(), 31u);
}

TEST(ParseShred, KnownAnswerFirstCodeShred) {
  const auto parsed =
      parse_shred(shred_with_header("66 0000000000000000 00000000 a317 00000000 2000 2000 0000", 1228));
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed.header, (ShredHeader{.version = 6051, .variant = 0x66, .num_data = 32, .num_code = 32}));
  EXPECT_EQ(parsed.header.member(), 32u);
}

TEST(ParseShred, KnownAnswerLastDataShredOfTheSlot) {
  const auto parsed =
      parse_shred(shred_with_header("b6 0000000000000000 ff000000 a317 e0000000 0000 c0 db03", 1203));
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(
      parsed.header,
      (ShredHeader{
          .index = 255, .fec_set_index = 224, .version = 6051, .variant = 0xb6, .flags = 0xc0, .size = 987}));
  EXPECT_EQ(parsed.header.member(), 31u);
}

TEST(ParseShred, KnownAnswerLastCodeShredOfTheSlot) {
  const auto parsed =
      parse_shred(shred_with_header("76 0000000000000000 ff000000 a317 e0000000 2000 2000 1f00", 1228));
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed.header.position, 31);
  EXPECT_EQ(parsed.header.member(), 63u);
}

TEST(ParseShred, EveryByteOfEveryFieldIsRead) {
  const auto data =
      parse_shred(shred_with_header("96 0807060504030201 0c0b0a09 0e0d 1211100f 1413 15 1716", 1203));
  EXPECT_EQ(data.header, (ShredHeader{.slot = 0x0102030405060708,
                                      .index = 0x090a0b0c,
                                      .fec_set_index = 0x0f101112,
                                      .version = 0x0d0e,
                                      .variant = 0x96,
                                      .flags = 0x15,
                                      .parent_offset = 0x1314,
                                      .size = 0x1617}));
  const auto code =
      parse_shred(shred_with_header("66 0807060504030201 0c0b0a09 0e0d 1211100f 1413 1615 1817", 1228));
  EXPECT_EQ(code.header.num_data, 0x1314);
  EXPECT_EQ(code.header.num_code, 0x1516);
  EXPECT_EQ(code.header.position, 0x1718);
}

TEST(ParseShred, WrittenHeadersParseBackTheSame) {
  for (const ShredHeader& header : {ShredHeader{.slot = ~0ull,
                                   .index = 95,
                                   .fec_set_index = 64,
                                   .version = 9,
                                   .variant = 0xb6,
                                   .flags = 0xff,
                                   .parent_offset = 65535,
                                   .size = 987},
                                    ShredHeader{.slot = 7,
                                    .index = 66,
                                    .fec_set_index = 64,
                                    .version = 65535,
                                    .variant = 0x66,
                                    .num_data = 32,
                                    .num_code = 32,
                                    .position = 2}}) {
    std::vector<std::byte> shred(layout_of(header.variant).total, std::byte{0xee});
    write_shred_header(header, shred);
    EXPECT_EQ(parse_shred(shred).header, header);
    const std::size_t end = layout_of(header.variant).payload_begin;
    EXPECT_EQ(shred[63], std::byte{0xee});
    EXPECT_EQ(shred[end], std::byte{0xee});
  }
}

TEST(ParseShred, OnlyChainedMerkleVariantsAreTaken) {
  for (unsigned variant = 0; variant < 256; ++variant) {
    const auto byte = static_cast<std::uint8_t>(variant);
    EXPECT_EQ(reason_for(byte, 1228), is_chained_merkle(byte) ? RejectReason::kNone : RejectReason::kVariant)
        << variant;
  }
}

TEST(ParseShred, DeadVariantsAreRejectedByName) {
  for (const int variant : {0x86, 0x46, 0xa5, 0x5a, 0x85, 0xa6, 0x56, 0x00, 0x16, 0x26, 0x36, 0xc6, 0xff}) {
    EXPECT_EQ(reason_for(static_cast<std::uint8_t>(variant), 1228), RejectReason::kVariant) << variant;
  }
}

TEST(ParseShred, BelowTheHeadersEverythingIsLength) {
  for (std::size_t size = 0; size < 88; ++size) {
    EXPECT_EQ(reason_for(0x96, size), RejectReason::kLength) << size;
    EXPECT_EQ(reason_for(0x00, size), RejectReason::kLength) << size;
  }
  EXPECT_EQ(reason_for(0x00, 88), RejectReason::kVariant);
}

TEST(ParseShred, AShredMustBeWhole) {
  for (const int variant : {0x96, 0xb6}) {
    EXPECT_EQ(reason_for(static_cast<std::uint8_t>(variant), 88), RejectReason::kLength);
    EXPECT_EQ(reason_for(static_cast<std::uint8_t>(variant), 1202), RejectReason::kLength);
    EXPECT_EQ(reason_for(static_cast<std::uint8_t>(variant), 1203), RejectReason::kNone);
  }
  for (const int variant : {0x66, 0x76}) {
    EXPECT_EQ(reason_for(static_cast<std::uint8_t>(variant), 1203), RejectReason::kLength);
    EXPECT_EQ(reason_for(static_cast<std::uint8_t>(variant), 1227), RejectReason::kLength);
    EXPECT_EQ(reason_for(static_cast<std::uint8_t>(variant), 1228), RejectReason::kNone);
  }
}

TEST(ParseShred, BytesAfterTheShredAreCounted) {
  EXPECT_EQ(parse_shred(shred_of(0x96, 1204)).trailing_bytes, 1);
  EXPECT_EQ(parse_shred(shred_of(0x66, 1472)).trailing_bytes, 244);
  EXPECT_EQ(parse_shred(shred_of(0x66, 1228 + 70'000)).trailing_bytes, 65535);
}

TEST(ParseRepair, TakesExactlyShredAndNonce) {
  for (const std::uint8_t variant :
       {kDataVariant, kCodeVariant, kDataResignedVariant, kCodeResignedVariant}) {
    const std::size_t total = layout_of(variant).total;
    for (const std::size_t size : {total, total + 3, total + 5, total + 8}) {
      EXPECT_EQ(parse_repair_response(shred_of(variant, size)).shred.reason, RejectReason::kLength) << size;
    }
    auto response = shred_of(variant, total + 4);
    for (std::size_t i = 0; i < 4; ++i)
      response[total + i] = static_cast<std::byte>(i + 1);
    const ParsedRepair parsed = parse_repair_response(response);
    ASSERT_TRUE(parsed.shred.ok());
    EXPECT_EQ(parsed.nonce, 0x04030201u);
    EXPECT_EQ(parsed.shred.trailing_bytes, 0);
  }
}

TEST(ParseRepair, APingIsNoShred) {
  EXPECT_EQ(parse_repair_response(shred_of(0x96, 132)).shred.reason, RejectReason::kLength);
  EXPECT_EQ(parse_repair_response(shred_of(0x00, 132)).shred.reason, RejectReason::kVariant);
}

TEST(RejectReason, NamesAreThoseOfTheReference) {
  EXPECT_EQ(name_of(RejectReason::kNone), "none");
  EXPECT_EQ(name_of(RejectReason::kLength), "length");
  EXPECT_EQ(name_of(RejectReason::kSlotWindow), "slot_window");
  EXPECT_EQ(name_of(RejectReason::kStrict16), "strict_16");
  std::map<std::string_view, int> seen;
  for (std::size_t i = 0; i < kRejectReasons; ++i)
    ++seen[name_of(static_cast<RejectReason>(i))];
  EXPECT_EQ(seen.size(), kRejectReasons);
}

// Headers are 42 bytes in both captures: Ethernet, IPv4 without options, UDP.
std::map<int, int> variants_in(const std::filesystem::path& capture) {
  std::map<int, int> variants;
  const auto frames = read_ethernet_frames(capture);
  EXPECT_TRUE(frames) << frames.error().message();
  for (const OwnedFrame& frame : *frames) {
    const ParsedShred parsed = parse_shred(std::span(frame.bytes).subspan(42));
    EXPECT_TRUE(parsed.ok());
    EXPECT_EQ(parsed.trailing_bytes, 0);
    ++variants[parsed.header.variant];
  }
  return variants;
}

TEST(ParseFixture, GoldenCapture) {
  const auto path = testing::fixture("demo-shreds.pcap");
  if (!path) GTEST_SKIP() << testing::fixture_absent("demo-shreds.pcap");
  EXPECT_EQ(variants_in(*path), (std::map<int, int>{{0x96, 224}, {0x66, 224}, {0xb6, 32}, {0x76, 32}}));
}

TEST(ParseFixture, TestnetCapture) {
  const auto path = testing::fixture("testnet-385970984-arrival-order.pcap");
  if (!path) GTEST_SKIP() << testing::fixture_absent("testnet-385970984-arrival-order.pcap");
  EXPECT_EQ(variants_in(*path), (std::map<int, int>{{0x96, 121}, {0x66, 123}, {0xb6, 32}, {0x76, 31}}));
}

}  // namespace
}  // namespace penstock
