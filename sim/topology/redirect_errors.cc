// Loading and reading bpf/redirect_errors.bpf.c.
#include "sim/topology/redirect_errors.h"

#include <errno.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "bpf/redirect_errors.skel.h"
#include "engine/xdp/libbpf_log.h"

namespace penstock {
namespace {

constexpr char kFix[] = "run as root, or with CAP_BPF and CAP_PERFMON";

}  // namespace

struct RedirectErrors::Loaded {
  redirect_errors* skeleton = nullptr;

  ~Loaded() { redirect_errors__destroy(skeleton); }
};

RedirectErrors::RedirectErrors(std::unique_ptr<Loaded> loaded) : loaded_(std::move(loaded)) {}
RedirectErrors::RedirectErrors(RedirectErrors&&) noexcept = default;
RedirectErrors& RedirectErrors::operator=(RedirectErrors&&) noexcept = default;
RedirectErrors::~RedirectErrors() = default;

Result<RedirectErrors> RedirectErrors::attach(std::uint32_t map_id) {
  const std::string what = "count redirect errors";
  const LibbpfLog log;
  auto loaded = std::make_unique<Loaded>();
  loaded->skeleton = redirect_errors__open();
  if (!loaded->skeleton) return fail(what + ": open: " + log.text(), errno);
  loaded->skeleton->rodata->map_id = map_id;
  if (const int error = redirect_errors__load(loaded->skeleton); error != 0) {
    return fail(what + ": load: " + log.text(), -error, kFix);
  }
  if (const int error = redirect_errors__attach(loaded->skeleton); error != 0) {
    return fail(what + ": attach to xdp_redirect_err: " + log.text(), -error, kFix);
  }
  return RedirectErrors(std::move(loaded));
}

Result<RedirectErrorCounts> RedirectErrors::read() const {
  const int map = bpf_map__fd(loaded_->skeleton->maps.by_errno);
  const std::uint32_t slots = bpf_map__max_entries(loaded_->skeleton->maps.by_errno);
  const int cpus = libbpf_num_possible_cpus();
  if (cpus < 0) return fail("count the CPUs", -cpus);
  std::vector<std::uint64_t> per_cpu(static_cast<std::size_t>(cpus));
  RedirectErrorCounts counts;
  for (std::uint32_t slot = 0; slot < slots; ++slot) {
    if (bpf_map_lookup_elem(map, &slot, per_cpu.data()) != 0) return fail("read redirect errors", errno);
    const std::uint64_t sum = std::accumulate(per_cpu.begin(), per_cpu.end(), std::uint64_t{0});
    if (sum != 0) counts[static_cast<int>(slot)] = sum;
  }
  return counts;
}

}  // namespace penstock
