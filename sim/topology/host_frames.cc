// Loading and reading bpf/host_frames.bpf.c.
#include "sim/topology/host_frames.h"

#include <errno.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "bpf/host_frames.skel.h"
#include "engine/xdp/libbpf_log.h"
#include "sim/topology/generator_mark.h"

namespace penstock {
namespace {

constexpr char kFix[] = "run as root, or with CAP_BPF and CAP_NET_ADMIN";

// In the namespace of the interface.
Result<UniqueFd> attach_to_egress(int program, const LinkedHosts::Device& device) {
  LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = static_cast<int>(device.index), .attach_point = BPF_TC_EGRESS);
  if (const int error = bpf_tc_hook_create(&hook); error != 0)
    return fail("put clsact on " + device.interface, -error,
                "the kernel needs CONFIG_NET_SCH_INGRESS and CONFIG_NET_CLS_BPF");
  LIBBPF_OPTS(bpf_tc_opts, options, .prog_fd = program);
  if (const int error = bpf_tc_attach(&hook, &options); error != 0)
    return fail("attach to the egress of " + device.interface, -error, kFix);
  return UniqueFd();
}

// BPF_TCX_EGRESS of linux/bpf.h since 6.6, which Debian 12's headers have not.
constexpr auto kTcxEgress = static_cast<bpf_attach_type>(47);

Result<UniqueFd> link_to_egress(int program, const LinkedHosts::Device& device) {
  UniqueFd link(bpf_link_create(program, static_cast<int>(device.index), kTcxEgress, nullptr));
  if (link) return link;
  const int code = errno == EINVAL ? EOPNOTSUPP : errno;
  return fail("link a program to the egress of " + device.interface, code, "Linux 6.6 has it; run as root");
}

}  // namespace

struct HostFrames::Loaded {
  host_frames* skeleton = nullptr;
  UniqueFd link{};  // none: it goes with the interface's clsact

  ~Loaded() { host_frames__destroy(skeleton); }
};

HostFrames::HostFrames(std::unique_ptr<Loaded> loaded) : loaded_(std::move(loaded)) {}
HostFrames::HostFrames(HostFrames&&) noexcept = default;
HostFrames& HostFrames::operator=(HostFrames&&) noexcept = default;
HostFrames::~HostFrames() = default;

Result<HostFrames> HostFrames::attach(const NetNamespace& ns, const LinkedHosts::Device& device) {
  return load_and_attach(ns, device, attach_to_egress);
}

Result<HostFrames> HostFrames::attach_while_alive(const NetNamespace& ns, const LinkedHosts::Device& device) {
  return load_and_attach(ns, device, link_to_egress);
}

Result<HostFrames> HostFrames::load_and_attach(const NetNamespace& ns, const LinkedHosts::Device& device,
                                               Attach attach) {
  const std::string what = "count the host's own frames";
  const LibbpfLog log;
  auto loaded = std::make_unique<Loaded>();
  loaded->skeleton = host_frames__open();
  if (!loaded->skeleton) return fail(what + ": open: " + log.text(), errno);
  loaded->skeleton->rodata->generator_mark = kGeneratorMark;
  if (const int error = host_frames__load(loaded->skeleton); error != 0)
    return fail(what + ": load: " + log.text(), -error, kFix);
  const int program = bpf_program__fd(loaded->skeleton->progs.count_host_frame);
  Result<UniqueFd> attached = run_in(ns, [&] { return attach(program, device); });
  if (!attached) return fail(what, attached.error());
  loaded->link = std::move(*attached);
  return HostFrames(std::move(loaded));
}

Result<std::uint64_t> HostFrames::read() const {
  const int cpus = libbpf_num_possible_cpus();
  if (cpus < 0) return fail("count the CPUs", -cpus);
  std::vector<std::uint64_t> per_cpu(static_cast<std::size_t>(cpus));
  const std::uint32_t zero = 0;
  if (bpf_map_lookup_elem(bpf_map__fd(loaded_->skeleton->maps.frames), &zero, per_cpu.data()) != 0)
    return fail("read the count of the host's own frames", errno);
  return std::accumulate(per_cpu.begin(), per_cpu.end(), std::uint64_t{0});
}

}  // namespace penstock
