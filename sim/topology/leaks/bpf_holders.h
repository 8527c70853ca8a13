// Who keeps a BPF object alive, as far as this process can see: descriptors of processes (/proc/PID/fdinfo),
// and pins in the bpffs mounts of its mount namespace; and what such an object keeps in its turn (a link its
// program, a program its maps).
//
// The kernel's lists of BPF objects are the whole machine's, /proc is the PID namespace's: an object that is
// there and that nobody in sight holds is another run's, or is being freed. What else can hold one is a
// program attached to an interface by netlink, which lives as long as the interface's network namespace.
//
// Thread safety: pure but for /proc. Needs CAP_SYS_ADMIN. A process that ends meanwhile is left out.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace penstock {

enum class BpfKind : std::uint8_t { kProgram, kMap, kLink };

constexpr std::string_view name_of(BpfKind kind) {
  constexpr std::string_view kNames[] = {"program", "map", "link"};
  return kNames[static_cast<std::size_t>(kind)];
}

using BpfObject = std::pair<BpfKind, std::uint32_t>;  // with its id

std::set<BpfObject> held_bpf_objects();

// "bpf link 12": what the names of KernelObjects begin with.
std::string name_of(const BpfObject& object);

}  // namespace penstock
