// `runner lab validate|undo LAB.toml`, and what `runner run --lab` does around its runs.
#pragma once

#include <functional>
#include <string>

#include "sim/lab/nic_lab.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is that of CLI11
namespace CLI {
class App;
}

namespace penstock {

struct LabOptions {
  bool undo = false;  // else: validate
  std::string file;
};

// The subcommand's options, into `options`.
void add_lab(CLI::App& app, LabOptions& options);

// validate: 2 for a bad file. undo: 0 when everything is as it was found, or was already; 1 when something
// could not be put back.
int lab(const LabOptions& options);

// Takes the ports of the file, runs `body`, and gives them back. The status of `body`; 2 for a bad file; 1
// when the ports cannot be taken, or cannot be given back as they were; 77 without the privilege.
int in_lab(const std::string& file, const std::function<int(NicLab& lab)>& body);

}  // namespace penstock
