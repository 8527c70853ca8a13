// Loading and mapping.
#include "sim/replay/live_generator.h"

#include <errno.h>
#include <sys/mman.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <string>

#include "bpf/generator.skel.h"
#include "engine/xdp/libbpf_log.h"

namespace penstock {
namespace {

static_assert(PENSTOCK_WINDOW_NS == kWindow);
// A late sender that catches up leaves at least so much between frames, or half of the mean gap if that is
// less: two million a second are no news to a receiver that is paced below one.
constexpr Nanoseconds kLongestCatchUpGap = kMicrosecond / 2;

}  // namespace

LiveGenerator::~LiveGenerator() {
  if (slots_ != nullptr) ::munmap(slots_, slots_count_ * sizeof(penstock_slot));
  generator__destroy(skeleton_);
}

Status LiveGenerator::load(const ReplayConfig& config, std::uint32_t slots, const Schedule& schedule,
                           std::uint64_t frames, bool same) {
  const std::string what = "load the live-frame generator";
  const LibbpfLog log;
  skeleton_ = generator__open();
  if (!skeleton_) return fail(what + ": open: " + log.text(), errno);
  skeleton_->rodata->out_ifindex = static_cast<std::uint32_t>(config.ifindex);
  skeleton_->rodata->mask = slots - 1;
  skeleton_->rodata->paced = config.pace != Pace::kFlatOut;
  skeleton_->rodata->rate = config.loops != 1 ? config.pps / config.cpus : 0;
  skeleton_->rodata->same = same;
  skeleton_->rodata->stamped = config.stamped;
  const Nanoseconds mean = frames == 0 ? 0 : schedule.duration() / static_cast<Nanoseconds>(frames);
  skeleton_->rodata->gap = static_cast<std::uint64_t>(std::min(mean / 2, kLongestCatchUpGap));
  skeleton_->rodata->several = config.cpus > 1;
  skeleton_->rodata->first_cpu = config.cpu.value_or(0);
  for (std::uint32_t n = 0; n < config.cpus; ++n)
    shared(n).total = frames;
  bpf_map__set_max_entries(skeleton_->maps.slots, slots);
  if (const int error = generator__load(skeleton_); error != 0) {
    return fail(what + ": " + log.text(), -error, "run as root, or with CAP_BPF and CAP_NET_ADMIN");
  }
  void* mapped = ::mmap(nullptr, slots * sizeof(penstock_slot), PROT_READ | PROT_WRITE, MAP_SHARED,
                        bpf_map__fd(skeleton_->maps.slots), 0);
  if (mapped == MAP_FAILED) return fail("map the generator's slots", errno);
  slots_ = static_cast<penstock_slot*>(mapped);
  slots_count_ = slots;
  return {};
}

int LiveGenerator::program_fd() const {
  return bpf_program__fd(skeleton_->progs.generate);
}

penstock_generator& LiveGenerator::shared(std::size_t n) const {
  return skeleton_->bss->generators[n];
}

std::span<const std::uint32_t> LiveGenerator::windows(std::size_t n) const {
  return std::span(skeleton_->bss->windows).subspan(n * PENSTOCK_WINDOWS, PENSTOCK_WINDOWS);
}

}  // namespace penstock
