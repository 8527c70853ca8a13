// Lines of JSON.
#include "sim/lab/journal.h"

#include <errno.h>
#include <unistd.h>

#include <sstream>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/base/read_file.h"

namespace penstock {
namespace {

using nlohmann::json;

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

// Of whoever has locked it. It may be about to begin, and have written nothing yet.
Error held(const std::string& what, const std::filesystem::path& path) {
  const Result<std::string> text = read_file(path);
  if (!text) return text.error();
  const Result<JournalContents> contents = parse(*text, path);
  if (!contents) return contents.error();
  return fail(fmt::format("{}: process {} holds the lab's ports", what, contents->pid), EBUSY,
              "wait until that run has ended")
      .value();
}

}  // namespace

std::string boot_id() {
  return first_line_of("/proc/sys/kernel/random/boot_id");
}

Result<Journal> Journal::open(const std::filesystem::path& path) {
  const std::string what = "open the lab's journal " + path.string();
  std::error_code error;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  if (error) return fail(what, error.value());
  Result<JournalFile> file = JournalFile::open(path, {.mode = 0644, .follows_links = true});
  if (!file && file.error().code == EBUSY) return tl::unexpected(held(what, path));
  if (!file) return fail(what, file.error());
  const Result<std::string> text = file->text();
  if (!text) return tl::unexpected(text.error());
  Result<JournalContents> contents = parse(*text, path);
  if (!contents) return tl::unexpected(contents.error());
  return Journal(std::move(*file), std::move(*contents));
}

Status Journal::begin(const std::vector<JournalPort>& ports) {
  if (Status s = file_.cut(0); !s) return s;
  changes_.clear();
  noted_.clear();
  json list = json::array();
  for (const JournalPort& port : ports)
    list.push_back({{"interface", port.interface}, {"bus", port.bus}, {"index", port.index}});
  if (Status s = file_.append(json({{"boot", boot_id()}, {"pid", getpid()}, {"ports", list}}).dump() + "\n");
      !s)
    return s;
  return file_.sync_folder();
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
  return lines.empty() ? Status{} : file_.append(lines);
}

}  // namespace penstock
