// `runner validate` and `runner list`: what stands in scenario files. Neither needs a privilege.
#pragma once

#include <string>
#include <vector>

// NOLINTNEXTLINE(readability-identifier-naming): the name is that of CLI11
namespace CLI {
class App;
}

namespace penstock {

struct FilesOptions {
  std::vector<std::string> files;
  std::vector<std::string> filters;  // of list
};

// Both subcommands' options, into `options`.
void add_files(CLI::App& app, FilesOptions& options);

// Every mistake of every file on stderr. Exit status: 0 none, 2 some.
int validate(const FilesOptions& options);

// A line a scenario, each case of a matrix by itself: name, size, question. Exit status: 0, or 2 for a bad
// file.
int list(const FilesOptions& options);

}  // namespace penstock
