// Two questions.
#include "engine/doctor/clock_checks.h"

#include <sys/timex.h>

#include <fmt/format.h>

#include "engine/base/read_file.h"

namespace penstock {

ClockState clock_state() {
  ClockState state;
  timex nothing_to_change{};
  const int now = adjtimex(&nothing_to_change);
  state.synchronized = now >= 0 && now != TIME_ERROR;
  state.source = first_line_of("/sys/devices/system/clocksource/clocksource0/current_clocksource");
  return state;
}

void check_clock(const ClockState& clock, Findings& findings) {
  findings.push_back(clock.synchronized
                         ? Finding{Level::kOk, "clock", "synchronized"}
                         : Finding{Level::kWarn, "clock",
                                   "not synchronized: the times of captures and of the journal may be wrong",
                                   "`systemctl enable --now systemd-timesyncd`, or chrony"});
  // Both are read by a trap into the kernel or a device, some microseconds each time.
  if (clock.source == "hpet" || clock.source == "acpi_pm")
    findings.push_back({Level::kWarn, "clock source",
                        fmt::format("{}: a look at the clock, of which a net thread has one a batch, takes "
                                    "microseconds",
                                    clock.source),
                        "`dmesg | grep -i tsc` says why the kernel does not trust the TSC"});
}

}  // namespace penstock
