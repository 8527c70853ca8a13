// Locks and fsync.
#include "engine/base/journal_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

namespace penstock {
namespace {

UniqueFd open_file(const std::filesystem::path& path, int flags, const JournalFileOptions& options) {
  if (!options.follows_links) flags |= O_NOFOLLOW;
  return UniqueFd(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | flags, options.mode));
}

// Whether the path still leads to the file that was opened: it may have been removed before it was locked.
bool leads_to(const std::filesystem::path& path, int file) {
  struct stat by_path {
  }, by_file{};
  return stat(path.c_str(), &by_path) == 0 && fstat(file, &by_file) == 0 &&
         by_path.st_ino == by_file.st_ino && by_path.st_dev == by_file.st_dev;
}

Status put(int file, const std::filesystem::path& path, std::string_view text) {
  while (!text.empty()) {
    const ssize_t wrote = ::write(file, text.data(), text.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return fail("write " + path.string(), errno);
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
  if (fsync(file) != 0) return fail("write " + path.string() + ": fsync", errno);
  return {};
}

}  // namespace

Result<JournalFile> JournalFile::open(const std::filesystem::path& path, const JournalFileOptions& options) {
  const std::string what = "open " + path.string();
  for (;;) {
    UniqueFd file = open_file(path, 0, options);
    if (!file) return fail(what, errno);
    if (flock(file.get(), LOCK_EX | LOCK_NB) != 0)
      return fail(what + ": lock it", errno == EWOULDBLOCK ? EBUSY : errno);
    if (leads_to(path, file.get())) return JournalFile(path, std::move(file), options);
  }
}

Result<std::string> JournalFile::text() const {
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t got = pread(file_.get(), buffer.data(), buffer.size(), static_cast<off_t>(text.size()));
    if (got < 0) return fail("read " + path_.string(), errno);
    if (got == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

Status JournalFile::append(std::string_view lines) {
  return put(file_.get(), path_, lines);
}

Status JournalFile::cut(std::size_t bytes) {
  if (ftruncate(file_.get(), static_cast<off_t>(bytes)) != 0) return fail("cut " + path_.string(), errno);
  return {};
}

Status JournalFile::replace(std::string_view text) {
  const std::filesystem::path fresh = path_.string() + ".new";
  UniqueFd file = open_file(fresh, O_TRUNC, options_);
  if (!file || flock(file.get(), LOCK_EX | LOCK_NB) != 0) return fail("write " + fresh.string(), errno);
  if (Status s = put(file.get(), fresh, text); !s) return s;
  if (rename(fresh.c_str(), path_.c_str()) != 0) return fail("replace " + path_.string(), errno);
  file_ = std::move(file);
  return sync_folder();
}

Status JournalFile::remove() {
  if (unlink(path_.c_str()) != 0) return fail("remove " + path_.string(), errno);
  return sync_folder();
}

Status JournalFile::sync_folder() const {
  const std::filesystem::path folder = path_.has_parent_path() ? path_.parent_path() : ".";
  const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || fsync(fd.get()) != 0) return fail("sync " + folder.string(), errno);
  return {};
}

}  // namespace penstock
