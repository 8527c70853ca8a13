// `penstock configure check|init|fini`, on the terminal.
#pragma once

#include <string>

namespace penstock {

struct ConfigureOptions {
  std::string what;    // "check", "init" or "fini"
  std::string config;  // the file of `penstock run`
  bool json = false;
};

// Exit status: 0 all is as wanted, 1 something is not, 2 a bad file.
int configure_host(const ConfigureOptions& options);

}  // namespace penstock
