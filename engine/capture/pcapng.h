// pcapng files (draft-ietf-opsawg-pcapng), read and written by hand: libpcap writes none, and reads no file
// whose interfaces have different link types, which shredcap files do.
//
// What is read: any number of sections, in either byte order, each with any number of interfaces and
// resolutions of time (if_tsresol, if_tsoffset); Enhanced, Simple and the old Packet Blocks, with the first
// comment (opt_comment) of a packet. Other blocks are skipped.
//
// shredcap v0.1, Firedancer's layout (src/discof/backtest/shredcap.md there): a section with an interface
// named "shredcap0" carries records about the ledger on that interface, and shreds as UDP datagrams on the
// others. The records are skipped and counted, and so are that section's Simple Packet Blocks, as its
// document asks.
//
// What is written: one section, one Ethernet interface with nanoseconds, Enhanced Packet Blocks, no options
// beside: nothing of the host, the program or the moment. Same frames, same bytes.
//
// Thread safety: none; one reader or writer, one thread. Memory: one block, at most kMaxBlock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "engine/capture/link_type.h"

namespace penstock {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using CaptureFile = std::unique_ptr<std::FILE, CloseFile>;

class PcapngReader {
 public:
  static constexpr std::uint32_t kMaxBlock = 16u << 20;

  // Whether a file that begins with these four bytes is pcapng.
  static bool is_magic(std::span<const std::byte, 4> bytes);

  // `file` at its beginning; `name` for messages.
  PcapngReader(CaptureFile file, std::string name) : file_(std::move(file)), name_(std::move(name)) {}

  // The next frame; nothing at the end. `bytes` is valid until the next next().
  Result<std::optional<CapturedFrame>> next();

  // Records of shredcap sections skipped so far.
  std::uint64_t metadata_skipped() const { return metadata_skipped_; }

 private:
  struct Interface {
    LinkType link = LinkType::kEthernet;
    std::uint32_t snap = 0;  // longest capture; 0: no limit
    std::uint64_t per_second = 1'000'000;
    std::int64_t offset = 0;  // seconds
    bool metadata = false;    // "shredcap0"
  };

  // False at the end of the file.
  Result<bool> read_block();
  Status read_section();
  Status read_interface();
  Result<std::optional<CapturedFrame>> read_packet();
  // Hands the options of the block from `at` on to `take`(code, where its value begins, length), which may
  // return an error.
  template <typename Take>
  Status read_options(std::size_t at, Take&& take) const;

  tl::unexpected<Error> broken(const std::string& what) const;
  std::uint32_t u32(std::size_t at) const;
  std::uint16_t u16(std::size_t at) const;
  std::string_view text_at(std::size_t at, std::size_t length) const;

  CaptureFile file_;
  std::string name_;
  bool in_section_ = false;
  bool swapped_ = false;         // the section's byte order is not ours
  std::uint32_t type_ = 0;       // of the block
  std::vector<std::byte> body_;  // of the block, between its two lengths
  std::vector<Interface> interfaces_;
  std::uint64_t frames_ = 0;
  std::uint64_t metadata_skipped_ = 0;
};

class PcapngWriter {
 public:
  // Creates or empties `path`.
  static Result<PcapngWriter> create(const std::filesystem::path& path);

  // Appends a whole frame. Data is buffered: a full disk may show only in a later write() or in close().
  // REQUIRES: time >= 0.
  Status write(Nanoseconds time, std::span<const std::byte> bytes);

  // Writes what is buffered and closes; only then is the file complete. Call once; no write() after it.
  Status close();

 private:
  PcapngWriter(CaptureFile file, std::string name) : file_(std::move(file)), name_(std::move(name)) {}
  Status put();

  CaptureFile file_;
  std::string name_;
  std::vector<std::byte> blocks_{};  // not handed to the file yet
};

}  // namespace penstock
