// The receiver's program: what its object holds, by name, and what the engine does with it.
#include "engine/xdp/receiver_program.h"

#include <errno.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <numeric>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/base/unique_fd.h"

namespace penstock {
namespace {

// Programs of bpf/receiver.bpf.c.
constexpr const char* kFilterByPort = "filter_by_port";
constexpr const char* kFilterByPortHash = "filter_by_port_hash";
constexpr const char* kTakeAll = "take_all";

}  // namespace

struct ReceiverProgram::Loaded {
  Privileges* privileges = nullptr;
  LoadedObject object;
  // Out of the object, which owns them.
  int ports_array = -1, ports_hash = -1, address_hash = -1, sockets = -1, counts = -1;
  penstock_policy* policy = nullptr;
  penstock_engine* engine = nullptr;

  PortMap port_map = PortMap::kArray;
  std::vector<std::uint16_t> ports;         // listed in the port filter now
  std::vector<penstock_address> addresses;  // listed in the address hash now
  UniqueFd link;
  int attached = -1;  // the program behind the link, of the object
  std::size_t cpus = 0;

  Status find_parts() {
    for (const auto& [map, name] : {std::pair{&ports_array, "ports"}, std::pair{&ports_hash, "ports_hash"},
                                    std::pair{&address_hash, "addresses"}, std::pair{&sockets, "sockets"},
                                    std::pair{&counts, "counts"}}) {
      const Result<int> found = object.map(name);
      if (!found) return tl::unexpected(found.error());
      *map = *found;
    }
    for (const char* name : {kFilterByPort, kFilterByPortHash, kTakeAll}) {
      if (const Result<int> found = object.program(name); !found) return tl::unexpected(found.error());
    }
    const Result<penstock_policy*> found_policy = object.variable<penstock_policy>("policy");
    if (!found_policy) return tl::unexpected(found_policy.error());
    const Result<penstock_engine*> found_engine = object.variable<penstock_engine>("engine");
    if (!found_engine) return tl::unexpected(found_engine.error());
    policy = *found_policy;
    engine = *found_engine;
    return {};
  }

  int program_of(Filter filter, const LoadedObject& from) const {
    if (filter == Filter::kUserspace) return *from.program(kTakeAll);
    return *from.program(port_map == PortMap::kArray ? kFilterByPort : kFilterByPortHash);
  }

  // Action 0 takes the port off the list.
  Status set_port(std::uint16_t port, std::uint8_t action) const {
    int code = 0;
    if (port_map == PortMap::kArray) {
      const std::uint32_t index = port;
      code = bpf_map_update_elem(ports_array, &index, &action, BPF_ANY);
    } else if (action != 0) {
      code = bpf_map_update_elem(ports_hash, &port, &action, BPF_ANY);
    } else {
      code = bpf_map_delete_elem(ports_hash, &port);
    }
    if (code == 0) return {};
    return fail(fmt::format("write port {} of the port filter", port), errno);
  }

  Status set_address(const penstock_address& address, bool listed) const {
    const int map = address_hash;
    const std::uint8_t one = 1;
    const int code =
        listed ? bpf_map_update_elem(map, &address, &one, BPF_ANY) : bpf_map_delete_elem(map, &address);
    if (code == 0) return {};
    return fail("write the addresses of the XDP program", errno);
  }

  Loaded() = default;
  Loaded(const Loaded&) = delete;
  Loaded& operator=(const Loaded&) = delete;
  ~Loaded() { link.reset(); }  // first: no frame may run into maps that are going away
};

ReceiverProgram::ReceiverProgram(std::unique_ptr<Loaded> loaded) : loaded_(std::move(loaded)) {}
ReceiverProgram::ReceiverProgram(ReceiverProgram&&) noexcept = default;
ReceiverProgram& ReceiverProgram::operator=(ReceiverProgram&&) noexcept = default;
ReceiverProgram::~ReceiverProgram() = default;

Result<ReceiverProgram> ReceiverProgram::load(const Classifier& classifier, PortMap port_map, Loader loader,
                                              Privileges* privileges) {
  Result<LoadedObject> object = privileges->load_receiver(loader, nullptr);
  if (!object) return tl::unexpected(object.error());
  auto loaded = std::make_unique<Loaded>();
  loaded->privileges = privileges;
  loaded->port_map = port_map;
  loaded->object = std::move(*object);
  if (Status s = loaded->find_parts(); !s) return tl::unexpected(s.error());
  // Once: it reads a file of /sys, which is closed to a tile (engine/confine).
  const int cpus = libbpf_num_possible_cpus();
  if (cpus < 0) return fail("count the CPUs", -cpus);
  loaded->cpus = static_cast<std::size_t>(cpus);
  ReceiverProgram program(std::move(loaded));
  program.return_clock().excuse();
  if (Status s = program.set_policy(classifier); !s) return tl::unexpected(s.error());
  return program;
}

Status ReceiverProgram::set_policy(const Classifier& classifier) {
  for (const std::uint16_t port : classifier.ports()) {
    if (Status s = loaded_->set_port(port, classifier.action(port)); !s) return s;
  }
  const std::span<const penstock_address> addresses = classifier.listed_addresses();
  for (const penstock_address& address : addresses) {
    if (Status s = loaded_->set_address(address, true); !s) return s;
  }
  *loaded_->policy = classifier.policy();

  for (const std::uint16_t port : loaded_->ports) {
    if (classifier.action(port) != 0) continue;
    if (Status s = loaded_->set_port(port, 0); !s) return s;
  }
  for (const penstock_address& address : loaded_->addresses) {
    const auto same = [&](const penstock_address& a) {
      return penstock_compare_addresses(&a, &address) == 0;
    };
    if (std::any_of(addresses.begin(), addresses.end(), same)) continue;
    if (Status s = loaded_->set_address(address, false); !s) return s;
  }
  loaded_->ports = classifier.ports();
  loaded_->addresses.assign(addresses.begin(), addresses.end());
  return {};
}

void ReceiverProgram::set_scope(TakeScope scope) {
  std::atomic_ref(loaded_->engine->scope)
      .store(scope == TakeScope::kUdp ? PENSTOCK_SCOPE_UDP : PENSTOCK_SCOPE_ALL, std::memory_order_relaxed);
}

EngineClock ReceiverProgram::net_clock() {
  return EngineClock(loaded_->engine->net_clock);
}

EngineClock ReceiverProgram::return_clock() {
  return EngineClock(loaded_->engine->return_clock);
}

Status ReceiverProgram::set_socket(std::uint32_t queue, int xsk_fd) {
  if (bpf_map_update_elem(loaded_->sockets, &queue, &xsk_fd, BPF_ANY) == 0) return {};
  return fail(fmt::format("put the socket of queue {} into the XSKMAP", queue), errno);
}

Status ReceiverProgram::clear_socket(std::uint32_t queue) {
  if (bpf_map_delete_elem(loaded_->sockets, &queue) == 0) return {};
  return fail(fmt::format("take the socket of queue {} out of the XSKMAP", queue), errno);
}

Status ReceiverProgram::attach(Filter filter, const std::string& interface, unsigned interface_index,
                               AttachMode mode) {
  const XdpPlace place{
      .interface = interface, .interface_index = interface_index, .mode = mode, .filter = filter};
  const int program = program_fd(filter);
  Result<UniqueFd> link = loaded_->privileges->attach(program, place);
  if (!link) return tl::unexpected(link.error());
  loaded_->link = std::move(*link);
  loaded_->attached = program;
  return {};
}

void ReceiverProgram::detach() {
  loaded_->link.reset();
  loaded_->attached = -1;
}

Status ReceiverProgram::replace(Filter filter, Loader loader) {
  Result<LoadedObject> fresh = load_again(loader);
  return fresh ? swap(filter, std::move(*fresh)) : tl::unexpected(fresh.error());
}

Result<LoadedObject> ReceiverProgram::load_again(Loader loader) const {
  Result<LoadedObject> fresh = loaded_->privileges->load_receiver(loader, &loaded_->object);
  if (!fresh) return fail("replace the XDP program", fresh.error());
  return fresh;
}

Status ReceiverProgram::swap(Filter filter, LoadedObject fresh) {
  PENSTOCK_CHECK(loaded_->link);
  const int program = loaded_->program_of(filter, fresh);
  if (Status s = loaded_->privileges->replace(loaded_->link.get(), loaded_->attached, program); !s) return s;
  loaded_->attached = program;
  loaded_->object.programs = std::move(fresh.programs);
  return {};
}

Result<std::uint32_t> ReceiverProgram::attached_id() const {
  bpf_prog_info info{};
  __u32 length = sizeof(info);
  if (bpf_obj_get_info_by_fd(loaded_->attached, &info, &length) != 0)
    return fail("ask for the XDP program's id", errno);
  return info.id;
}

Result<std::vector<penstock_counts>> ReceiverProgram::counts_by_cpu() const {
  std::vector<penstock_counts> per_cpu(loaded_->cpus);
  const std::uint32_t zero = 0;
  if (bpf_map_lookup_elem(loaded_->counts, &zero, per_cpu.data()) != 0)
    return fail("read the XDP program's counts", errno);
  return per_cpu;
}

Status ReceiverProgram::frames_by_cpu(std::vector<std::uint64_t>& frames) const {
  const Result<std::vector<penstock_counts>> per_cpu = counts_by_cpu();
  if (!per_cpu) return tl::unexpected(per_cpu.error());
  frames.clear();
  for (const penstock_counts& counts : *per_cpu) {
    frames.push_back(
        std::accumulate(std::begin(counts.by_reason), std::end(counts.by_reason), std::uint64_t{0}));
  }
  return {};
}

Status ReceiverProgram::read_counts(Counters& counters) const {
  const Result<std::vector<penstock_counts>> per_cpu = counts_by_cpu();
  if (!per_cpu) return tl::unexpected(per_cpu.error());
  for (std::size_t reason = 0; reason < PENSTOCK_REASON_COUNT; ++reason) {
    std::uint64_t total = 0;
    for (const penstock_counts& counts : *per_cpu)
      total += counts.by_reason[reason];
    if (reason == PENSTOCK_TAKEN) {
      counters.set(Counter::kXdpRedirect, total);
    } else {
      counters.set(Counter::kXdpPass, total, reason);
    }
  }
  return {};
}

int ReceiverProgram::program_fd(Filter filter) const {
  return loaded_->program_of(filter, loaded_->object);
}

Result<std::uint32_t> ReceiverProgram::socket_map_id() const {
  bpf_map_info info{};
  __u32 length = sizeof(info);
  if (bpf_obj_get_info_by_fd(loaded_->sockets, &info, &length) != 0)
    return fail("read the XSKMAP's id", errno);
  return info.id;
}

}  // namespace penstock
