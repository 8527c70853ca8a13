// `penstock debug-bundle`: one archive with what a report needs. The work is a shell script
// (debug_bundle.sh), since it is nothing but other programs' output; the binary holds its text, so that it is
// there wherever the binary is.
#pragma once

#include <string>

#include "engine/base/result.h"

namespace penstock {

struct DebugBundleOptions {
  std::string directory = ".";  // where the archive goes
  std::string config = "/etc/penstock/penstock.toml";
};

// Becomes the script: returns only when there is no bash.
Status collect_debug_bundle(const DebugBundleOptions& options);

}  // namespace penstock
