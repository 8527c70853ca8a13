// On which CPUs the threads stand, beside the NIC's interrupts and its memory.
//
// Sources: /sys/class/net/IFACE/device/numa_node, /sys/devices/system/node, /proc/irq/N; for a thread that
// spins on a core that also receives: docs/performance.md.
//
// Thread safety: reads; changes nothing.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include "engine/config/run_config.h"
#include "engine/doctor/finding.h"

namespace penstock {

// `root`: what stands for "/" before /proc and /sys, for tests.
void check_placement(const RunConfig& config, const std::filesystem::path& root, Findings& findings);

// "0-3,8": as the kernel lists CPUs. What is none is left out.
std::set<int> parse_cpu_list(std::string_view text);

}  // namespace penstock
