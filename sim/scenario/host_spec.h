// [host] of a scenario file: the ordinary traffic of the receiver's host beside the engine, by programs that
// know nothing of it (sim/host/host_traffic.h). Without the table there is none.
#pragma once

#include "engine/config/toml_reader.h"
#include "sim/host/host_traffic.h"

namespace penstock {

// Mistakes are noted in the document.
HostTrafficConfig read_host_spec(TomlReader table);

}  // namespace penstock
