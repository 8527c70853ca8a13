// Interface -> program -> its map of global variables -> the variable `engine`, by its BTF.
#include "sim/host/testing/defeated_switch.h"

#include <errno.h>
#include <sys/mman.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include <array>
#include <memory>
#include <optional>
#include <string_view>

#include "engine/base/unique_fd.h"
#include "engine/xdp/engine_clock.h"

namespace penstock::testing {
namespace {

// Where `engine` stands in the map, when the map is one of variables and has it.
std::optional<std::uint32_t> offset_of_engine(const bpf_map_info& map) {
  const std::unique_ptr<btf, void (*)(btf*)> types(btf__load_from_kernel_by_id(map.btf_id), btf__free);
  if (!types) return std::nullopt;
  const btf_type* section = btf__type_by_id(types.get(), map.btf_value_type_id);
  if (section == nullptr || !btf_is_datasec(section)) return std::nullopt;
  const btf_var_secinfo* variable = btf_var_secinfos(section);
  for (std::uint32_t i = 0; i < btf_vlen(section); ++i, ++variable) {
    const btf_type* type = btf__type_by_id(types.get(), variable->type);
    if (std::string_view(btf__name_by_offset(types.get(), type->name_off)) == "engine")
      return variable->offset;
  }
  return std::nullopt;
}

void stop_the_clocks_ahead(penstock_engine& engine) {
  EngineClock(engine.net_clock).excuse();
  EngineClock(engine.return_clock).excuse();
}

}  // namespace

Status defeat_switch(const VethTopology::End& end) {
  const std::string what = "defeat the dead-man's switch on " + end.interface;
  const Result<std::uint32_t> id = run_in(end.ns, [&]() -> Result<std::uint32_t> {
    std::uint32_t found = 0;
    if (const int error = bpf_xdp_query_id(static_cast<int>(end.index), 0, &found); error != 0)
      return fail(what + ": ask for its program", -error);
    return found;
  });
  if (!id) return tl::unexpected(id.error());
  const UniqueFd program(bpf_prog_get_fd_by_id(*id));
  std::array<std::uint32_t, 32> map_ids{};
  bpf_prog_info info{};
  info.map_ids = reinterpret_cast<std::uintptr_t>(map_ids.data());
  info.nr_map_ids = map_ids.size();
  std::uint32_t length = sizeof(info);
  if (!program || bpf_obj_get_info_by_fd(program.get(), &info, &length) != 0)
    return fail(what + ": look at its program", errno);
  for (std::uint32_t i = 0; i < info.nr_map_ids; ++i) {
    const UniqueFd map(bpf_map_get_fd_by_id(map_ids[i]));
    bpf_map_info map_info{};
    length = sizeof(map_info);
    if (!map || bpf_obj_get_info_by_fd(map.get(), &map_info, &length) != 0)
      return fail(what + ": look at its maps", errno);
    const std::optional<std::uint32_t> offset = offset_of_engine(map_info);
    if (!offset) continue;
    void* memory = mmap(nullptr, map_info.value_size, PROT_READ | PROT_WRITE, MAP_SHARED, map.get(), 0);
    if (memory == MAP_FAILED) return fail(what + ": map its memory", errno);
    stop_the_clocks_ahead(*reinterpret_cast<penstock_engine*>(static_cast<std::byte*>(memory) + *offset));
    munmap(memory, map_info.value_size);
    return {};
  }
  return fail(what + ": its program has no variable `engine`");
}

}  // namespace penstock::testing
