// JSON lines behind a lock.
#include "sim/lab/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace penstock {
namespace {

using nlohmann::json;

Result<std::string> read_all(int file, const std::filesystem::path& path) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t got = pread(file, buffer.data(), buffer.size(), static_cast<off_t>(text.size()));
    if (got < 0) return fail("read " + path.string(), errno);
    if (got == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

Result<JournalContents> parse(const std::string& text, const std::filesystem::path& path) {
  JournalContents contents;
  std::istringstream lines(text);
  // The last line may be cut: getline gives it too, and then it is at the end of the file.
  for (std::string line; std::getline(lines, line) && !lines.eof();)
    try {
      const json value = json::parse(line);
      if (value.contains("ports")) {
        contents.boot = value.at("boot");
        contents.pid = value.at("pid");
        for (const json& port : value.at("ports"))
          contents.ports.push_back({port.at("interface"), port.at("bus"), port.at("index")});
      } else {
        contents.changes.push_back(
            {value.at("interface"), value.at("setting"), value.at("was"), value.at("becomes")});
      }
    } catch (const json::exception& error) {
      return fail(fmt::format("{} is no journal of a lab: {}", path.string(), error.what()), 0,
                  "name another file with `journal` in the lab file");
    }
  if (contents.ports.empty() && !contents.changes.empty())
    return fail(path.string() + " is no journal of a lab: changes without a run");
  return contents;
}

// Whether the path still leads to the file that was opened: it may have been removed before it was locked.
bool leads_to(const std::filesystem::path& path, int file) {
  struct stat by_path {
  }, by_file{};
  return stat(path.c_str(), &by_path) == 0 && fstat(file, &by_file) == 0 &&
         by_path.st_ino == by_file.st_ino && by_path.st_dev == by_file.st_dev;
}

Status sync_folder_of(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  const UniqueFd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || fsync(fd.get()) < 0) return fail("write folder " + folder.string(), errno);
  return {};
}

}  // namespace

std::string boot_id() {
  std::string id;
  std::ifstream in("/proc/sys/kernel/random/boot_id");
  std::getline(in, id);
  return id;
}

Result<Journal> Journal::open(const std::filesystem::path& path) {
  const std::string what = "open the lab's journal " + path.string();
  std::error_code error;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  if (error) return fail(what, error.value());
  for (;;) {
    UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
    if (!file) return fail(what, errno);
    const bool locked = flock(file.get(), LOCK_EX | LOCK_NB) == 0;
    if (!locked && errno != EWOULDBLOCK) return fail(what + ": lock it", errno);
    if (locked && !leads_to(path, file.get())) continue;
    const Result<std::string> text = read_all(file.get(), path);
    if (!text) return tl::unexpected(text.error());
    Result<JournalContents> contents = parse(*text, path);
    if (!contents) return tl::unexpected(contents.error());
    if (!locked) {
      return fail(fmt::format("{}: process {} holds the lab's ports", what, contents->pid), EBUSY,
                  "wait until that run has ended");
    }
    return Journal(path, std::move(file), std::move(*contents));
  }
}

Status Journal::begin(const std::vector<JournalPort>& ports) {
  if (ftruncate(file_.get(), 0) < 0) return fail("empty " + path_.string(), errno);
  changes_.clear();
  noted_.clear();
  json list = json::array();
  for (const JournalPort& port : ports)
    list.push_back({{"interface", port.interface}, {"bus", port.bus}, {"index", port.index}});
  if (Status s = append(json({{"boot", boot_id()}, {"pid", getpid()}, {"ports", list}}).dump() + "\n"); !s)
    return s;
  return sync_folder_of(path_);
}

Status Journal::note(std::span<const Change> changes) {
  std::string lines;
  for (const Change& change : changes) {
    if (!noted_.emplace(change.interface, change.setting).second) continue;
    changes_.push_back(change);
    lines += json({{"interface", change.interface},
                   {"setting", change.setting},
                   {"was", change.was},
                   {"becomes", change.becomes}})
                 .dump() +
             "\n";
  }
  return lines.empty() ? Status{} : append(lines);
}

Status Journal::append(const std::string& lines) {
  const std::string what = "write " + path_.string();
  for (std::size_t done = 0; done < lines.size();) {
    const ssize_t wrote = write(file_.get(), lines.data() + done, lines.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return fail(what, errno);
    done += static_cast<std::size_t>(wrote);
  }
  if (fsync(file_.get()) < 0) return fail(what + ": fsync", errno);
  return {};
}

Status Journal::remove() {
  if (unlink(path_.c_str()) < 0) return fail("remove " + path_.string(), errno);
  return sync_folder_of(path_);
}

}  // namespace penstock
