// From the file's keys to settings.
#include "engine/configure/host_wishes.h"

#include <errno.h>

#include <charconv>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

namespace penstock {
namespace {

std::uint64_t number_of(const std::string& text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

void add_device(const RunConfig& config, const std::string& interface, std::vector<HostWish>& wishes) {
  if (config.host.channels != 0) {
    wishes.push_back({{SettingKind::kChannels, interface, "channels"},
                      std::to_string(config.host.channels),
                      "the NIC spreads its frames over another number of queues"});
  }
  for (const std::string& offload : config.host.offloads_off)
    wishes.push_back({{SettingKind::kOffload, interface, offload}, "off", "it makes one frame of several"});
  if (config.wait != WaitStrategy::kBusyPoll) return;
  for (const auto& [knob, value] :
       {std::pair("napi_defer_hard_irqs", "2"), std::pair("gro_flush_timeout", "200000")}) {
    wishes.push_back({{SettingKind::kDevice, interface, knob},
                      value,
                      "softirqs take the frames before the net thread does",
                      HostWish::Holds::kNotZero});
  }
}

// The first of the list to the first interrupt, and round again.
void add_interrupts(const RunConfig& config, const HostAccess& host, std::vector<HostWish>& wishes) {
  const std::vector<int>& cpus = config.host.irq_cpus;
  if (cpus.empty()) return;
  std::size_t next = 0;
  for (const std::string& interface : interfaces_of(config)) {
    for (const std::uint32_t number : host.interrupts_of(interface)) {
      wishes.push_back({{SettingKind::kInterrupt, "", std::to_string(number)},
                        std::to_string(cpus[next++ % cpus.size()]),
                        "it interrupts whatever runs on that CPU"});
    }
  }
}

}  // namespace

bool HostWish::is_met_by(const std::string& now) const {
  switch (holds) {
    case Holds::kEqual:
      return now == value;
    case Holds::kAtLeast:
      return number_of(now) >= number_of(value);
    case Holds::kNotZero:
      return number_of(now) != 0;
  }
  return false;
}

std::vector<HostWish> host_wishes(const RunConfig& config, const HostAccess& host) {
  std::vector<HostWish> wishes;
  for (const std::string& interface : interfaces_of(config))
    add_device(config, interface, wishes);
  if (config.host.huge_pages != 0) {
    wishes.push_back({{SettingKind::kSysctl, "", "vm.nr_hugepages"},
                      std::to_string(config.host.huge_pages),
                      "the frames may have to do without reserved pages",
                      HostWish::Holds::kAtLeast});
  }
  for (const auto& [name, value] : config.host.sysctls)
    wishes.push_back({{SettingKind::kSysctl, "", name}, value, "the file wants another value"});
  add_interrupts(config, host, wishes);
  return wishes;
}

Findings check_wishes(const std::vector<HostWish>& wishes, const HostAccess& host) {
  Findings findings;
  for (const HostWish& wish : wishes) {
    const std::string what = to_string(wish.setting);
    const Result<std::string> now = host.read(wish.setting);
    if (!now) {
      findings.push_back({Level::kWarn, what, now.error().message()});
    } else if (wish.is_met_by(*now)) {
      findings.push_back({Level::kOk, what, "is " + *now});
    } else {
      findings.push_back({Level::kWarn, what, fmt::format("is {}, not {}: {}", *now, wish.value, wish.why),
                          command_for(wish.setting, wish.value)});
    }
  }
  return findings;
}

}  // namespace penstock
