// pcapng files that follow each other in a folder, of which the newest few are kept:
//
//   FOLDER/penstock-000041.pcapng  penstock-000042.pcapng  penstock-000043.pcapng (being written)
//
// Invariants
//   1. At most `files` files of `file_bytes` each, those of earlier runs included: numbers go on where they
//      ended, and the oldest goes before a new one is made. Other names in the folder are left alone.
//   2. A file ends with a whole block, so that it can be read at any time. What a disk took only half of is
//      cut off again; only a kill within the call can leave it.
//   3. A write that fails changes nothing; the next one may succeed. The first one makes the first file, so
//      that a folder on a full disk can be opened.
//
// System calls: openat, write, ftruncate, unlink, close; in open() also those of listing a folder.
//
// Thread safety: none; one thread. A slow disk blocks write().
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/capture/pcapng_blocks.h"

namespace penstock {

class RotatingCapture {
 public:
  struct Limits {
    std::uint64_t file_bytes;  // of each file; one that has a single longer write is longer
    std::size_t files;         // at least 1
  };

  // `interfaces`: of each file's section. Errors: a folder that is not there, is none, or cannot be written.
  static Result<RotatingCapture> open(std::filesystem::path folder, const Limits& limits,
                                      std::span<const PcapngInterface> interfaces);

  // What its files in that folder take now; 0 where it cannot be read.
  static std::uint64_t bytes_in(const std::filesystem::path& folder);

  // Appends whole blocks, all of them or nothing, in a new file when they have no room in this one. Errors:
  // what the disk says (ENOSPC, EDQUOT, EIO); the number of the file is in the text.
  Status write(std::span<const std::byte> blocks);

  // From the next write on; files that are too many go when the next one begins.
  void set_limits(const Limits& limits) { limits_ = limits; }

  // Files begun by this object.
  std::uint64_t begun() const { return begun_; }

 private:
  RotatingCapture(std::filesystem::path folder, const Limits& limits)
      : folder_(std::move(folder)), limits_(limits) {}
  Status list();
  Status begin_file();
  Status append(std::span<const std::byte> bytes);
  std::filesystem::path path_of(std::uint64_t number) const;

  std::filesystem::path folder_;
  Limits limits_;
  std::vector<std::byte> head_{};        // what each file begins with
  std::deque<std::uint64_t> numbers_{};  // of the files that are there, in ascending order
  std::uint64_t last_ = 0;               // number that was given last
  UniqueFd file_{};                      // of that number; none before the first write
  std::uint64_t size_ = 0;               // of that file
  std::uint64_t begun_ = 0;
};

}  // namespace penstock
