// Interrupts of a card, and the files that say where they go.
#include "sim/lab/interrupts.h"

#include <errno.h>

#include <fstream>

#include <fmt/format.h>

#include "engine/configure/interrupts.h"

namespace penstock {
namespace {

std::filesystem::path affinity_file(const KernelFiles& files, std::uint32_t interrupt) {
  return files.proc / "irq" / std::to_string(interrupt) / "smp_affinity_list";
}

}  // namespace

Result<std::vector<std::uint32_t>> interrupts_of(const KernelFiles& files, const std::string& interface) {
  std::vector<std::uint32_t> numbers = msi_interrupts_of(files.sys, interface);
  if (!numbers.empty()) return numbers;
  const std::filesystem::path folder = files.sys / "class/net" / interface / "device/msi_irqs";
  return fail(fmt::format("{} has no interrupts of its own (nothing in {})", interface, folder.string()), 0,
              "leave irq_cpus out for a virtual interface");
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
