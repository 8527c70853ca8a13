// [measure] of a scenario file: what is measured beside what is judged. Nothing of it is a check.
#pragma once

#include "engine/config/toml_reader.h"
#include "sim/scenario/workload_spec.h"

namespace penstock {

struct Measure {
  // How old datagrams are when the first consumer is given them: each frame carries the time at which it
  // left (sim/replay/stamp.h).
  bool latency = false;
  // What a frame costs, in CPU time of the whole machine (sim/machine/cpu_cost.h): the workload is sent once
  // more, into a program that drops it.
  bool cpu_time = false;
};

// Mistakes are noted in the document: also a workload that cannot carry what is asked for.
Measure read_measure(TomlReader table, const WorkloadSpec& workload);

}  // namespace penstock
