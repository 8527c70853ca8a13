// Which of the three, and its findings.
#include "engine/commands/configure_command.h"

#include <cstdio>

#include "engine/config/run_config.h"
#include "engine/configure/configure.h"

namespace penstock {
namespace {

int complain(const Error& error, int status) {
  std::fprintf(stderr, "penstock: %s\n", error.message().c_str());
  return status;
}

}  // namespace

int configure_host(const ConfigureOptions& options) {
  const Result<RunConfig> config = read_run_config(options.config);
  if (!config) return complain(config.error(), 2);
  const HostAccess host;
  const Result<Findings> found = options.what == "check"  ? configure_check(*config, host)
                                 : options.what == "init" ? configure_init(*config, host)
                                                          : configure_fini(*config, host);
  if (!found) return complain(found.error(), 1);
  std::fputs((options.json ? findings_json(*found, "") : findings_text(*found)).c_str(), stdout);
  return worst_of(*found) == Level::kOk ? 0 : 1;
}

}  // namespace penstock
