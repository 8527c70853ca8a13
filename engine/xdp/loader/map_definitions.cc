// A declared map is a struct whose members are pointers: __type(key, T) is `T *key`, and
// __uint(max_entries, N) is `int (*max_entries)[N]` (bpf_helpers.h).
#include "engine/xdp/loader/map_definitions.h"

#include <linux/bpf.h>

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace penstock {
namespace {

using Type = BtfTypes::Type;

tl::unexpected<Error> malformed(std::string_view map, std::string_view what) {
  return fail(fmt::format("read the BPF object: map '{}': {}", map, what));
}

std::optional<std::uint32_t> pointee(const BtfTypes& types, std::uint32_t number) {
  const std::optional<Type> type = types.resolved(number);
  if (!type || type->kind() != BTF_KIND_PTR) return std::nullopt;
  return type->head.type;
}

Status read_type(const BtfTypes& types, const MapDefinition& map, std::uint32_t member, std::uint32_t& number,
                 std::uint32_t& bytes) {
  const auto pointed = pointee(types, member);
  const auto size = pointed ? types.size_of(*pointed) : std::nullopt;
  if (!size || *size == 0 || *size > UINT32_MAX) return malformed(map.name, "a key or value without a size");
  number = *pointed;
  bytes = static_cast<std::uint32_t>(*size);
  return {};
}

Status read_number(const BtfTypes& types, const MapDefinition& map, std::uint32_t member,
                   std::uint32_t& number) {
  const auto pointed = pointee(types, member);
  const auto array = pointed ? types.resolved(*pointed) : std::nullopt;
  if (!array || array->kind() != BTF_KIND_ARRAY) return malformed(map.name, "an attribute is no number");
  number = types.detail<btf_array>(*array).nelems;
  return {};
}

Status read_attribute(const BtfTypes& types, const btf_member& member, MapDefinition& map) {
  const std::string_view name = types.name(member.name_off);
  if (name == "key") return read_type(types, map, member.type, map.key_type, map.key_bytes);
  if (name == "value") return read_type(types, map, member.type, map.value_type, map.value_bytes);
  if (name == "type") return read_number(types, map, member.type, map.type);
  if (name == "max_entries") return read_number(types, map, member.type, map.entries);
  if (name == "map_flags") return read_number(types, map, member.type, map.flags);
  if (name == "key_size") return read_number(types, map, member.type, map.key_bytes);
  if (name == "value_size") return read_number(types, map, member.type, map.value_bytes);
  return malformed(map.name, fmt::format("attribute '{}' is not known to the direct loader", name));
}

Result<MapDefinition> read_declared(const ElfObject& object, const BtfTypes& types,
                                    const ElfObject::Section& section, std::uint32_t variable) {
  const std::optional<Type> declared = types.type(variable);
  MapDefinition map{.name = "of section .maps", .section = object.index_of(section)};
  if (!declared || declared->kind() != BTF_KIND_VAR) return malformed(map.name, "is no variable");
  map.name = types.name(declared->head.name_off);
  const ElfObject::Symbol* const symbol = object.find_symbol(map.name, map.section);
  if (symbol == nullptr) return malformed(map.name, "is not among the symbols");
  map.offset = symbol->value;
  const std::optional<Type> body = types.resolved(declared->head.type);
  if (!body || body->kind() != BTF_KIND_STRUCT) return malformed(map.name, "is declared by no struct");
  for (std::uint32_t i = 0; i < body->count(); ++i) {
    if (Status s = read_attribute(types, types.detail<btf_member>(*body, i), map); !s)
      return tl::unexpected(s.error());
  }
  // These hold descriptors or nothing, which have no types.
  if (map.type == BPF_MAP_TYPE_XSKMAP || map.type == BPF_MAP_TYPE_DEVMAP || map.type == BPF_MAP_TYPE_CPUMAP ||
      map.type == BPF_MAP_TYPE_PROG_ARRAY)
    map.key_type = map.value_type = 0;
  return map;
}

bool is_of(std::string_view name, std::string_view family) {
  return name == family || (name.starts_with(family) && name[family.size()] == '.');
}

Result<MapDefinition> globals_of(const ElfObject& object, const BtfTypes& types,
                                 const ElfObject::Section& section) {
  if (section.size > kMostGlobalBytes) return malformed(section.name, "more global variables than 16 MiB");
  MapDefinition map{.name = std::string(section.name),
                    .section = object.index_of(section),
                    .type = BPF_MAP_TYPE_ARRAY,
                    .key_bytes = sizeof(std::uint32_t),
                    .value_bytes = static_cast<std::uint32_t>(section.size),
                    .entries = 1,
                    .flags = BPF_F_MMAPABLE,
                    .value_type = types.find(section.name, BTF_KIND_DATASEC),
                    .globals = true,
                    .contents = {section.bytes.begin(), section.bytes.end()}};
  if (is_of(section.name, ".rodata")) {
    map.frozen = true;
    map.flags |= BPF_F_RDONLY_PROG;
  }
  return map;
}

}  // namespace

Result<std::vector<MapDefinition>> read_map_definitions(const ElfObject& object, const BtfTypes& types) {
  std::vector<MapDefinition> maps;
  const ElfObject::Section* const section = object.find(".maps");
  const std::optional<Type> declared = types.type(types.find(".maps", BTF_KIND_DATASEC));
  if (section != nullptr && declared) {
    for (std::uint32_t i = 0; i < declared->count(); ++i) {
      const auto variable = types.detail<btf_var_secinfo>(*declared, i).type;
      Result<MapDefinition> map = read_declared(object, types, *section, variable);
      if (!map) return tl::unexpected(map.error());
      maps.push_back(std::move(*map));
    }
  }
  std::sort(maps.begin(), maps.end(), [](const auto& a, const auto& b) { return a.offset < b.offset; });

  for (const ElfObject::Section& one : object.sections()) {
    const bool wanted = is_of(one.name, ".bss") || is_of(one.name, ".data") || is_of(one.name, ".rodata");
    if (!wanted || one.size == 0 || (one.type != SHT_PROGBITS && one.type != SHT_NOBITS)) continue;
    Result<MapDefinition> map = globals_of(object, types, one);
    if (!map) return tl::unexpected(map.error());
    maps.push_back(std::move(*map));
  }
  return maps;
}

}  // namespace penstock
