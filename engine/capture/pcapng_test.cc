// pcapng by hand-made files: sections, interfaces, resolutions, shredcap, and every way to be broken.
#include "engine/capture/pcapng.h"

#include <errno.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/capture/capture.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

// Builds blocks in one byte order.
class Blocks {
 public:
  explicit Blocks(bool big_endian = false) : big_(big_endian) {}

  Blocks& section() {
    return block(0x0a0d0d0a, number(0x1a2b3c4d, 4) + number(1, 2) + number(0, 2) + text(8, '\xff'));
  }
  Blocks& interface(std::uint16_t link, const std::string& options = {}) {
    return block(1, number(link, 2) + number(0, 2) + number(0, 4) + options);
  }
  Blocks& packet(std::uint32_t interface, std::uint64_t time, const std::string& data,
                 std::uint32_t wire = 0) {
    return block(6, number(interface, 4) + number(time >> 32, 4) + number(time & 0xffffffff, 4) +
                        number(data.size(), 4) + number(wire != 0 ? wire : data.size(), 4) + data);
  }
  Blocks& block(std::uint32_t type, std::string body) {
    body.resize((body.size() + 3) / 4 * 4);
    const std::string length = number(body.size() + 12, 4);
    bytes_ += number(type, 4) + length + body + length;
    return *this;
  }
  std::string option(std::uint16_t code, const std::string& value) const {
    std::string bytes = number(code, 2) + number(value.size(), 2) + value;
    bytes.resize((bytes.size() + 3) / 4 * 4);
    return bytes;
  }
  std::string number(std::uint64_t value, int size) const {
    std::string bytes;
    for (int i = 0; i < size; ++i)
      bytes.push_back(static_cast<char>(value >> (8 * (big_ ? size - 1 - i : i))));
    return bytes;
  }
  static std::string text(std::size_t size, char c) { return std::string(size, c); }

  std::string& bytes() { return bytes_; }

 private:
  bool big_;
  std::string bytes_;
};

class Pcapng : public ::testing::Test {
 protected:
  Pcapng()
      : path_(fs::path(::testing::TempDir()) /
              ::testing::UnitTest::GetInstance()->current_test_info()->name()) {}
  ~Pcapng() override { fs::remove(path_); }

  struct Frame {
    Nanoseconds time;
    std::string bytes;
    bool operator==(const Frame&) const = default;
  };

  Result<std::vector<Frame>> read(const std::string& content, IpLinks links = IpLinks::kRefused) {
    std::ofstream(path_, std::ios::binary) << content;
    Result<CaptureReader> reader = CaptureReader::open(path_);
    if (!reader) return tl::unexpected(reader.error());
    std::vector<Frame> frames;
    while (true) {
      const auto next = next_whole_frame(*reader, links);
      if (!next) return tl::unexpected(next.error());
      if (!*next) return frames;
      frames.push_back(
          {(*next)->time, {reinterpret_cast<const char*>((*next)->bytes.data()), (*next)->bytes.size()}});
    }
  }
  std::string error_of(const std::string& content) {
    const auto frames = read(content);
    if (frames) return "no error";
    const std::string& what = frames.error().what;
    return what.substr(what.find(": ") + 2);
  }

  fs::path path_;
};

TEST_F(Pcapng, ReadsSeveralSectionsInEitherByteOrder) {
  Blocks little, big(true);
  little.section().interface(1).packet(0, 5, "one");
  big.section().interface(1).packet(0, 6, "four").block(5, "statistics").packet(0, 7, "");
  const auto frames = read(little.bytes() + big.bytes() + little.bytes());
  ASSERT_TRUE(frames) << frames.error().message();
  EXPECT_EQ(*frames, (std::vector<Frame>{{5'000, "one"}, {6'000, "four"}, {7'000, ""}, {5'000, "one"}}));
}

TEST_F(Pcapng, ThePacketsFirstCommentIsRead) {
  for (const bool big_endian : {false, true}) {
    Blocks b(big_endian);
    const std::string comments = b.option(2, "flags") + b.option(1, "good") + b.option(1, "second") +
                                 b.option(0, "") + b.option(1, "behind the end");
    b.section().interface(1).packet(0, 1, "five!...").packet(0, 2, std::string("12345\0\0\0", 8) + comments);
    // The second one is longer on the wire than its data, which "packet" cannot say.
    std::string& bytes = b.bytes();
    const std::string length = b.number(8 + comments.size(), 4), five = b.number(5, 4);
    const std::size_t at = bytes.rfind(length + length);
    ASSERT_NE(at, std::string::npos);
    bytes.replace(at, 8, five + five);
    std::ofstream(path_, std::ios::binary) << bytes;
    Result<CaptureReader> reader = CaptureReader::open(path_);
    ASSERT_TRUE(reader);
    const auto first = reader->next();
    ASSERT_TRUE(first && *first);
    EXPECT_EQ((*first)->comment, "");
    const auto second = reader->next();
    ASSERT_TRUE(second && *second);
    EXPECT_EQ((*second)->bytes.size(), 5u);
    EXPECT_EQ((*second)->comment, "good");
  }
}

TEST_F(Pcapng, EachInterfaceHasItsOwnResolutionAndOffset) {
  for (const bool big_endian : {false, true}) {
    Blocks b(big_endian);
    b.section()
        .interface(1, b.option(9, "\x09"))
        .interface(1, b.option(9, "\x03"))
        .interface(1, b.option(9, std::string(1, '\x8a')) + b.option(14, b.number(100, 8)))
        .packet(0, 1'770'326'126'718'529'001, "a")
        .packet(1, 1'500, "b")
        .packet(2, 1'024 + 512, "c");
    const auto frames = read(b.bytes());
    ASSERT_TRUE(frames) << frames.error().message();
    EXPECT_EQ(*frames, (std::vector<Frame>{{1'770'326'126'718'529'001, "a"},
                                           {1'500 * kMillisecond, "b"},
                                           {101'500 * kMillisecond, "c"}}));
  }
}

TEST_F(Pcapng, ShredcapGivesItsShredsAndSkipsItsRecords) {
  const std::string ipv4 = "\x45 datagram", ipv6 = "\x60 datagram";
  Blocks b;
  b.section()
      .interface(147, b.option(2, "shredcap0"))
      .interface(228)
      .interface(101)
      .interface(1)
      .packet(0, 1, b.number(1, 4) + b.number(42, 8) + b.text(32, 'h') + b.number(32, 8))
      .packet(1, 2, ipv4)
      .packet(2, 3, ipv6)
      .block(3, b.number(6, 4) + "simple")
      .packet(3, 4, "ethernet");
  const auto frames = read(b.bytes(), IpLinks::kWrapped);
  ASSERT_TRUE(frames) << frames.error().message();
  const std::string macs(12, '\0');
  EXPECT_EQ(*frames, (std::vector<Frame>{{2'000, macs + "\x08" + std::string(1, '\0') + ipv4},
                                         {3'000, macs + "\x86\xdd" + ipv6},
                                         {4'000, "ethernet"}}));
  EXPECT_EQ(error_of(b.bytes()), "its link type is IPV4, not Ethernet");
}

TEST_F(Pcapng, ReadsSimpleAndOldPacketsOfAnOrdinaryCapture) {
  Blocks b;
  b.section()
      .interface(1)
      .block(3, b.number(6, 4) + "simple")
      .block(2, b.number(0, 2) + b.number(0, 2) + b.number(0, 4) + b.number(9, 4) + b.number(3, 4) +
                    b.number(3, 4) + "old");
  const auto frames = read(b.bytes());
  ASSERT_TRUE(frames) << frames.error().message();
  EXPECT_EQ(*frames, (std::vector<Frame>{{0, "simple"}, {9'000, "old"}}));
}

TEST_F(Pcapng, SaysWhatIsBroken) {
  Blocks good;
  good.section().interface(1).packet(0, 1, "frame");
  for (std::size_t cut = 1; cut < good.bytes().size(); ++cut) {
    const std::size_t first_ends[] = {28, 48};  // whole blocks: shorter, and not broken
    if (std::find(std::begin(first_ends), std::end(first_ends), cut) != std::end(first_ends)) continue;
    EXPECT_FALSE(read(good.bytes().substr(0, cut))) << cut;
  }
  EXPECT_EQ(error_of(Blocks().section().packet(0, 1, "x").bytes()), "a packet of interface 0 behind frame 0");
  EXPECT_EQ(error_of(Blocks().section().interface(1).packet(0, 1, "x").packet(1, 1, "x").bytes()),
            "a packet of interface 1 behind frame 1");
  EXPECT_EQ(error_of(Blocks().section().interface(1).packet(0, 1, "x", 2).bytes()),
            "frame 0 is cut short, 1 bytes of 2");
  std::string lengths = good.bytes();
  lengths[lengths.size() - 4] ^= 4;
  EXPECT_EQ(error_of(lengths), "a block whose two lengths differ behind frame 0");
  std::string magic = good.bytes();
  magic[8] ^= 1;
  EXPECT_EQ(error_of(magic), "a section without the byte-order magic behind frame 0");
  std::string inside = good.bytes();
  inside[48 + 20] = 99;  // captured length
  EXPECT_EQ(error_of(inside), "a packet that ends outside its block behind frame 0");
  Blocks option;
  option.section().interface(1, option.number(2, 2) + option.number(77, 2));
  EXPECT_EQ(error_of(option.bytes()), "an option that ends outside its block behind frame 0");
  Blocks fine;
  fine.section().interface(1, fine.option(9, std::string(1, '\x14')));
  EXPECT_EQ(error_of(fine.bytes()), "an interface with times finer than 64 bits hold behind frame 0");
}

TEST_F(Pcapng, ALengthThatNoBlockHasIsNoAllocation) {
  Blocks b;
  b.section();
  EXPECT_EQ(error_of(b.bytes() + b.number(6, 4) + b.number(0xfffffffc, 4)),
            "a block of 4294967292 bytes behind frame 0");
  EXPECT_EQ(error_of(b.bytes() + b.number(6, 4) + b.number(8, 4)), "a block of 8 bytes behind frame 0");
}

TEST_F(Pcapng, WhatIsWrittenReadsBackTheSame) {
  const std::vector<Frame> wanted = {
      {0, ""}, {1, "a"}, {7, "ab"}, {1'770'326'126'718'529'001, "abc"}, {9, "abcd"}};
  Result<PcapngWriter> writer = PcapngWriter::create(path_);
  ASSERT_TRUE(writer);
  for (const Frame& frame : wanted)
    ASSERT_TRUE(writer->write(frame.time, std::as_bytes(std::span(frame.bytes))));
  ASSERT_TRUE(writer->close());
  std::ifstream file(path_, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(file), {}};
  Blocks same;
  same.section().interface(1, same.option(9, "\x09") + same.number(0, 4));
  for (const Frame& frame : wanted)
    same.packet(0, static_cast<std::uint64_t>(frame.time), frame.bytes);
  EXPECT_EQ(content, same.bytes()) << "nothing else is in the file";
  const auto frames = read(content);
  ASSERT_TRUE(frames) << frames.error().message();
  EXPECT_EQ(*frames, wanted);
}

TEST(PcapngWriter, AFullDiskShowsInCloseAtTheLatest) {
  Result<PcapngWriter> writer = PcapngWriter::create("/dev/full");
  ASSERT_TRUE(writer);
  const Status closed = writer->close();
  ASSERT_FALSE(closed);
  EXPECT_EQ(closed.error().code, ENOSPC);
}

}  // namespace
}  // namespace penstock
