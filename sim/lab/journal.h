// The journal of a lab: what a run changes of its ports, on disk before it is changed, so that it can be
// undone by whoever comes after a kill -9.
//
// A file of JSON lines: one for the run and its ports, then one for each change.
//
//   {"boot":"6b1f...","pid":4711,"ports":[{"interface":"eth2","bus":"0000:3b:00.0","index":5}]}
//   {"interface":"eth2","setting":"rings","was":"rx=512","becomes":"rx=4096"}
//
// Invariants:
//   * A line is on disk (fsync) before note() returns, and note() returns before the change is made. A line
//   that is
//     not whole is that of a change that was not made.
//   * A setting that changes again keeps its first line: what is undone is what was found.
//   * While a run lives its journal is locked (flock), so that no two runs take the same ports.
//   * The file goes when everything has been put back, and stays when something could not be.
//
// Thread safety: one thread at a time.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/journal_file.h"
#include "engine/base/result.h"

namespace penstock {

// Which device an interface is: for telling it from another that got its name.
struct JournalPort {
  std::string interface {};
  std::string bus{};  // `ethtool -i`: bus-info; empty for a virtual interface, which is known by its index
  unsigned index = 0;
  bool operator==(const JournalPort&) const = default;
};

struct Change {
  std::string interface {};
  std::string setting{};  // port.h
  std::string was{};
  std::string becomes{};
  bool operator==(const Change&) const = default;
};

struct JournalContents {
  std::string boot{};  // /proc/sys/kernel/random/boot_id: a restart of the machine undoes everything
  pid_t pid = 0;
  std::vector<JournalPort> ports{};
  std::vector<Change> changes{};  // in the order in which they were made

  bool empty() const { return ports.empty(); }
};

class Journal {
 public:
  // Takes the lock, and reads what an earlier run left. Makes the file and its folder. Errors: EBUSY with the
  // process that holds it; a file that is no journal.
  static Result<Journal> open(const std::filesystem::path& path);

  // What was in the file when it was opened; empty when there was nothing to undo.
  const JournalContents& left_over() const { return left_over_; }

  // Begins anew, without what was left over.
  Status begin(const std::vector<JournalPort>& ports);
  Status note(std::span<const Change> changes);
  // All changes noted since begin(), each setting once.
  const std::vector<Change>& changes() const { return changes_; }
  // Removes the file: nothing is left to undo.
  Status remove() { return file_.remove(); }

 private:
  Journal(JournalFile file, JournalContents left_over)
      : file_(std::move(file)), left_over_(std::move(left_over)) {}

  JournalFile file_;
  JournalContents left_over_;
  std::vector<Change> changes_;
  std::set<std::pair<std::string, std::string>> noted_;  // interface and setting
};

// Of the machine as it runs now.
std::string boot_id();

}  // namespace penstock
