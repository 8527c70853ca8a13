// Reading [measure].
#include "sim/scenario/measure.h"

namespace penstock {

Measure read_measure(TomlReader table, const WorkloadSpec& workload) {
  Measure measure;
  measure.latency = table.boolean("latency", false);
  if (measure.latency && workload.judge != JudgedBy::kSequence) {
    table.reject("latency",
                 "'latency' needs judge = \"sequence\" in [workload]: the time at which a frame leaves would "
                 "change a payload that is signed or digested");
  }
  measure.cpu_time = table.boolean("cpu_time", false);
  return measure;
}

}  // namespace penstock
