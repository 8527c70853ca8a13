// Lines of JSON.
#include "engine/configure/settings_journal.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/base/check.h"
#include "engine/base/read_file.h"

namespace penstock {
namespace {

using nlohmann::json;

constexpr mode_t kFolderMode = 0700;

std::string line_of(const SettingChange& change) {
  const json line = {{"kind", kSettingKinds[static_cast<std::size_t>(change.setting.kind)]},
                     {"interface", change.setting.interface},
                     {"name", change.setting.name},
                     {"before", change.before},
                     {"set", change.set}};
  return line.dump() + "\n";
}

// Nothing for what is no such line.
std::optional<SettingChange> change_of(std::string_view text) {
  const json line = json::parse(text, nullptr, false);
  if (!line.is_object()) return std::nullopt;
  for (const char* const key : {"kind", "interface", "name", "before", "set"}) {
    if (!line.contains(key) || !line[key].is_string()) return std::nullopt;
  }
  const auto kind =
      std::find(std::begin(kSettingKinds), std::end(kSettingKinds), line["kind"].get<std::string>());
  if (kind == std::end(kSettingKinds)) return std::nullopt;
  SettingChange change{
      {static_cast<SettingKind>(kind - std::begin(kSettingKinds)), line["interface"], line["name"]},
      line["before"],
      line["set"]};
  if (!is_sound(change.setting)) return std::nullopt;
  return change;
}

// `whole`: how many bytes the whole lines take.
Result<std::vector<SettingChange>> parse(const std::string& name, std::string_view text, std::size_t& whole) {
  std::vector<SettingChange> changes;
  for (whole = 0;;) {
    const std::size_t end = text.find('\n', whole);
    if (end == std::string_view::npos) return changes;
    std::optional<SettingChange> change = change_of(text.substr(whole, end - whole));
    if (!change)
      return fail(fmt::format("read {}: line {} is no change of a setting", name, changes.size() + 1), 0,
                  "mend the file, or remove it: what it names is then not put back");
    changes.push_back(std::move(*change));
    whole = end + 1;
  }
}

Status check_folder(const std::filesystem::path& folder) {
  if (mkdir(folder.c_str(), kFolderMode) != 0 && errno != EEXIST)
    return fail("make " + folder.string(), errno);
  struct stat found {};
  if (stat(folder.c_str(), &found) != 0) return fail("look at " + folder.string(), errno);
  if (found.st_uid != geteuid() || (found.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return fail("keep a state in " + folder.string(), EPERM, "a folder that only this user may write");
  return {};
}

}  // namespace

Result<std::vector<SettingChange>> SettingsJournal::read(const std::filesystem::path& file) {
  std::size_t whole = 0;
  return parse(file, read_file(file).value_or(""), whole);
}

Result<SettingsJournal> SettingsJournal::open(const std::filesystem::path& file) {
  if (Status s = check_folder(file.parent_path()); !s) return tl::unexpected(s.error());
  Result<JournalFile> opened = JournalFile::open(file, {});
  if (!opened && opened.error().code == EBUSY)
    return fail("open " + file.string(), EBUSY, "another `penstock configure` runs: wait for it");
  if (!opened) return tl::unexpected(opened.error());
  SettingsJournal journal(std::move(*opened));
  if (Status s = journal.load(); !s) return tl::unexpected(s.error());
  if (Status s = journal.file_.sync_folder(); !s) return tl::unexpected(s.error());
  return journal;
}

Status SettingsJournal::load() {
  const Result<std::string> text = file_.text();
  if (!text) return tl::unexpected(text.error());
  std::size_t whole = 0;
  auto changes = parse(file_.path(), *text, whole);
  if (!changes) return tl::unexpected(changes.error());
  changes_ = std::move(*changes);
  return file_.cut(whole);
}

const SettingChange* SettingsJournal::find(const HostSetting& setting) const {
  const auto found = std::find_if(changes_.begin(), changes_.end(),
                                  [&](const SettingChange& each) { return each.setting == setting; });
  return found == changes_.end() ? nullptr : &*found;
}

Status SettingsJournal::append(const SettingChange& change) {
  PENSTOCK_CHECK(find(change.setting) == nullptr);
  if (Status s = file_.append(line_of(change)); !s) return s;
  changes_.push_back(change);
  return {};
}

Status SettingsJournal::keep(std::vector<SettingChange> changes) {
  changes_ = std::move(changes);
  if (changes_.empty()) return file_.remove();
  std::string text;
  for (const SettingChange& each : changes_)
    text += line_of(each);
  return file_.replace(text);
}

}  // namespace penstock
