// `runner report`: results in, one HTML page out.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/result.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is that of CLI11
namespace CLI {
class App;
}

namespace penstock {

struct ReportOptions {
  std::vector<std::string> results;  // files, and folders with result.json files anywhere below
  std::filesystem::path out;
};

// The subcommand's options, into `options`.
void add_report(CLI::App& app, ReportOptions& options);

// Every result file that the options name, folders searched, in order of their paths within a folder.
// Errors: a folder without any, or one that cannot be searched.
Result<std::vector<std::filesystem::path>> find_results(const std::vector<std::string>& named);

// Exit status: 0 written, 2 a bad file or no place to write. The page says of failed runs that they failed;
// that is no failure of the report.
int report(const ReportOptions& options);

}  // namespace penstock
