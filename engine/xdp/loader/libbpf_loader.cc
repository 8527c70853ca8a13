// libbpf opens, relocates and loads; then its descriptors are duplicated and its object is closed.
#include "engine/xdp/loader/libbpf_loader.h"

#include <errno.h>
#include <fcntl.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include <memory>
#include <utility>

#include <fmt/format.h>

#include "engine/xdp/libbpf_log.h"

namespace penstock {
namespace {

struct CloseObject {
  void operator()(bpf_object* object) const { bpf_object__close(object); }
};
using Object = std::unique_ptr<bpf_object, CloseObject>;

tl::unexpected<Error> refused(const LibbpfLog& log, int code) {
  return fail("load the XDP program" + (log.text().empty() ? "" : " (" + log.text() + ")"), code,
              advice_on_loading(code));
}

// As declared in the source: libbpf puts the object's name in front of the section's.
std::string name_of(const bpf_map* map) {
  const std::string name = bpf_map__name(map);
  return bpf_map__is_internal(map) ? name.substr(name.find('.')) : name;
}

bool is_frozen(const bpf_map* map) {
  return (bpf_map__map_flags(map) & BPF_F_RDONLY_PROG) != 0;
}

Status add(std::string name, int fd, std::vector<LoadedObject::Named>& to) {
  UniqueFd own(fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (!own) return fail(fmt::format("duplicate the descriptor of '{}'", name), errno);
  to.push_back({std::move(name), std::move(own)});
  return {};
}

Status reuse_maps(bpf_object* object, const LoadedObject& keep) {
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    const MapShape shape{bpf_map__type(map), bpf_map__key_size(map), bpf_map__value_size(map),
                         bpf_map__max_entries(map)};
    const Result<UniqueFd> kept = keep_map(keep, name_of(map), shape);
    if (!kept) return tl::unexpected(kept.error());
    if (const int code = -bpf_map__reuse_fd(map, kept->get()); code != 0)  // duplicates it
      return fail(fmt::format("keep the map '{}'", name_of(map)), code);
  }
  return {};
}

void add_variables(const btf* types, const std::string& section, std::span<std::byte> memory,
                   std::vector<LoadedObject::Variable>& variables) {
  const int number = btf__find_by_name_kind(types, section.c_str(), BTF_KIND_DATASEC);
  if (number < 0) return;
  const btf_type* const type = btf__type_by_id(types, static_cast<std::uint32_t>(number));
  const btf_var_secinfo* const all = btf_var_secinfos(type);
  for (std::uint32_t i = 0; i < btf_vlen(type); ++i) {
    const btf_type* const variable = btf__type_by_id(types, all[i].type);
    variables.push_back(
        {btf__name_by_offset(types, variable->name_off), memory.subspan(all[i].offset, all[i].size)});
  }
}

Status take_maps(bpf_object* object, LoadedObject& loaded) {
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    const std::string name = name_of(map);
    if (Status s = add(name, bpf_map__fd(map), loaded.maps); !s) return s;
    if (!bpf_map__is_internal(map)) continue;
    Result<MappedGlobals> globals =
        MappedGlobals::map(name, loaded.maps.back().fd.get(), bpf_map__value_size(map), is_frozen(map));
    if (!globals) return tl::unexpected(globals.error());
    add_variables(bpf_object__btf(object), name, globals->memory(), loaded.variables);
    loaded.globals.push_back(std::move(*globals));
  }
  return {};
}

}  // namespace

Result<LoadedObject> load_with_libbpf(const ObjectFile& file, const LoadedObject* keep) {
  const LibbpfLog log;
  LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = file.name.c_str());
  const Object object(bpf_object__open_mem(file.bytes.data(), file.bytes.size(), &options));
  if (object == nullptr) return refused(log, errno);
  if (keep != nullptr) {
    if (Status s = reuse_maps(object.get(), *keep); !s) return tl::unexpected(s.error());
  }
  if (const int code = -bpf_object__load(object.get()); code != 0) return refused(log, code);

  LoadedObject loaded;
  if (Status s = take_maps(object.get(), loaded); !s) return tl::unexpected(s.error());
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object.get()) {
    if (Status s = add(bpf_program__name(program), bpf_program__fd(program), loaded.programs); !s)
      return tl::unexpected(s.error());
  }
  return loaded;
}

}  // namespace penstock
