// Finding the script, asking it, reading what it left.
#include "sim/turbine/command.h"

#include <errno.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <toml++/toml.h>

#include "sim/scenario/result_reader.h"
#include "sim/topology/subprocess.h"

namespace penstock {
namespace {

// The longest scenario there is takes seconds; a cluster that hangs shall end some time.
constexpr Nanoseconds kPatience = 600 * kSecond;
constexpr char kScript[] = "sim/turbine/turbine";

// Where the script and the two binaries are, or nothing. A test has them in its own runfiles; Bazel may not
// have made those of the runner yet.
std::optional<std::filesystem::path> runfiles() {
  std::error_code error;
  std::filesystem::path beside = std::filesystem::read_symlink("/proc/self/exe", error);
  beside += ".runfiles";
  const char* of_a_test = std::getenv("RUNFILES_DIR");  // as Bazel sets it
  for (std::filesystem::path folder : {std::filesystem::path(of_a_test ? of_a_test : ""), beside}) {
    folder /= "penstock";
    if (std::filesystem::exists(folder / kScript, error)) return folder;
  }
  return std::nullopt;
}

// The script's words: itself, what it is asked, and where the two binaries are.
Result<std::vector<std::string>> command_line(std::vector<std::string> words) {
  const std::optional<std::filesystem::path> folder = runfiles();
  if (!folder) {
    return fail("find the turbine topology beside the runner", ENOENT,
                "use the runner where Bazel has built it: bazel build //sim:runner");
  }
  if (words.front() != "validate") {
    words.push_back("--penstock=" + (*folder / "engine/penstock").string());
    words.push_back("--node=" + (*folder / "sim/turbine/turbine_node").string());
  }
  words.insert(words.begin(), (*folder / kScript).string());
  return words;
}

Result<ProgramOutput> ask(std::vector<std::string> words) {
  Result<std::vector<std::string>> line = command_line(std::move(words));
  if (!line) return tl::unexpected(line.error());
  return run_program({.arguments = std::move(*line), .timeout = kPatience});
}

std::string without_last_newline(std::string text) {
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

Result<Scenario> read_turbine_scenario(const std::filesystem::path& file) {
  const Result<ProgramOutput> output = ask({"validate", file.string()});
  if (!output) return tl::unexpected(output.error());
  if (output->exit_status != 0) return fail(without_last_newline(output->err));
  const toml::table table = toml::parse_file(file.string());  // which the script has just read
  Scenario scenario;
  scenario.name = table["name"].value_or(std::string());
  scenario.description = table["description"].value_or(std::string());
  scenario.tags = {"turbine"};
  return scenario;
}

}  // namespace

void add_shell(CLI::App& app, std::vector<std::string>& words) {
  CLI::App* shell = app.add_subcommand(
      "shell",
      "A Turbine cluster by hand, under Mininet's command line: shell [FILE] [OPTIONS], with a "
      "file of scenarios/turbine and options of the script there (docs/turbine.md).");
  shell->prefix_command();
  shell->callback([shell, &words] { words = shell->remaining(); });
}

int shell(std::vector<std::string> words) {
  words.insert(words.begin(), "shell");
  Result<std::vector<std::string>> line = command_line(std::move(words));
  if (line) {
    std::vector<char*> arguments;
    std::transform(line->begin(), line->end(), std::back_inserter(arguments),
                   [](std::string& word) { return word.data(); });
    arguments.push_back(nullptr);
    execv(arguments.front(), arguments.data());
    line = fail("start " + line->front(), errno);
  }
  fmt::print(stderr, "runner: {}\n", line.error().message());
  return exit_status(RunVerdict::kFail);
}

bool is_turbine_scenario(const std::filesystem::path& file) {
  try {
    return toml::parse_file(file.string())["topology"].value_or(std::string_view()) == "turbine";
  } catch (const toml::parse_error&) {
    return false;  // whose line and column read_scenarios() tells
  }
}

Result<std::vector<Scenario>> read_scenarios_of_any_topology(const std::filesystem::path& file) {
  if (!is_turbine_scenario(file)) return read_scenarios(file);
  Result<Scenario> scenario = read_turbine_scenario(file);
  if (!scenario) return tl::unexpected(scenario.error());
  return std::vector<Scenario>{std::move(*scenario)};
}

Result<TurbineRun> run_turbine(const std::filesystem::path& file, std::optional<std::uint64_t> seed,
                               const std::filesystem::path& folder) {
  std::vector<std::string> words = {"run", file.string(), "--json"};
  if (!folder.empty()) words.push_back("--out=" + folder.string());
  if (seed) words.push_back(fmt::format("--seed={}", *seed));
  Result<ProgramOutput> output = ask(std::move(words));
  if (!output) return tl::unexpected(output.error());
  // The result is the last line, and only there when the run came to its end.
  std::string said = without_last_newline(std::move(output->out));
  const std::size_t last = said.rfind('\n') + 1;  // npos + 1 is 0
  if (said.compare(last, 1, "{") != 0)
    return fail("run " + file.string() + ":\n" + said + without_last_newline(output->err));
  Result<RunResult> result = parse_result(std::string_view(said).substr(last), file.string());
  if (!result) return tl::unexpected(result.error());
  said.resize(last);
  return TurbineRun{std::move(*result), std::move(said)};
}

}  // namespace penstock
