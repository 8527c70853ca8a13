// Handing over to bash.
#include "engine/commands/debug_bundle_command.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "engine/commands/debug_bundle_script.h"

namespace penstock {

Status collect_debug_bundle(const DebugBundleOptions& options) {
  std::error_code none;
  const std::string binary = std::filesystem::read_symlink("/proc/self/exe", none);
  setenv("PENSTOCK", binary.empty() ? "penstock" : binary.c_str(), 1);
  setenv("PENSTOCK_CONFIG", options.config.c_str(), 1);
  execlp("bash", "bash", "-c", kDebugBundleScript, "debug-bundle", options.directory.c_str(), nullptr);
  return fail("run bash", errno, "install bash");
}

}  // namespace penstock
