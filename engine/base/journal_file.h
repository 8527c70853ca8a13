// A file of lines that says what is about to be changed, for whoever comes after a kill: locked while
// somebody has it, and each line on the disk before what it announces is done. What the lines mean is its
// user's.
//
// Thread safety: none.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"

namespace penstock {

struct JournalFileOptions {
  mode_t mode = 0600;          // of a file that is made
  bool follows_links = false;  // whether the path may end in one
};

class JournalFile {
 public:
  // Makes the file where there is none, not its folder, and locks it (flock). Errors: EBUSY while another
  // process has it.
  static Result<JournalFile> open(const std::filesystem::path& path, const JournalFileOptions& options);

  const std::filesystem::path& path() const { return path_; }
  Result<std::string> text() const;

  // On the disk when it returns.
  Status append(std::string_view lines);
  // Leaves the first bytes.
  Status cut(std::size_t bytes);
  // Another text in one step: a kill leaves the old one or the new one.
  Status replace(std::string_view text);
  Status remove();
  // That the file is there is on the disk.
  Status sync_folder() const;

 private:
  JournalFile(std::filesystem::path path, UniqueFd file, const JournalFileOptions& options)
      : path_(std::move(path)), file_(std::move(file)), options_(options) {}

  std::filesystem::path path_;
  UniqueFd file_;  // locked
  JournalFileOptions options_;
};

}  // namespace penstock
