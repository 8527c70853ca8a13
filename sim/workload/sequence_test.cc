// Numbers in datagrams: where they go, what they leave alone, and what a tally says.
#include "sim/workload/sequence.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/packet/byte_order.h"
#include "engine/packet/frame_builder.h"
#include "engine/shred/parse.h"
#include "sim/workload/generator.h"
#include "sim/workload/ledger.h"

namespace penstock {
namespace {

constexpr std::size_t kPayload = 42;
const LinkAddresses kLink{
    .sender_mac = {{2, 0, 0, 0, 0, 1}}, .receiver_mac = {{2, 0, 0, 0, 0, 2}}, .receiver = {{10, 0, 0, 2}}};

Workload made(std::string_view profile) {
  auto generated = generate_unsigned(
      {.profile = find_profile(profile).value(), .seed = 3, .link = kLink, .tvu_port = 8003});
  return std::move(generated->workload);
}

Workload one_frame(ChecksumMode checksum, std::size_t payload_bytes, Ipv4Header ip = {}) {
  ip.source = {{198, 18, 0, 1}};
  ip.destination = kLink.receiver;
  const std::vector<std::byte> payload(payload_bytes, std::byte{0x5a});
  Workload workload({.link = kLink, .tvu_port = 8003});
  workload.add_copy(0, FrameKind::kShred,
                    FrameBuilder()
                        .add(EthernetHeader{.destination = kLink.receiver_mac, .source = kLink.sender_mac})
                        .add(ip)
                        .add(UdpHeader{.source_port = 8006, .destination_port = 8003, .checksum = checksum})
                        .payload(payload)
                        .build());
  return workload;
}

TEST(NumberDatagrams, EveryShredKeepsItsHeadersAndItsChecksum) {
  Workload workload = made("mainnet-1x");
  const std::uint64_t numbered = number_datagrams(workload);
  const Oracle oracle = oracle_of(workload);
  std::uint64_t with_place = 0;
  for (std::size_t i = 0; i < workload.frames().size(); ++i) {
    const TimedFrame& frame = workload.frames()[i];
    const Judgement judgement = oracle.judge(frame.bytes);
    ASSERT_EQ(judgement.fate, Fate::kFast) << i << ": a wrong checksum would be kUnchecked";
    if (judgement.payload.size() < kSequenceEnd) continue;
    ++with_place;
    EXPECT_EQ(load_le64(&judgement.payload[kSequenceOffset + 8]), i);
    if (frame.kind == FrameKind::kShred) {
      EXPECT_TRUE(parse_shred(judgement.payload).ok()) << i;
    }
  }
  EXPECT_EQ(numbered, with_place);
  EXPECT_GT(numbered, 1'600u);
}

TEST(NumberDatagrams, AChecksumOfZeroStaysZeroAndAWrongOneWrong) {
  Workload zero = one_frame(ChecksumMode::kZero, 200);
  EXPECT_EQ(number_datagrams(zero), 1u);
  EXPECT_EQ(load_be16(&zero.frames()[0].bytes[40]), 0);
  Workload wrong = one_frame(ChecksumMode::kPartial, 200);
  EXPECT_EQ(number_datagrams(wrong), 1u);
  EXPECT_EQ(oracle_of(wrong).judge(wrong.frames()[0].bytes).fate, Fate::kUnchecked);
}

TEST(NumberDatagrams, LeavesAloneWhatHasNoPlace) {
  Ipv4Header fragment;
  fragment.more_fragments = true;
  Ipv4Header options;
  options.options = {std::byte{1}, std::byte{1}, std::byte{1}, std::byte{1}};
  Workload frames[] = {one_frame(ChecksumMode::kGood, kSequenceEnd - 1),
                       one_frame(ChecksumMode::kGood, 200, fragment),
                       one_frame(ChecksumMode::kGood, 200, options)};
  for (Workload& workload : frames) {
    const auto bytes = workload.frames()[0].bytes;
    const std::vector<std::byte> before(bytes.begin(), bytes.end());
    EXPECT_EQ(number_datagrams(workload), 0u);
    EXPECT_TRUE(std::equal(before.begin(), before.end(), workload.frames()[0].bytes.begin()));
  }
  Workload fits = one_frame(ChecksumMode::kGood, kSequenceEnd);
  EXPECT_EQ(number_datagrams(fits), 1u);
}

class TallyTest : public testing::Test {
 protected:
  std::span<const std::byte> payload(std::size_t i) const {
    return workload_.frames()[i].bytes.subspan(kPayload);
  }
  // A tally of the frames [first, last).
  void add(std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i)
      found_.add(payload(i));
  }

  Workload workload_ = [] {
    Workload workload = made("fd-1m-small");
    number_datagrams(workload);
    return workload;
  }();
  SequenceTally expected_ = expected_sequence(workload_, oracle_of(workload_), true, 1'472).value();
  SequenceTally found_{workload_.frames().size()};
};

TEST_F(TallyTest, SaysWhatIsDifferent) {
  const std::size_t all = workload_.frames().size();
  add(0, 100);
  add(110, 200);
  add(203, all);
  EXPECT_EQ(difference(found_, expected_), "13 missing in 2 gaps, the first 100");
  add(100, 110);
  add(200, 203);
  EXPECT_EQ(difference(found_, expected_), "");
  EXPECT_EQ(found_.count(), all);
  found_.add(payload(7));
  EXPECT_EQ(difference(found_, expected_), "1 again, 0 expected");
  found_.add(std::vector<std::byte>(60));
  EXPECT_EQ(difference(found_, expected_), "1 again, 0 expected; 1 without a number, 0 expected");
}

TEST_F(TallyTest, ANumberThatTheWorkloadDoesNotHaveIsForeign) {
  std::vector<std::byte> foreign(payload(0).begin(), payload(0).end());
  store_le64(&foreign[kSequenceOffset + 8], workload_.frames().size());
  add(0, workload_.frames().size());
  found_.add(foreign);
  EXPECT_EQ(difference(found_, expected_), "1 foreign numbers");
}

TEST_F(TallyTest, WhatTheOracleGivesToTheHostIsNotOurs) {
  const Oracle elsewhere(
      OracleConfig{.mac = kLink.receiver_mac, .addresses = {kLink.receiver}, .ports = {9}});
  const SequenceTally nothing = expected_sequence(workload_, elsewhere, true, 1'472).value();
  EXPECT_EQ(nothing.count(), 0u);
  add(0, 5);
  EXPECT_EQ(difference(found_, nothing), "5 that are not ours");
}

TEST(ExpectedSequence, RefusesFragments) {
  Ipv4Header fragment;
  fragment.more_fragments = true;
  const Workload workload = one_frame(ChecksumMode::kGood, 200, fragment);
  EXPECT_FALSE(expected_sequence(workload, oracle_of(workload), true, 1'472));
}

TEST(DropChecksums, LeavesNothingToBeWrongWhereATimeIsWritten) {
  for (const ChecksumMode mode : {ChecksumMode::kGood, ChecksumMode::kBad}) {
    Workload workload = one_frame(mode, kSequenceEnd + 8);
    drop_checksums(workload);
    workload.bytes_of(0).back() ^= std::byte{0xff};
    EXPECT_EQ(oracle_of(workload).judge(workload.frames()[0].bytes).fate, Fate::kFast);
  }
  Workload too_short = one_frame(ChecksumMode::kGood, kSequenceEnd - 1);
  const std::string before = fingerprint(too_short);
  drop_checksums(too_short);
  EXPECT_EQ(fingerprint(too_short), before);
}

}  // namespace
}  // namespace penstock
