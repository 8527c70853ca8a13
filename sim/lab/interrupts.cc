// msi_irqs and smp_affinity_list.
#include "sim/lab/interrupts.h"

#include <errno.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

namespace penstock {
namespace {

std::filesystem::path affinity_file(const KernelFiles& files, std::uint32_t interrupt) {
  return files.proc / "irq" / std::to_string(interrupt) / "smp_affinity_list";
}

}  // namespace

Result<std::vector<std::uint32_t>> interrupts_of(const KernelFiles& files, const std::string& interface) {
  const std::filesystem::path folder = files.sys / "class/net" / interface / "device/msi_irqs";
  std::vector<std::uint32_t> numbers;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    std::uint32_t number = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), number).ec == std::errc())
      numbers.push_back(number);
  }
  if (numbers.empty()) {
    return fail(fmt::format("{} has no interrupts of its own (nothing in {})", interface, folder.string()), 0,
                "leave irq_cpus out for a virtual interface");
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

Result<std::string> read_affinity(const KernelFiles& files, std::uint32_t interrupt) {
  const std::filesystem::path file = affinity_file(files, interrupt);
  std::string cpus;
  if (std::ifstream in(file); !std::getline(in, cpus)) return fail("read " + file.string(), ENOENT);
  return cpus;
}

Status write_affinity(const KernelFiles& files, std::uint32_t interrupt, const std::string& cpus) {
  const std::filesystem::path file = affinity_file(files, interrupt);
  {
    std::ofstream out;
    if (std::filesystem::exists(file)) out.open(file);  // never made by us
    if (!out.is_open() || !(out << cpus << std::flush)) {
      return fail(fmt::format("write {} to {}", cpus, file.string()), 0,
                  "are the CPUs online? some interrupts are the kernel's to place");
    }
  }
  const Result<std::string> now = read_affinity(files, interrupt);
  if (!now) return tl::unexpected(now.error());
  if (*now != cpus) return fail(fmt::format("{} reads {} after {} was written", file.string(), *now, cpus));
  return {};
}

}  // namespace penstock
