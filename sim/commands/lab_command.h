// `runner lab validate|undo LAB.toml`, and what `runner run --lab` does around its runs.
#pragma once

#include <functional>
#include <stop_token>
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
// when the ports cannot be taken, or cannot be given back as they were; 77 without the privilege. Ctrl-C,
// SIGTERM and SIGHUP ask `body` to stop by the token, and the status is then 128 and the signal's number; a
// second one ends the process with the ports as they are. REQUIRES: no other threads yet (interruption.h).
int in_lab(const std::string& file, const std::function<int(NicLab& lab, std::stop_token stop)>& body);

}  // namespace penstock
