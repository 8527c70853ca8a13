// What a configuration wants of the host, setting by setting, in the order in which they are to be made:
// queues before their interrupts, since a NIC makes new ones for them.
//
// Both `penstock configure` and `penstock doctor` go by this list, so that each fact is in one place.
//
// Thread safety: reads the host; changes nothing.
#pragma once

#include <string>
#include <vector>

#include "engine/config/run_config.h"
#include "engine/configure/host_setting.h"
#include "engine/doctor/finding.h"

namespace penstock {

struct HostWish {
  HostSetting setting;
  std::string value;
  std::string why;  // what is the matter while it is not so
  enum class Holds : std::uint8_t {
    kEqual,
    kAtLeast,  // for numbers
    kNotZero,
  } holds = Holds::kEqual;

  bool is_met_by(const std::string& now) const;
};

std::vector<HostWish> host_wishes(const RunConfig& config, const HostAccess& host);

// A finding each: OK, or WARN with the command that sets it by hand. Changes nothing.
Findings check_wishes(const std::vector<HostWish>& wishes, const HostAccess& host);

}  // namespace penstock
