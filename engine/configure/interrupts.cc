// The files of /sys that list the interrupts of a card.
#include "engine/configure/interrupts.h"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace penstock {

std::vector<std::uint32_t> msi_interrupts_of(const std::filesystem::path& sys, const std::string& interface) {
  std::vector<std::uint32_t> numbers;
  const std::filesystem::path device = sys / "class/net" / interface / "device";
  for (const char* const place : {"msi_irqs", "../msi_irqs"}) {  // virtio: those of the PCI device above it
    std::error_code none;
    for (std::filesystem::directory_iterator each(device / place, none), end; !none && each != end;
         each.increment(none)) {
      const std::string name = each->path().filename();
      std::uint32_t number = 0;
      const auto [last, error] = std::from_chars(name.data(), name.data() + name.size(), number);
      if (error == std::errc() && last == name.data() + name.size()) numbers.push_back(number);
    }
    if (!numbers.empty()) break;
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

}  // namespace penstock
