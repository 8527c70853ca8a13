// Blocks, interfaces, packets.
#include "engine/capture/pcapng.h"

#include <errno.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/capture/pcapng_blocks.h"
#include "engine/packet/byte_order.h"

namespace penstock {
namespace {

__extension__ using Wide = __int128;

constexpr std::uint32_t kOldPacketBlock = 2;
constexpr std::uint32_t kSimplePacketBlock = 3;

constexpr std::string_view kShredcapInterface = "shredcap0";

constexpr std::size_t padded(std::size_t bytes) {
  return (bytes + 3) / 4 * 4;
}

// 10^-n seconds, or 2^-n with the high bit set; 0: finer than 64 bits can count.
std::uint64_t units_per_second(std::uint8_t resolution) {
  const unsigned exponent = resolution & 0x7f;
  if ((resolution & 0x80) != 0) return exponent < 64 ? std::uint64_t{1} << exponent : 0;
  std::uint64_t units = 1;
  if (exponent > 19) return 0;
  for (unsigned i = 0; i < exponent; ++i)
    units *= 10;
  return units;
}

}  // namespace

bool PcapngReader::is_magic(std::span<const std::byte, 4> bytes) {
  return load_be32(bytes.data()) == kPcapngSectionBlock;
}

std::uint32_t PcapngReader::u32(std::size_t at) const {
  std::uint32_t value = 0;
  std::memcpy(&value, &body_[at], sizeof(value));
  return swapped_ ? __builtin_bswap32(value) : value;
}

std::uint16_t PcapngReader::u16(std::size_t at) const {
  std::uint16_t value = 0;
  std::memcpy(&value, &body_[at], sizeof(value));
  return swapped_ ? __builtin_bswap16(value) : value;
}

tl::unexpected<Error> PcapngReader::broken(const std::string& what) const {
  return fail(fmt::format("read capture {}: {} behind frame {}", name_, what, frames_), 0,
              "the file is damaged, or was cut");
}

Result<bool> PcapngReader::read_block() {
  std::array<std::byte, 8> head{};
  const std::size_t got = std::fread(head.data(), 1, head.size(), file_.get());
  if (got == 0 && std::ferror(file_.get()) == 0) return false;
  if (got != head.size()) return broken("a block ends in its head");
  std::memcpy(&type_, head.data(), sizeof(type_));
  std::uint32_t length = 0;
  std::memcpy(&length, &head[4], sizeof(length));
  std::size_t have = 0;
  if (type_ == kPcapngSectionBlock) {
    // The byte order stands in the block itself, right behind its length.
    body_.resize(4);
    if (std::fread(body_.data(), 1, 4, file_.get()) != 4) return broken("a section ends in its head");
    std::uint32_t magic = 0;
    std::memcpy(&magic, body_.data(), sizeof(magic));
    if (magic != kPcapngByteOrderMagic && magic != __builtin_bswap32(kPcapngByteOrderMagic))
      return broken("a section without the byte-order magic");
    swapped_ = magic != kPcapngByteOrderMagic;
    have = 4;
  }
  if (swapped_) {
    type_ = __builtin_bswap32(type_);
    length = __builtin_bswap32(length);
  }
  if (length < 12 + have || length % 4 != 0 || length > kMaxBlock)
    return broken(fmt::format("a block of {} bytes", length));
  body_.resize(length - 8);
  const std::size_t rest = body_.size() - have;
  if (std::fread(&body_[have], 1, rest, file_.get()) != rest) return broken("a block ends inside");
  if (u32(body_.size() - 4) != length) return broken("a block whose two lengths differ");
  body_.resize(length - 12);
  return true;
}

Status PcapngReader::read_section() {
  if (body_.size() < 16) return broken("a short section head");
  if (u16(4) != kPcapngMajorVersion) return broken(fmt::format("a section of version {}", u16(4)));
  in_section_ = true;
  interfaces_.clear();
  return {};
}

std::string_view PcapngReader::text_at(std::size_t at, std::size_t length) const {
  return {reinterpret_cast<const char*>(body_.data()) + at, length};
}

template <typename Take>
Status PcapngReader::read_options(std::size_t at, Take&& take) const {
  while (at + 4 <= body_.size()) {
    const std::uint16_t code = u16(at), length = u16(at + 2);
    at += 4;
    if (code == kPcapngOptionEnd) break;
    if (at + length > body_.size()) return broken("an option that ends outside its block");
    if (Status s = take(code, at, length); !s) return s;
    at += padded(length);
  }
  return {};
}

Status PcapngReader::read_interface() {
  if (body_.size() < 8) return broken("a short interface block");
  const std::uint16_t link = u16(0);
  Interface interface {
    .link = link == kLinktypeRaw ? LinkType::kRawIp : static_cast<LinkType>(link), .snap = u32(4)
  };
  const auto take = [&](std::uint16_t code, std::size_t at, std::uint16_t length) -> Status {
    if (code == kPcapngOptionName) {
      interface.metadata = text_at(at, length) == kShredcapInterface;
    } else if (code == kPcapngOptionResolution && length == 1) {
      interface.per_second = units_per_second(std::to_integer<std::uint8_t>(body_[at]));
      if (interface.per_second == 0) return broken("an interface with times finer than 64 bits hold");
    } else if (code == kPcapngOptionTimeOffset && length == 8) {
      const std::uint64_t low = u32(swapped_ ? at + 4 : at), high = u32(swapped_ ? at : at + 4);
      interface.offset = static_cast<std::int64_t>(high << 32 | low);
    }
    return {};
  };
  if (Status s = read_options(8, take); !s) return s;
  interfaces_.push_back(interface);
  return {};
}

Result<std::optional<CapturedFrame>> PcapngReader::read_packet() {
  const bool simple = type_ == kSimplePacketBlock;
  const std::size_t head = simple ? 4 : 20;
  if (body_.size() < head) return broken("a short packet block");
  const std::uint32_t number = simple ? 0 : type_ == kOldPacketBlock ? u16(0) : u32(0);
  if (number >= interfaces_.size()) return broken(fmt::format("a packet of interface {}", number));
  const Interface& interface = interfaces_[number];
  const bool shredcap = std::any_of(interfaces_.begin(), interfaces_.end(),
                                    [](const Interface& other) { return other.metadata; });
  if (interface.metadata || (simple && shredcap)) {
    ++metadata_skipped_;
    return std::nullopt;
  }
  CapturedFrame frame{.wire_length = u32(simple ? 0 : 16), .link = interface.link};
  std::uint32_t captured = u32(simple ? 0 : 12);
  if (simple) {
    if (interface.snap != 0) captured = std::min(captured, interface.snap);
  } else {
    // A simple packet has no time.
    const auto units = static_cast<Wide>(std::uint64_t{u32(4)} << 32 | u32(8));
    const Wide time =
        Wide{interface.offset} * kSecond + units * kSecond / static_cast<Wide>(interface.per_second);
    if (time < 0 || time > std::numeric_limits<Nanoseconds>::max()) {
      return fail(fmt::format("read frame {} of capture {}: its time is out of range", frames_, name_));
    }
    frame.time = static_cast<Nanoseconds>(time);
  }
  if (captured > body_.size() - head) return broken("a packet that ends outside its block");
  frame.bytes = std::span(body_).subspan(head, captured);
  ++frames_;
  if (simple) return frame;
  const auto take = [&](std::uint16_t code, std::size_t at, std::uint16_t length) -> Status {
    if (code == kPcapngOptionComment && frame.comment.empty()) frame.comment = text_at(at, length);
    return {};
  };
  if (Status s = read_options(head + padded(captured), take); !s) return tl::unexpected(s.error());
  return frame;
}

Result<std::optional<CapturedFrame>> PcapngReader::next() {
  while (true) {
    const Result<bool> block = read_block();
    if (!block) return tl::unexpected(block.error());
    if (!*block) return std::nullopt;
    Status read{};
    if (type_ == kPcapngSectionBlock) {
      read = read_section();
    } else if (!in_section_) {
      return broken("a block outside any section");
    } else if (type_ == kPcapngInterfaceBlock) {
      read = read_interface();
    } else if (type_ == kPcapngEnhancedPacketBlock || type_ == kSimplePacketBlock ||
               type_ == kOldPacketBlock) {
      auto frame = read_packet();
      if (!frame || *frame) return frame;
    }
    if (!read) return tl::unexpected(read.error());
  }
}

Result<PcapngWriter> PcapngWriter::create(const std::filesystem::path& path) {
  CaptureFile file(std::fopen(path.c_str(), "wbe"));
  if (!file) return fail("create capture " + path.string(), errno);
  PcapngWriter writer(std::move(file), path.string());
  const PcapngInterface ethernet;
  append_section(writer.blocks_, {&ethernet, 1});
  if (Status put = writer.put(); !put) return tl::unexpected(put.error());
  return writer;
}

Status PcapngWriter::put() {
  errno = 0;
  const bool written = std::fwrite(blocks_.data(), 1, blocks_.size(), file_.get()) == blocks_.size();
  blocks_.clear();
  return written ? Status{} : fail("write capture " + name_, errno ? errno : EIO);
}

Status PcapngWriter::write(Nanoseconds time, std::span<const std::byte> bytes) {
  PENSTOCK_CHECK(file_ != nullptr);
  append_packet(blocks_, 0, time, bytes);
  return put();
}

Status PcapngWriter::close() {
  PENSTOCK_CHECK(file_ != nullptr);
  const bool failed_before = std::ferror(file_.get()) != 0;
  errno = 0;
  const bool closed = std::fclose(file_.release()) == 0;
  if (failed_before || !closed) return fail("write capture " + name_, errno ? errno : EIO);
  return {};
}

}  // namespace penstock
