// The interrupts of a network card, as the kernel numbers them.
//
// Thread safety: a pure function over /sys.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace penstock {

// Message-signalled ones, in ascending order; none for a virtual interface. `sys`: /sys, or what stands for
// it in a test.
std::vector<std::uint32_t> msi_interrupts_of(const std::filesystem::path& sys, const std::string& interface);

}  // namespace penstock
