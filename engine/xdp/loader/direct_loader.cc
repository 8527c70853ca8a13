// Types, then maps, then programs, each by one system call.
#include "engine/xdp/loader/direct_loader.h"

#include <errno.h>
#include <linux/bpf.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "engine/xdp/loader/bpf_call.h"
#include "engine/xdp/loader/linked_object.h"

namespace penstock {
namespace {

tl::unexpected<Error> refused(std::string what, int code) {
  return fail(std::move(what), code, advice_on_loading(code));
}

// The kernel's names have 15 bytes and end with NUL.
void copy_name(std::string_view name, char (&to)[BPF_OBJ_NAME_LEN]) {
  std::memcpy(to, name.data(), std::min<std::size_t>(name.size(), BPF_OBJ_NAME_LEN - 1));
}

// Of globals as libbpf has it: at most 8 letters of the object's name before the section's.
std::string kernel_name(const MapDefinition& map, const std::string& object) {
  if (!map.globals) return map.name;
  const std::size_t room = BPF_OBJ_NAME_LEN - 1 - std::min<std::size_t>(map.name.size(), 14);
  return object.substr(0, std::min<std::size_t>(room, 8)) + map.name;
}

Result<UniqueFd> load_types(const std::vector<std::byte>& types) {
  bpf_attr attr{};
  attr.btf = address_of(types.data());
  attr.btf_size = static_cast<std::uint32_t>(types.size());
  const int fd = bpf_call(BPF_BTF_LOAD, attr);
  if (fd < 0) return refused("load the types of the BPF object", -fd);
  return UniqueFd(fd);
}

Status fill_globals(int fd, const MapDefinition& map) {
  if (!map.contents.empty()) {
    const std::uint32_t zero = 0;
    bpf_attr attr{};
    attr.map_fd = static_cast<std::uint32_t>(fd);
    attr.key = address_of(&zero);
    attr.value = address_of(map.contents.data());
    if (const int code = -bpf_call(BPF_MAP_UPDATE_ELEM, attr); code > 0)
      return fail(fmt::format("fill the section {} of the BPF object", map.name), code);
  }
  if (!map.frozen) return {};
  bpf_attr attr{};
  attr.map_fd = static_cast<std::uint32_t>(fd);
  if (const int code = -bpf_call(BPF_MAP_FREEZE, attr); code > 0)
    return fail(fmt::format("freeze the section {} of the BPF object", map.name), code);
  return {};
}

Result<UniqueFd> create_map(const MapDefinition& map, const std::string& object, int types) {
  bpf_attr attr{};
  attr.map_type = map.type;
  attr.key_size = map.key_bytes;
  attr.value_size = map.value_bytes;
  attr.max_entries = map.entries;
  attr.map_flags = map.flags;
  if (map.value_type != 0) {
    attr.btf_fd = static_cast<std::uint32_t>(types);
    attr.btf_key_type_id = map.key_type;
    attr.btf_value_type_id = map.value_type;
  }
  copy_name(kernel_name(map, object), attr.map_name);
  UniqueFd fd(bpf_call(BPF_MAP_CREATE, attr));
  if (!fd) return refused(fmt::format("create the BPF map '{}'", map.name), -fd.get());
  if (map.globals) {
    if (Status s = fill_globals(fd.get(), map); !s) return tl::unexpected(s.error());
  }
  return fd;
}

constexpr std::size_t kShownLog = 4000;
constexpr std::size_t kLeastLog = 64 << 10;
constexpr std::size_t kMostLog = 16 << 20;  // the kernel's limit before Linux 6.4 is 16 MiB less 1
constexpr int kMostTries = 5;               // the verifier gives up with EAGAIN when a signal is pending

int load_once(bpf_attr& attr) {
  int fd = -EAGAIN;
  for (int i = 0; i < kMostTries && fd == -EAGAIN; ++i)
    fd = bpf_call(BPF_PROG_LOAD, attr);
  return fd;
}

// The end of the verifier's log, which says why; empty when it says nothing.
std::string log_of_refusal(bpf_attr attr) {
  std::string log;
  for (std::size_t bytes = kLeastLog; bytes <= kMostLog; bytes *= 4) {
    log.assign(bytes, '\0');
    attr.log_level = 1;
    attr.log_buf = address_of(log.data());
    attr.log_size = static_cast<std::uint32_t>(bytes - 1);
    const UniqueFd unexpected(load_once(attr));
    if (unexpected.get() != -ENOSPC) break;
  }
  log.resize(std::strlen(log.c_str()));
  while (log.ends_with('\n'))
    log.pop_back();
  return log.size() <= kShownLog ? log : "..." + log.substr(log.size() - kShownLog);
}

Result<UniqueFd> load_program(LinkedProgram program, const std::string& license, int types,
                              const std::vector<LoadedObject::Named>& maps) {
  for (const LinkedProgram::MapReference& reference : program.references)
    program.instructions[reference.instruction].imm = maps[reference.map].fd.get();
  bpf_attr attr{};
  attr.prog_type = BPF_PROG_TYPE_XDP;
  attr.expected_attach_type = BPF_XDP;
  attr.insns = address_of(program.instructions.data());
  attr.insn_cnt = static_cast<std::uint32_t>(program.instructions.size());
  attr.license = address_of(license.c_str());
  copy_name(program.name, attr.prog_name);
  attr.prog_btf_fd = static_cast<std::uint32_t>(types);
  attr.func_info_rec_size = sizeof(bpf_func_info);
  attr.func_info = address_of(program.functions.data());
  attr.func_info_cnt = static_cast<std::uint32_t>(program.functions.size());
  attr.line_info_rec_size = sizeof(bpf_line_info);
  attr.line_info = address_of(program.lines.data());
  attr.line_info_cnt = static_cast<std::uint32_t>(program.lines.size());

  const int fd = load_once(attr);
  if (fd >= 0) return UniqueFd(fd);
  const std::string log = fd == -EPERM ? "" : log_of_refusal(attr);
  return refused(
      fmt::format("load the XDP program '{}'{}", program.name, log.empty() ? "" : " (" + log + ")"), -fd);
}

Status add_maps(const ObjectFile& file, const LinkedObject& linked, int types, const LoadedObject* keep,
                LoadedObject& loaded) {
  for (const MapDefinition& map : linked.maps) {
    const MapShape shape{map.type, map.key_bytes, map.value_bytes, map.entries};
    Result<UniqueFd> fd =
        keep != nullptr ? keep_map(*keep, map.name, shape) : create_map(map, file.name, types);
    if (!fd) return tl::unexpected(fd.error());
    loaded.maps.push_back({map.name, std::move(*fd)});
  }
  return {};
}

Status map_variables(const LinkedObject& linked, LoadedObject& loaded) {
  for (std::uint32_t i = 0; i < linked.maps.size(); ++i) {
    if (!linked.maps[i].globals) continue;
    Result<MappedGlobals> globals = MappedGlobals::map(loaded.maps[i].name, loaded.maps[i].fd.get(),
                                                       linked.maps[i].value_bytes, linked.maps[i].frozen);
    if (!globals) return tl::unexpected(globals.error());
    for (const LinkedObject::Variable& variable : linked.variables) {
      if (variable.map == i)
        loaded.variables.push_back(
            {variable.name, globals->memory().subspan(variable.offset, variable.bytes)});
    }
    loaded.globals.push_back(std::move(*globals));
  }
  return {};
}

}  // namespace

Result<LoadedObject> load_directly(const ObjectFile& file, const LoadedObject* keep) {
  Result<LinkedObject> linked = link_object(file.bytes);
  if (!linked) return tl::unexpected(linked.error());
  const Result<UniqueFd> types = load_types(linked->types);
  if (!types) return tl::unexpected(types.error());

  LoadedObject loaded;
  if (Status s = add_maps(file, *linked, types->get(), keep, loaded); !s) return tl::unexpected(s.error());
  for (LinkedProgram& program : linked->programs) {
    std::string name = program.name;
    Result<UniqueFd> fd = load_program(std::move(program), linked->license, types->get(), loaded.maps);
    if (!fd) return tl::unexpected(fd.error());
    loaded.programs.push_back({std::move(name), std::move(*fd)});
  }
  if (Status s = map_variables(*linked, loaded); !s) return tl::unexpected(s.error());
  return loaded;
}

}  // namespace penstock
