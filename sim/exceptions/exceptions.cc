// Reading and applying the rows.
#include "sim/exceptions/exceptions.h"

#include <algorithm>
#include <array>
#include <iterator>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/base/nearest_name.h"
#include "engine/config/toml_reader.h"

namespace penstock {

// The text of bpf/exceptions.toml; its source is made by the build.
extern const char kDeclaredExceptions[];

namespace {

constexpr std::array<std::string_view, 6> kOutcomeNames = {"delivered", "late",    "dropped",
                                                           "discarded", "refused", "elsewhere"};
constexpr std::string_view kNot = "not ";

Outcome read_outcome(TomlReader& row, std::string_view key) {
  static_cast<void>(row.string(key));  // required
  return static_cast<Outcome>(row.choice(key, kOutcomeNames, 0));
}

std::vector<Condition> read_conditions(TomlReader& row) {
  std::vector<Condition> conditions;
  for (const std::string& word : row.strings("when")) {
    const bool wanted = !word.starts_with(kNot);
    const std::string name = wanted ? word : word.substr(kNot.size());
    const auto* const found = std::find_if(std::begin(kCircumstances), std::end(kCircumstances),
                                           [&name](const auto& info) { return info.name == name; });
    if (found == std::end(kCircumstances)) {
      std::vector<std::string> known;
      for (const CircumstanceInfo& info : kCircumstances)
        known.emplace_back(info.name);
      row.reject("when", fmt::format("there is no circumstance '{}'; {}", name, suggest_name(name, known)));
      continue;
    }
    conditions.push_back({found, wanted});
  }
  return conditions;
}

// "LABEL NAME"
void read_test(TomlReader& row, DeclaredException& exception) {
  const std::string test = row.string("test");
  const std::size_t blank = test.find(' ');
  if (blank == std::string::npos || !test.starts_with("//")) {
    row.reject("test", "'test' must be a Bazel label and a test's name");
    return;
  }
  exception.test_label = test.substr(0, blank);
  exception.test_name = test.substr(blank + 1);
}

DeclaredException read_row(TomlReader row) {
  DeclaredException exception;
  exception.id = row.string("id");
  exception.when = read_conditions(row);
  exception.oracle = read_outcome(row, "oracle");
  bool differs = false;
  for (const std::string_view path : kExceptionPaths) {
    exception.paths[path] = read_outcome(row, path);
    differs = differs || exception.paths[path] != exception.oracle;
  }
  exception.counter = row.string("counter");
  exception.why = row.string("why");
  read_test(row, exception);
  if (exception.when.empty()) row.reject("when", "'when' names no circumstance");
  if (!differs) row.reject("oracle", "no path does anything else than Linux");
  return exception;
}

LibpcapDifference read_libpcap(TomlReader row) {
  constexpr std::array<std::string_view, 2> kWords = {"misses", "matches"};
  LibpcapDifference difference;
  difference.reason = row.string("reason");
  static_cast<void>(row.string("libpcap"));  // required
  difference.matches = row.choice("libpcap", kWords, 0) == 1;
  difference.why = row.string("why");
  if ((difference.reason == "taken") == difference.matches)
    row.reject("libpcap", "libpcap misses what is taken, and matches what is passed: else nothing differs");
  return difference;
}

}  // namespace

std::string_view to_string(Outcome outcome) {
  return kOutcomeNames[static_cast<std::size_t>(outcome)];
}

bool DeclaredException::applies(const Circumstances& circumstances) const {
  return std::all_of(when.begin(), when.end(),
                     [&](const Condition& condition) { return condition.holds(circumstances); });
}

std::string DeclaredException::when_text() const {
  std::vector<std::string> words;
  for (const Condition& condition : when)
    words.push_back(fmt::format("{}{}", condition.wanted ? "" : kNot, condition.circumstance->name));
  return fmt::format("{}", fmt::join(words, ", "));
}

Result<ExceptionTable> ExceptionTable::parse(std::string_view text, std::string name) {
  Result<TomlDocument> document = TomlDocument::parse(text, std::move(name));
  if (!document) return tl::unexpected(document.error());
  ExceptionTable table;
  TomlReader root = document->root();
  for (TomlReader& row : root.tables("exception")) {
    DeclaredException exception = read_row(row);
    if (table.find(exception.id) != nullptr)
      row.reject("id", fmt::format("'{}' is there twice", exception.id));
    table.rows_.push_back(std::move(exception));
  }
  for (const TomlReader& row : root.tables("libpcap"))
    table.libpcap_.push_back(read_libpcap(row));
  if (const Status finished = document->finish(); !finished) return tl::unexpected(finished.error());
  return table;
}

std::string_view ExceptionTable::declared_text() {
  return kDeclaredExceptions;
}

const ExceptionTable& ExceptionTable::declared() {
  static const ExceptionTable kTable = [] {
    Result<ExceptionTable> read = parse(declared_text(), "bpf/exceptions.toml");
    PENSTOCK_CHECK(read.has_value());  // exceptions_test reads it first, and says what is wrong
    return std::move(*read);
  }();
  return kTable;
}

const DeclaredException* ExceptionTable::find(std::string_view id) const {
  const auto found =
      std::find_if(rows_.begin(), rows_.end(), [id](const DeclaredException& row) { return row.id == id; });
  return found == rows_.end() ? nullptr : &*found;
}

Outcome ExceptionTable::outcome(std::string_view path, Outcome oracle, const Circumstances& circumstances,
                                std::vector<const DeclaredException*>* applied) const {
  Outcome now = oracle;
  for (const DeclaredException& row : rows_) {
    if (!row.applies(circumstances) || is_delivered(row.oracle) != is_delivered(now)) continue;
    const auto found = row.paths.find(path);
    PENSTOCK_CHECK(found != row.paths.end());
    if (found->second == now) continue;
    now = found->second;
    if (applied != nullptr) applied->push_back(&row);
  }
  return now;
}

}  // namespace penstock
