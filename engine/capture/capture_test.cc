// Capture files: every format that libpcap must read for us, made byte by byte, and what is refused.
#include "engine/capture/capture.h"

#include <errno.h>

#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "engine/testing/fixtures.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

// Appends integers in the file's byte order.
class FileBytes {
 public:
  explicit FileBytes(bool big_endian = false) : big_endian_(big_endian) {}

  FileBytes& u16(std::uint16_t value) { return put(value, 2); }
  FileBytes& u32(std::uint32_t value) { return put(value, 4); }
  FileBytes& text(const std::string& value) {
    bytes_ += value;
    return *this;
  }

  // pcap(5)'s file header.
  FileBytes& pcap_header(std::uint32_t magic, std::uint32_t link_type = 1) {
    return u32(magic).u16(2).u16(4).u32(0).u32(0).u32(65535).u32(link_type);
  }
  FileBytes& pcap_record(std::uint32_t seconds, std::uint32_t fraction, const std::string& data,
                         std::uint32_t wire_length) {
    return u32(seconds)
        .u32(fraction)
        .u32(static_cast<std::uint32_t>(data.size()))
        .u32(wire_length)
        .text(data);
  }

  const std::string& bytes() const { return bytes_; }

 private:
  FileBytes& put(std::uint32_t value, int size) {
    for (int i = 0; i < size; ++i) {
      const int shift = 8 * (big_endian_ ? size - 1 - i : i);
      bytes_.push_back(static_cast<char>(value >> shift));
    }
    return *this;
  }

  bool big_endian_;
  std::string bytes_;
};

constexpr std::uint32_t kMicroMagic = 0xa1b2c3d4;
constexpr std::uint32_t kNanoMagic = 0xa1b23c4d;

class Capture : public ::testing::Test {
 protected:
  // Each test has its own file: tests of one binary may run at the same time.
  Capture()
      : path_(fs::path(::testing::TempDir()) /
              ::testing::UnitTest::GetInstance()->current_test_info()->name()) {}
  ~Capture() override { fs::remove(path_); }

  fs::path file(const FileBytes& content) {
    std::ofstream(path_, std::ios::binary) << content.bytes();
    return path_;
  }

  fs::path path_;
};

std::string text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<std::byte> to_bytes(const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

TEST_F(Capture, ReadsBothMagicsInBothByteOrders) {
  for (const bool big_endian : {false, true}) {
    for (const bool nano : {false, true}) {
      SCOPED_TRACE(std::string(big_endian ? "big" : "little") + (nano ? " nano" : " micro"));
      const auto frames = read_ethernet_frames(file(FileBytes(big_endian)
                                                        .pcap_header(nano ? kNanoMagic : kMicroMagic)
                                                        .pcap_record(7, 5, "hello", 5)
                                                        .pcap_record(8, 999'999, "", 0)));
      ASSERT_TRUE(frames) << frames.error().message();
      ASSERT_EQ(frames->size(), 2u);
      EXPECT_EQ((*frames)[0].time, 7 * kSecond + (nano ? 5 : 5'000));
      EXPECT_EQ(text((*frames)[0].bytes), "hello");
      EXPECT_EQ((*frames)[1].time, 8 * kSecond + (nano ? 999'999 : 999'999'000));
      EXPECT_TRUE((*frames)[1].bytes.empty());
    }
  }
}

TEST_F(Capture, ReadsPcapng) {
  FileBytes content;
  content.u32(0x0a0d0d0a).u32(28).u32(0x1a2b3c4d).u16(1).u16(0).u32(~0u).u32(~0u).u32(28);
  // One Ethernet interface with if_tsresol (option 9) of 10^-9 s.
  content.u32(1).u32(32).u16(1).u16(0).u32(0).u16(9).u16(1).text({"\x09\0\0\0", 4}).u32(0).u32(32);
  const std::uint64_t time = 1'770'326'126'718'529'001ull;
  content.u32(6).u32(40).u32(0).u32(time >> 32).u32(static_cast<std::uint32_t>(time)).u32(5).u32(5);
  content.text({"hello\0\0\0", 8}).u32(40);
  const auto frames = read_ethernet_frames(file(content));
  ASSERT_TRUE(frames) << frames.error().message();
  ASSERT_EQ(frames->size(), 1u);
  EXPECT_EQ((*frames)[0].time, static_cast<Nanoseconds>(time));
  EXPECT_EQ(text((*frames)[0].bytes), "hello");
}

TEST_F(Capture, RefusesAnotherLinkTypeByName) {
  const auto frames = read_ethernet_frames(file(FileBytes().pcap_header(kMicroMagic, 113)));
  ASSERT_FALSE(frames);
  EXPECT_NE(frames.error().what.find("LINUX_SLL"), std::string::npos) << frames.error().message();
}

TEST_F(Capture, RefusesAFrameCutShortByNumber) {
  const auto frames = read_ethernet_frames(file(
      FileBytes().pcap_header(kMicroMagic).pcap_record(0, 0, "whole", 5).pcap_record(0, 1, "cut", 1245)));
  ASSERT_FALSE(frames);
  EXPECT_NE(frames.error().what.find("frame 1 is cut short, 3 bytes of 1245"), std::string::npos)
      << frames.error().message();
}

TEST_F(Capture, TheReaderItselfShowsTheWireLength) {
  auto reader =
      CaptureReader::open(file(FileBytes().pcap_header(kMicroMagic).pcap_record(0, 0, "cut", 1245)));
  ASSERT_TRUE(reader);
  const auto frame = reader->next();
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ((*frame)->wire_length, 1245u);
  EXPECT_EQ((*frame)->bytes.size(), 3u);
  EXPECT_EQ(reader->frames_read(), 1u);
  const auto end = reader->next();
  ASSERT_TRUE(end);
  EXPECT_FALSE(*end);
}

TEST_F(Capture, AFileThatEndsInsideARecordIsAnError) {
  FileBytes content;
  content.pcap_header(kMicroMagic).pcap_record(0, 0, "whole", 5).u32(0).u32(0).u32(10).u32(10).text("abc");
  const auto frames = read_ethernet_frames(file(content));
  ASSERT_FALSE(frames);
  EXPECT_NE(frames.error().what.find("read frame 1"), std::string::npos) << frames.error().message();
}

TEST_F(Capture, RefusesWhatIsNoCapture) {
  for (const char* content : {"", "x", "not a capture, but long enough for a header"}) {
    EXPECT_FALSE(CaptureReader::open(file(FileBytes().text(content)))) << content;
  }
}

TEST_F(Capture, AMissingFileKeepsItsErrno) {
  const auto reader = CaptureReader::open(path_);
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, ENOENT);
}

TEST_F(Capture, WhatIsWrittenReadsBackTheSame) {
  auto writer = CaptureWriter::create(path_);
  ASSERT_TRUE(writer) << writer.error().message();
  const std::string longest(CaptureWriter::kMaxFrame, 'z');
  ASSERT_TRUE(writer->write(1'770'326'126'718'529'001, to_bytes("first")));
  ASSERT_TRUE(writer->write(0, {}));
  ASSERT_TRUE(writer->write(1, to_bytes(longest)));
  const Status closed = writer->close();
  ASSERT_TRUE(closed) << closed.error().message();

  const auto frames = read_ethernet_frames(path_);
  ASSERT_TRUE(frames) << frames.error().message();
  ASSERT_EQ(frames->size(), 3u);
  EXPECT_EQ((*frames)[0].time, 1'770'326'126'718'529'001);
  EXPECT_EQ(text((*frames)[0].bytes), "first");
  EXPECT_TRUE((*frames)[1].bytes.empty());
  EXPECT_EQ(text((*frames)[2].bytes), longest);
}

TEST_F(Capture, WritesNanosecondPcapAndNothingElse) {
  auto writer = CaptureWriter::create(path_);
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->write(3 * kSecond + 9, to_bytes("ab")));
  ASSERT_TRUE(writer->close());
  FileBytes expected;
  expected.u32(kNanoMagic).u16(2).u16(4).u32(0).u32(0).u32(CaptureWriter::kMaxFrame).u32(1);
  expected.pcap_record(3, 9, "ab", 2);
  EXPECT_EQ(testing::read_fixture(path_), expected.bytes());
}

TEST_F(Capture, RefusesToWriteWhatTheFormatCannotHold) {
  auto writer = CaptureWriter::create(path_);
  ASSERT_TRUE(writer);
  EXPECT_FALSE(writer->write(-1, {}));
  EXPECT_FALSE(writer->write((std::int64_t{1} << 32) * kSecond, {}));
  EXPECT_TRUE(writer->write((std::int64_t{1} << 32) * kSecond - 1, {}));
  EXPECT_FALSE(writer->write(0, std::vector<std::byte>(CaptureWriter::kMaxFrame + 1)));
  ASSERT_TRUE(writer->close());
  EXPECT_EQ(read_ethernet_frames(path_)->size(), 1u);
}

TEST(CaptureWriter, AFullDiskShowsInCloseAtTheLatest) {
  auto writer = CaptureWriter::create("/dev/full");
  ASSERT_TRUE(writer) << writer.error().message();
  ASSERT_TRUE(writer->write(0, {}));  // still in the buffer
  const Status closed = writer->close();
  ASSERT_FALSE(closed);
  EXPECT_EQ(closed.error().code, ENOSPC);
}

TEST(CaptureWriter, AFullDiskShowsInWriteOnceTheBufferIsFull) {
  auto writer = CaptureWriter::create("/dev/full");
  ASSERT_TRUE(writer);
  Status written;
  for (int i = 0; i < 100 && written; ++i)
    written = writer->write(0, std::vector<std::byte>(1270));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ENOSPC);
  EXPECT_FALSE(writer->close());
}

TEST(CaptureWriter, AFolderThatDoesNotExistKeepsItsErrno) {
  const auto writer = CaptureWriter::create("/nonexistent/x.pcap");
  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error().code, ENOENT);
}

TEST(CaptureFixture, TheGoldenCaptureReadsWhole) {
  const auto path = testing::fixture("demo-shreds.pcap");
  if (!path) GTEST_SKIP() << testing::fixture_absent("demo-shreds.pcap");
  const auto frames = read_ethernet_frames(*path);
  ASSERT_TRUE(frames) << frames.error().message();
  ASSERT_EQ(frames->size(), 512u);
  EXPECT_EQ(frames->front().time, 1'770'326'126'718'529'000);
  EXPECT_EQ(frames->back().time - frames->front().time, 100'617'000);
  EXPECT_EQ(frames->front().bytes.size(), 1245u);
}

}  // namespace
}  // namespace penstock
