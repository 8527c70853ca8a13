// /proc/PID/fdinfo and bpffs.
#include "sim/topology/leaks/bpf_holders.h"

#include <bpf/bpf.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <vector>

#include <fmt/format.h>

#include "engine/base/unique_fd.h"
#include "sim/topology/leaks/entries_of.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

using Objects = std::set<BpfObject>;

struct Field {
  std::string_view name;
  BpfKind kind;
};

// Of fdinfo: bpf_prog_show_fdinfo(), bpf_map_show_fdinfo() and bpf_link_show_fdinfo() of
// kernel/bpf/syscall.c.
constexpr std::array<Field, 3> kFields = {
    {{"prog_id:\t", BpfKind::kProgram}, {"map_id:\t", BpfKind::kMap}, {"link_id:\t", BpfKind::kLink}}};

void add_from_fdinfo(const fs::path& file, Objects& objects) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    for (const Field& field : kFields) {
      if (!line.starts_with(field.name)) continue;
      std::uint32_t id = 0;
      std::from_chars(line.data() + field.name.size(), line.data() + line.size(), id);
      objects.emplace(field.kind, id);
    }
  }
}

void add_descriptors(Objects& objects) {
  for (const fs::directory_entry& process : entries_of("/proc")) {
    if (process.path().filename().string().find_first_not_of("0123456789") != std::string::npos) continue;
    for (const fs::directory_entry& file : entries_of(process.path() / "fdinfo"))
      add_from_fdinfo(file.path(), objects);
  }
}

void add_pins(const fs::path& folder, Objects& objects) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : entries_of(folder)) {
    if (entry.is_directory(ignored)) {
      add_pins(entry.path(), objects);
    } else if (const UniqueFd pinned(bpf_obj_get(entry.path().c_str())); pinned) {
      add_from_fdinfo(fmt::format("/proc/self/fdinfo/{}", pinned.get()), objects);
    }
  }
}

void add_every_pin(Objects& objects) {
  std::ifstream mounts("/proc/self/mounts");
  for (std::string device, folder, type, rest; mounts >> device >> folder >> type;) {
    std::getline(mounts, rest);
    if (type == "bpf") add_pins(folder, objects);
  }
}

void add_maps_of_programs(Objects& objects) {
  for (const BpfObject& object : Objects(objects)) {
    if (object.first != BpfKind::kProgram) continue;
    const UniqueFd program(bpf_prog_get_fd_by_id(object.second));
    if (!program) continue;
    std::array<std::uint32_t, 64> maps{};  // BPF_MAX_USED_MAPS
    bpf_prog_info info{};
    info.nr_map_ids = maps.size();
    info.map_ids = reinterpret_cast<__u64>(maps.data());
    __u32 length = sizeof(info);
    if (bpf_obj_get_info_by_fd(program.get(), &info, &length) != 0) continue;
    for (std::size_t i = 0; i < std::min<std::size_t>(info.nr_map_ids, maps.size()); ++i)
      objects.emplace(BpfKind::kMap, maps[i]);
  }
}

}  // namespace

std::string name_of(const BpfObject& object) {
  return fmt::format("bpf {} {}", name_of(object.first), object.second);
}

std::set<BpfObject> held_bpf_objects() {
  Objects objects;
  add_descriptors(objects);
  add_every_pin(objects);
  add_maps_of_programs(objects);
  return objects;
}

}  // namespace penstock
