// What `penstock configure init` has changed on this host, on disk before it is changed, so that it can be
// put back whatever happens in between. One line of JSON a change:
//
//   {"kind":"sysctl","interface":"","name":"vm.nr_hugepages","before":"0","set":"64"}
//
// Invariants
//   1. append() returns when the line is on the disk (fsync). A line that a kill cut short was never acted
//      upon, and is not read.
//   2. A setting has one line: the first. What was found before init is what fini puts back, however often
//      init runs.
//   3. One process at a time has the journal (flock); it goes with its last line.
//
// Root acts on what stands here, so the folder must be the caller's own and nobody else's to write, and every
// line must be is_sound().
//
// Thread safety: none.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/journal_file.h"
#include "engine/base/result.h"
#include "engine/configure/host_setting.h"

namespace penstock {

struct SettingChange {
  HostSetting setting;
  std::string before;
  std::string set;

  bool operator==(const SettingChange&) const = default;
};

class SettingsJournal {
 public:
  // Makes file and folder where they are not there. Errors: EBUSY while another process has it; EPERM for a
  // folder that others may write; a line that is none.
  static Result<SettingsJournal> open(const std::filesystem::path& file);
  // Only looks: nothing when there is no such file.
  static Result<std::vector<SettingChange>> read(const std::filesystem::path& file);

  const std::vector<SettingChange>& changes() const { return changes_; }
  const SettingChange* find(const HostSetting& setting) const;

  // REQUIRES: no line of this setting.
  Status append(const SettingChange& change);
  // Leaves only these lines; without any the file goes.
  Status keep(std::vector<SettingChange> changes);

 private:
  explicit SettingsJournal(JournalFile file) : file_(std::move(file)) {}
  // The lines from the file's start on; what stands behind the last whole one goes.
  Status load();

  JournalFile file_;
  std::vector<SettingChange> changes_{};
};

}  // namespace penstock
