// Look-ups by name, and the mapping.
#include "engine/xdp/loader/loaded_object.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sys/mman.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/xdp/loader/bpf_call.h"

namespace penstock {

const char* advice_on_loading(int code) {
  if (code != EPERM && code != EACCES) return "";
  return "run as root, or grant CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON (before Linux 5.11 also a large "
         "RLIMIT_MEMLOCK)";
}

Result<MappedGlobals> MappedGlobals::map(std::string name, int fd, std::size_t bytes, bool frozen) {
  const int protection = frozen ? PROT_READ : PROT_READ | PROT_WRITE;
  void* const memory = mmap(nullptr, bytes, protection, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) return fail("map the XDP program's global variables", errno);
  return MappedGlobals(std::move(name), {static_cast<std::byte*>(memory), bytes}, frozen);
}

MappedGlobals::MappedGlobals(MappedGlobals&& other) noexcept
    : name_(std::move(other.name_)), memory_(std::exchange(other.memory_, {})), frozen_(other.frozen_) {}

MappedGlobals& MappedGlobals::operator=(MappedGlobals&& other) noexcept {
  std::swap(name_, other.name_);
  std::swap(memory_, other.memory_);
  std::swap(frozen_, other.frozen_);
  return *this;
}

MappedGlobals::~MappedGlobals() {
  if (!memory_.empty()) munmap(memory_.data(), memory_.size());
}

Result<int> LoadedObject::find(const std::vector<Named>& all, std::string_view name, std::string_view what) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const Named& one) { return one.name == name; });
  if (found == all.end()) return fail(fmt::format("the BPF object has no {} '{}'", what, name));
  return found->fd.get();
}

Result<std::byte*> LoadedObject::find_variable(std::string_view name, std::size_t bytes) const {
  const auto found =
      std::find_if(variables.begin(), variables.end(), [&](const Variable& one) { return one.name == name; });
  if (found == variables.end()) return fail(fmt::format("the BPF object has no variable '{}'", name));
  if (found->memory.size() != bytes) {
    return fail(fmt::format("the BPF object's variable '{}' has {} bytes, not {}", name, found->memory.size(),
                            bytes));
  }
  return found->memory.data();
}

Result<UniqueFd> keep_map(const LoadedObject& keep, std::string_view name, const MapShape& shape) {
  const Result<int> kept = keep.map(name);
  if (!kept) return tl::unexpected(kept.error());
  bpf_map_info info{};
  bpf_attr attr{};
  attr.info.bpf_fd = static_cast<std::uint32_t>(*kept);
  attr.info.info_len = sizeof(info);
  attr.info.info = address_of(&info);
  if (const int code = -bpf_call(BPF_OBJ_GET_INFO_BY_FD, attr); code > 0)
    return fail(fmt::format("look at the map '{}'", name), code);
  if (MapShape{info.type, info.key_size, info.value_size, info.max_entries} != shape)
    return fail(fmt::format("keep the map '{}': the new program wants another type or size", name), EINVAL,
                "restart the engine");
  UniqueFd own(fcntl(*kept, F_DUPFD_CLOEXEC, 0));
  if (!own) return fail(fmt::format("duplicate the descriptor of the map '{}'", name), errno);
  return own;
}

}  // namespace penstock
