// The interrupts of a network card and the CPUs that they go to.
//
// Thread safety: pure functions over the roots of /proc and /sys.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace penstock {

// Where the kernel's files are: another place in tests.
struct KernelFiles {
  std::filesystem::path proc = "/proc";
  std::filesystem::path sys = "/sys";
};

// In ascending order. Errors: an interface without any, as virtual ones are.
Result<std::vector<std::uint32_t>> interrupts_of(const KernelFiles& files, const std::string& interface);

// As /proc/irq/N/smp_affinity_list has it: "0-1".
Result<std::string> read_affinity(const KernelFiles& files, std::uint32_t interrupt);
Status write_affinity(const KernelFiles& files, std::uint32_t interrupt, const std::string& cpus);

}  // namespace penstock
