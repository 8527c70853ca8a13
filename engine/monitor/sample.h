// What a running engine said of itself at one moment: its page of Prometheus text, read back.
//
// The reader is the inverse of prometheus_text() and engine_facts_text(). Families and labels that it does
// not know are left out, so that a monitor can watch an engine that is newer than itself; what an older
// engine lacks is 0 or empty.
//
// Thread safety: values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/metrics/counters.h"
#include "engine/metrics/engine_facts.h"

namespace penstock {

struct EngineSample {
  CounterSnapshot counters;
  std::vector<std::uint16_t> ports;  // by the index that families with a port label have in `counters`
  EngineFacts facts;

  // The value of a label of config_info, such as "interface"; empty when it is not there.
  std::string config(std::string_view label) const;
};

// Errors: the first line that is not of the format, by number; a page without any counter of ours.
Result<EngineSample> parse_sample(std::string_view page);

}  // namespace penstock
