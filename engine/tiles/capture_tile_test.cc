// What the capture tile writes of frames and of sockets' payloads, and what it counts when it is overrun or
// the disk refuses.
#include "engine/tiles/capture_tile.h"

#include <signal.h>
#include <sys/resource.h>

#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/capture/capture.h"
#include "engine/packet/frame_builder.h"
#include "engine/testing/temporary_folder.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::byte>;

class CaptureTileTest : public ::testing::Test {
 protected:
  static constexpr std::uint32_t kDepth = 8;
  static constexpr Ipv4Address kFrom{{192, 0, 2, 1}}, kTo{{192, 0, 2, 2}};

  CaptureTileTest() {
    const auto interfaces = CaptureTile::interfaces("eth0");
    auto files = RotatingCapture::open(folder_, {.file_bytes = 1 << 20, .files = 2}, interfaces);
    EXPECT_TRUE(files) << files.error().message();
    tile_.emplace(umem_.memory(), std::move(*files));
    tile_->read(lines_.lines());
  }

  static Ipv4Header ip_header() { return {.source = kFrom, .destination = kTo, .id = 7, .ttl = 9, .tos = 8}; }
  static Bytes payload_of(std::uint8_t number, std::size_t bytes) { return Bytes(bytes, std::byte{number}); }

  static Bytes frame_of(const Header& ip, std::uint8_t number, std::size_t bytes) {
    return FrameBuilder()
        .add(EthernetHeader{.destination = {{2, 0, 0, 0, 0, 2}}, .source = {{2, 0, 0, 0, 0, 1}}})
        .add(VlanTag{.priority = 3})
        .add(ip)
        .add(UdpHeader{.source_port = 8006, .destination_port = 8003})
        .payload(payload_of(number, bytes))
        .build();
  }
  // A datagram as the NIC leaves it in its chunk, whose payload has `bytes` of `number`.
  void publish_frame(const Header& ip, std::uint8_t number, std::size_t bytes) {
    const Bytes frame = frame_of(ip, number, bytes);
    Frag frag = frag_with(frame);
    frag.ip_version = std::holds_alternative<Ipv6Header>(ip) ? 6 : 4;
    frag.offset = static_cast<std::uint16_t>(kXdpHeadroom + frame.size() - bytes);
    frag.length = static_cast<std::uint16_t>(bytes);
    free_ = link_.publish(frag).frame;
  }
  void publish_payload(WayIn way, const Bytes& payload) {
    Frag frag = frag_with(payload);
    frag.offset = kXdpHeadroom;
    frag.length = static_cast<std::uint16_t>(payload.size());
    frag.way = way;
    free_ = link_.publish(frag).frame;
  }
  Frag frag_with(const Bytes& bytes) {
    std::memcpy(umem_.memory().base + umem_.memory().address_of(free_) + kXdpHeadroom, bytes.data(),
                bytes.size());
    Frag frag;
    frag.frame = free_;
    frag.source = kFrom;
    frag.destination = kTo;
    frag.source_port = 8006;
    frag.destination_port = 8003;
    return frag;
  }

  std::vector<Bytes> captured() const {
    std::vector<Bytes> frames;
    auto reader = CaptureReader::open(folder_ / "penstock-000001.pcapng");
    EXPECT_TRUE(reader) << reader.error().message();
    while (reader) {
      const auto frame = reader->next();
      EXPECT_TRUE(frame) << frame.error().message();
      if (!frame || !*frame) break;
      EXPECT_EQ((*frame)->link, LinkType::kEthernet);
      EXPECT_GT((*frame)->time, 1'000'000 * kSecond) << "since the epoch";
      frames.emplace_back((*frame)->bytes.begin(), (*frame)->bytes.end());
    }
    return frames;
  }
  std::uint64_t count(Counter counter) const { return tile_->counters().snapshot().get(counter); }

  const TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
  Umem umem_ = *Umem::create(kDepth + 1);
  McacheMemory lines_{kDepth};
  McacheProducer<Frag> link_{lines_.lines(), [](std::uint64_t i) {
                               Frag frag;
                               frag.frame = static_cast<std::uint32_t>(i);
                               return frag;
                             }};
  std::uint32_t free_ = kDepth;
  std::optional<CaptureTile> tile_;
};

TEST_F(CaptureTileTest, AFrameIsCapturedAsItCame) {
  const Ipv6Header six{.source = {0x20, 1}, .destination = {0x20, 2}, .hop_limit = 3};
  publish_frame(ip_header(), 1, 1228);
  publish_frame(six, 2, 5);
  publish_frame(ip_header(), 3, 0);
  EXPECT_EQ(tile_->step(0), 3u);
  EXPECT_EQ(tile_->step(0), 0u);
  EXPECT_EQ(captured(), (std::vector<Bytes>{frame_of(ip_header(), 1, 1228), frame_of(six, 2, 5),
                                            frame_of(ip_header(), 3, 0)}));
  EXPECT_EQ(count(Counter::kCaptureWritten), 3u);
  EXPECT_EQ(count(Counter::kCaptureFiles), 1u);
  EXPECT_GT(count(Counter::kCaptureBytes), 1228u);
}

TEST_F(CaptureTileTest, ASocketsPayloadGetsHeadersOfItsAddresses) {
  publish_payload(WayIn::kCompanion, payload_of(1, 1228));
  publish_payload(WayIn::kSocket, payload_of(2, 1));
  EXPECT_EQ(tile_->step(0), 2u);
  const auto rebuilt = [](std::uint8_t number, std::size_t bytes) {
    return FrameBuilder()
        .add(EthernetHeader{})
        .add(Ipv4Header{.source = kFrom, .destination = kTo, .ttl = 0})
        .add(UdpHeader{.source_port = 8006, .destination_port = 8003, .checksum = ChecksumMode::kZero})
        .payload(payload_of(number, bytes))
        .build();
  };
  EXPECT_EQ(captured(), (std::vector<Bytes>{rebuilt(1, 1228), rebuilt(2, 1)}));
}

TEST_F(CaptureTileTest, BehindTheShredStageEachDatagramSaysWhatBecameOfIt) {
  auto judged = VerdictLink::create(kDepth, kDefaultFrameBytes);
  ASSERT_TRUE(judged) << judged.error().message();
  tile_->read(**judged);
  Frag frag;
  frag.source = kFrom;
  frag.destination = kTo;
  frag.source_port = 8006;
  frag.destination_port = 8003;
  const Bytes frame = frame_of(ip_header(), 1, 1203);
  frag.offset = static_cast<std::uint16_t>(kXdpHeadroom + frame.size() - 1203);
  frag.length = 1203;
  (*judged)->publish(frag, frame, {ShredOutcome::kAccepted});
  const Bytes payload = payload_of(2, 33);
  frag.way = WayIn::kCompanion;
  frag.offset = kXdpHeadroom;
  frag.length = 33;
  (*judged)->publish(frag, payload, {ShredOutcome::kRejected, RejectReason::kMerkle});
  publish_frame(ip_header(), 3, 10);  // past the stage: has no verdict
  while (tile_->step(0) != 0) {
  }

  auto reader = CaptureReader::open(folder_ / "penstock-000001.pcapng");
  ASSERT_TRUE(reader) << reader.error().message();
  std::vector<std::pair<std::string, std::size_t>> said;
  for (auto each = reader->next(); each && *each; each = reader->next())
    said.emplace_back((*each)->comment, (*each)->bytes.size());
  EXPECT_EQ(said, (std::vector<std::pair<std::string, std::size_t>>{
                      {"", frame_of(ip_header(), 3, 10).size()},
                      {"accepted", frame.size()},
                      {"refused: merkle (Merkle proof does not lead to the root of the set)", 42 + 33}}));
  EXPECT_EQ(captured()[1], frame);
}

TEST_F(CaptureTileTest, WhatItIsOverrunByIsCountedAndNotInTheFile) {
  for (std::uint8_t i = 0; i < 100; ++i)
    publish_frame(ip_header(), i, 100);
  while (tile_->step(0) != 0) {
  }
  const CounterSnapshot counts = tile_->counters().snapshot();
  EXPECT_EQ(counts.get(Counter::kCaptureWritten) + counts.overrun(Consumer::kCapture), 100u);
  EXPECT_GT(counts.overrun(Consumer::kCapture), 0u);
  EXPECT_EQ(captured().size(), counts.get(Counter::kCaptureWritten));
}

// A limit on files' size stands for a full disk: here nothing at all can be written.
TEST_F(CaptureTileTest, OtherLimitsHoldFromTheNextStepOn) {
  const auto capture_one = [&](std::uint8_t number) {
    publish_payload(WayIn::kSocket, payload_of(number, 100));
    tile_->step(0);
  };
  capture_one(1);
  capture_one(2);
  EXPECT_EQ(count(Counter::kCaptureFiles), 1u);
  tile_->set_limits({.file_bytes = 1, .files = 3});  // a file for each write
  for (std::uint8_t number = 3; number < 7; ++number)
    capture_one(number);
  EXPECT_EQ(count(Counter::kCaptureFiles), 5u);
  const auto files = std::distance(fs::directory_iterator(folder_), fs::directory_iterator());
  EXPECT_EQ(files, 3);
}

TEST_F(CaptureTileTest, ADiskThatRefusesIsSaidAndAskedAgain) {
  signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit none{.rlim_cur = 0, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &none), 0);
  publish_frame(ip_header(), 1, 100);
  EXPECT_EQ(tile_->step(kSecond), 1u);
  const std::string trouble = tile_->trouble();
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_NE(trouble.find("penstock-000001.pcapng"), std::string::npos) << trouble;
  EXPECT_EQ(count(Counter::kCaptureDropped), 1u);

  publish_frame(ip_header(), 2, 100);
  tile_->step(kSecond + CaptureTile::kPatience - 1);
  EXPECT_EQ(count(Counter::kCaptureDropped), 2u) << "it is not asked at every datagram";
  EXPECT_EQ(tile_->trouble(), trouble);
  publish_frame(ip_header(), 3, 100);
  tile_->step(kSecond + CaptureTile::kPatience);
  EXPECT_EQ(count(Counter::kCaptureDropped), 2u);
  EXPECT_EQ(tile_->trouble(), "");
  ASSERT_EQ(captured().size(), 1u);
  EXPECT_EQ(captured()[0].back(), std::byte{3});
}

}  // namespace
}  // namespace penstock
