// Finding results and writing the page.
#include "sim/report/command.h"

#include <errno.h>

#include <algorithm>
#include <fstream>
#include <system_error>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/report/page.h"
#include "sim/scenario/result_reader.h"
#include "sim/scenario/text.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

constexpr int kWritten = 0, kUsage = 2;

int complain(const Error& error) {
  fmt::print(stderr, "runner: {}\n", error.message());
  return kUsage;
}

Result<std::vector<fs::path>> results_below(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().filename() == "result.json") found.push_back(at->path());
  }
  if (error) return fail("search " + folder.string(), error.value());
  if (found.empty()) return fail(folder.string() + ": no result.json in it or below");
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

void add_report(CLI::App& app, ReportOptions& options) {
  CLI::App* command =
      app.add_subcommand("report", "Make one self-contained HTML page of results; needs no privilege.");
  command
      ->add_option("results", options.results, "result.json files, or folders that hold them anywhere below")
      ->required()
      ->check(CLI::ExistingPath);
  command->add_option("-o,--out", options.out, "the page, .html")->required();
}

Result<std::vector<fs::path>> find_results(const std::vector<std::string>& named) {
  std::vector<fs::path> files;
  for (const std::string& name : named) {
    if (!fs::is_directory(name)) {
      files.emplace_back(name);
      continue;
    }
    Result<std::vector<fs::path>> below = results_below(name);
    if (!below) return tl::unexpected(below.error());
    files.insert(files.end(), below->begin(), below->end());
  }
  return files;
}

int report(const ReportOptions& options) {
  const Result<std::vector<fs::path>> files = find_results(options.results);
  if (!files) return complain(files.error());
  std::vector<RunResult> runs;
  for (const fs::path& file : *files) {
    Result<RunResult> run = read_result(file);
    if (!run) return complain(run.error());
    runs.push_back(std::move(*run));
  }
  const std::size_t count = runs.size();
  const std::string page = report_page(std::move(runs));
  std::ofstream out(options.out, std::ios::binary | std::ios::trunc);
  out << page;
  out.close();
  if (!out) return complain(fail("write " + options.out.string(), errno).value());
  fmt::print("{}: {}, {} kB\n", options.out.string(), counted(count, "run"), page.size() / 1000);
  return kWritten;
}

}  // namespace penstock
