// The sender's account: digests by fate, fragments put together, variants and sets counted.
#include "sim/workload/ledger.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "engine/packet/frame_builder.h"
#include "sim/workload/frames.h"
#include "sim/workload/generator.h"

namespace penstock {
namespace {

const LinkAddresses kLink{
    .sender_mac = {{2, 0, 0, 0, 0, 1}}, .receiver_mac = {{2, 0, 0, 0, 0, 2}}, .receiver = {{10, 0, 0, 2}}};
const Endpoint kSource{{{198, 18, 0, 1}}, 8006};
const Endpoint kReceiver{kLink.receiver, 8000};

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

Workload empty_workload() {
  return Workload({.profile = "test", .link = kLink, .tvu_port = 8000});
}

Ledger ledger_of(const Workload& workload) {
  Ledger ledger(oracle_of(workload));
  ledger.add(workload);
  return ledger;
}

MultisetDigest digest_of(std::initializer_list<std::string_view> payloads) {
  MultisetDigest digest;
  for (const std::string_view payload : payloads)
    digest.add_datagram(kSource, kReceiver, bytes(payload));
  return digest;
}

// The fragments of one datagram, cut at multiples of `step` bytes of the UDP datagram.
std::vector<std::vector<std::byte>> fragments(std::string_view payload, std::size_t step, std::uint16_t id,
                                              ChecksumMode checksum = ChecksumMode::kGood) {
  Ipv4Header ip = ip_header(kLink, kSource.address, id);
  ip.dont_fragment = false;
  const auto whole = FrameBuilder()
                         .add(link_header(kLink))
                         .add(ip)
                         .add(UdpHeader{.source_port = 8006, .destination_port = 8000, .checksum = checksum})
                         .payload(bytes(payload))
                         .build();
  const std::span<const std::byte> datagram = std::span(whole).subspan(34);
  std::vector<std::vector<std::byte>> frames;
  for (std::size_t at = 0; at < datagram.size(); at += step) {
    ip.protocol = kProtocolUdp;
    ip.fragment_offset = static_cast<std::uint16_t>(at / 8);
    ip.more_fragments = at + step < datagram.size();
    FrameBuilder builder;
    builder.add(link_header(kLink))
        .add(ip)
        .payload(datagram.subspan(at, std::min(step, datagram.size() - at)));
    frames.push_back(builder.pad_to(60).build());
  }
  return frames;
}

TEST(Ledger, SortsFramesIntoItsMultisets) {
  Workload workload = empty_workload();
  add_datagram(0, FrameKind::kShred, kSource, 8000, 1, bytes("ours"), &workload);
  add_datagram(0, FrameKind::kOtherPort, kSource, 9999, 2, bytes("not ours"), &workload);
  FrameBuilder bad;
  bad.add(link_header(kLink))
      .add(ip_header(kLink, kSource.address, 3))
      .add(UdpHeader{.source_port = 8006, .destination_port = 8000, .checksum = ChecksumMode::kBad})
      .payload(bytes("unchecked"));
  add_frame(0, FrameKind::kHostile, bad, &workload);
  Ipv4Header with_options = ip_header(kLink, kSource.address, 4);
  with_options.options.assign(4, std::byte{1});
  FrameBuilder slow;
  slow.add(link_header(kLink))
      .add(with_options)
      .add(UdpHeader{.source_port = 8006, .destination_port = 8000})
      .payload(bytes("slow"));
  add_frame(0, FrameKind::kHostile, slow, &workload);

  const Ledger ledger = ledger_of(workload);
  EXPECT_TRUE(ledger.fast() == digest_of({"ours"}));
  EXPECT_TRUE(ledger.unchecked() == digest_of({"unchecked"}));
  EXPECT_TRUE(ledger.slow() == digest_of({"slow"}));
  EXPECT_TRUE(ledger.expected_payloads(true) == digest_of({"ours", "unchecked", "slow"}));
  EXPECT_TRUE(ledger.expected_payloads(false) == digest_of({"ours", "unchecked"}));
  EXPECT_TRUE(ledger.expected_of_sockets() == digest_of({"ours", "slow"}));
  // Each difference to the sockets is a row of the table of declared exceptions.
  EXPECT_TRUE(ledger.expected_payloads("udp", {}) == ledger.expected_of_sockets());
  const Circumstances verified{.verify_udp_checksum = true};
  EXPECT_TRUE(ledger.expected_payloads("userspace_filter", verified) == ledger.expected_of_sockets());
  EXPECT_EQ(ledger.expected_host("kernel_filter", verified).count(), ledger.passed().count() + 1);
  EXPECT_TRUE(ledger.expected_host("kernel_filter", {}) == ledger.passed());

  MultisetDigest passed;
  passed.add_frame(workload.frames()[1].bytes);
  passed.add_frame(workload.frames()[3].bytes);
  EXPECT_TRUE(ledger.passed() == passed);
  EXPECT_EQ(ledger.of_kind(FrameKind::kHostile).frames, 2u);
  EXPECT_EQ(ledger.total().frames, 4u);
  EXPECT_EQ(ledger.total().bytes, workload.bytes());
  EXPECT_EQ(ledger.of_fate(Fate::kFast), 1u);
  EXPECT_EQ(ledger.of_fate(Fate::kHost), 1u);
}

class Fragments : public testing::Test {
 protected:
  void send(const std::vector<std::byte>& frame) { workload_.add_copy(0, FrameKind::kHostile, frame); }
  MultisetDigest slow() const {
    MultisetDigest digest;
    digest.merge(ledger_of(workload_).slow());
    return digest;
  }

  Workload workload_ = empty_workload();
  const std::string text_ = std::string(40, 'a') + std::string(40, 'b') + "end";
};

TEST_F(Fragments, InAnyOrderMakeOneDatagram) {
  auto parts = fragments(text_, 32, 1);
  ASSERT_EQ(parts.size(), 3u);
  std::sort(parts.begin(), parts.end());
  do {
    workload_ = empty_workload();
    for (const auto& part : parts)
      send(part);
    EXPECT_TRUE(slow() == digest_of({text_}));
    EXPECT_EQ(ledger_of(workload_).passed().count(), 3u);
  } while (std::next_permutation(parts.begin(), parts.end()));
}

TEST_F(Fragments, OfTwoDatagramsDoNotMix) {
  const std::string other(70, 'x');
  const auto a = fragments(text_, 32, 1), b = fragments(other, 32, 2);
  for (std::size_t i = 0; i < a.size(); ++i) {
    send(a[i]);
    send(b[i]);
  }
  EXPECT_TRUE(slow() == digest_of({text_, other}));
}

TEST_F(Fragments, OneMissingDeliversNothing) {
  const auto parts = fragments(text_, 32, 1);
  for (std::size_t missing = 0; missing < parts.size(); ++missing) {
    workload_ = empty_workload();
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (i != missing) send(parts[i]);
    }
    EXPECT_EQ(slow().count(), 0u) << missing;
  }
}

TEST_F(Fragments, ARepeatedPartIsIgnored) {
  const auto parts = fragments(text_, 32, 1);
  send(parts[0]);
  send(parts[0]);
  send(parts[1]);
  send(parts[2]);
  EXPECT_TRUE(slow() == digest_of({text_}));
}

TEST_F(Fragments, AnOverlapKillsTheDatagram) {
  const auto parts = fragments(text_, 32, 1);
  const auto shifted = fragments(text_, 24, 1);
  send(parts[0]);
  send(shifted[1]);  // 24..48, over the first's 0..32
  send(parts[1]);
  send(parts[2]);
  EXPECT_EQ(slow().count(), 0u);
}

TEST_F(Fragments, TheKernelChecksTheWholeDatagramsChecksum) {
  for (const auto& part : fragments(text_, 32, 1, ChecksumMode::kBad))
    send(part);
  EXPECT_EQ(slow().count(), 0u);
}

TEST_F(Fragments, ADatagramBeyondMaxPayloadIsOversizeOnEveryPath) {
  for (const auto& part : fragments(std::string(1'473, 'x'), 1'480, 1))
    send(part);
  EXPECT_EQ(slow().count(), 0u);
  EXPECT_EQ(ledger_of(workload_).oversize().count(), 1u);
  EXPECT_EQ(ledger_of(workload_).expected_payloads(true).count(), 0u);
  EXPECT_EQ(ledger_of(workload_).expected_of_sockets().count(), 1u);
}

TEST(LedgerShreds, CountsVariantsAndSetStates) {
  GeneratorConfig config{.profile = find_profile("first-light").value(), .seed = 5, .link = kLink};
  Workload workload = std::move(generate_unsigned(config)->workload);
  // Set 0 keeps 32 members, set 1 keeps 31, set 2 none, the other 22 all.
  std::vector<TimedFrame> kept;
  for (const TimedFrame& frame : workload.frames()) {
    const FrameOrigin& origin = frame.origin;
    const bool shred = frame.kind == FrameKind::kShred;
    if (shred && origin.set == 0 && origin.member % 2 == 0) continue;
    if (shred && origin.set == 1 && origin.member < 33) continue;
    if (shred && origin.set == 2) continue;
    kept.push_back(frame);
  }
  workload.replace_frames(std::move(kept));
  const Ledger ledger = ledger_of(workload);
  EXPECT_EQ(ledger.sets(), (SetStates{.complete = 22, .recovered = 1, .incomplete = 1}));
  EXPECT_EQ(ledger.variants()[0x96], 24u * 32 - 16 - 32 - 32);
  EXPECT_EQ(ledger.variants()[0x66], 24u * 32 - 16 - 1 - 32);
  EXPECT_EQ(ledger.variants()[0xb6], 32u);
  EXPECT_EQ(ledger.variants()[0x76], 32u);
  EXPECT_EQ(ledger.fast().count(), 1'600u - 32 - 33 - 64);
}

TEST(LedgerShreds, DuplicatesCountOnceInTheirSet) {
  GeneratorConfig config{.profile = find_profile("first-light").value(), .seed = 5, .link = kLink};
  config.profile.duplicate_ppm = 500'000;
  config.profile.noise = {};
  const Generated generated = std::move(*generate_unsigned(config));
  EXPECT_GT(generated.arrivals.duplicates, 700u);
  const Ledger ledger = ledger_of(generated.workload);
  EXPECT_EQ(ledger.sets(), (SetStates{.complete = 25}));
  EXPECT_EQ(ledger.fast().count(), 1'600 + generated.arrivals.duplicates);
}

}  // namespace
}  // namespace penstock
