// What an engine takes while it runs: each thing prepared here, and put into force by the thread whose it is.
#include <errno.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/base/wait.h"
#include "engine/commands/running_engine.h"

namespace penstock {
namespace {

// How long a thread may take to come round: many times what it does, and less than the watchdog of a service
// manager has.
constexpr Nanoseconds kPatience = kSecond;

}  // namespace

PortList RunningEngine::port_list() const {
  const std::scoped_lock lock(ports_lock_);
  return ports_;
}

std::vector<std::uint16_t> RunningEngine::ports() const {
  return port_list().ports();
}

std::vector<std::uint16_t> RunningEngine::port_names() const {
  return port_list().names();
}

// A shred that is under way belongs to its port as long as either list has that.
Status RunningEngine::take_ports(std::span<const std::uint16_t> ports,
                                 std::span<const std::uint16_t> repair_ports) {
  std::vector<std::uint16_t> either(repair_ports.begin(), repair_ports.end());
  for (const std::uint16_t port : config_.shreds.repair_ports) {
    const bool known = std::find(either.begin(), either.end(), port) != either.end();
    const bool stays = std::find(ports.begin(), ports.end(), port) != ports.end();
    if (!known && !stays) either.push_back(port);
  }
  if (shreds_) shreds_->set_repair_ports(either);
  Status listed = list_ports(ports);
  if (listed) config_.shreds.repair_ports.assign(repair_ports.begin(), repair_ports.end());
  if (shreds_) shreds_->set_repair_ports(config_.shreds.repair_ports);
  return listed;
}

Status RunningEngine::list_ports(std::span<const std::uint16_t> ports) {
  const PortList before = port_list();
  if (before.only(ports) == before && before.ports().size() == ports.size()) return {};
  if (!ports_settle()) return fail("list other ports: the last list is not in force yet", EBUSY, "try again");
  const Result<PortList> joint = before.joined_with(ports);
  if (!joint) return tl::unexpected(joint.error());
  std::vector<std::uint16_t> added;
  std::copy_if(ports.begin(), ports.end(), std::back_inserter(added),
               [&](std::uint16_t port) { return !before.contains(port); });
  Result<std::vector<PortHold>> holds = opened_.receiver->hold_ports(added);
  if (!holds) return tl::unexpected(holds.error());
  if (Status s = assign_links(before.only(ports), added, *joint); !s) return s;
  const auto take = [&] { return opened_.receiver->take_ports(ports, std::move(*holds)); };
  if (Status s = net_.front()->carry_out(take, kPatience); !s) return s;
  {
    const std::scoped_lock lock(ports_lock_);
    ports_ = joint->only(ports);
  }
  if (ports_settle()) return {};
  return fail("list other ports: a net thread does not come round; they are listed when it does", ETIMEDOUT);
}

// Each the one with the fewest ports, before any frame can come under it.
Status RunningEngine::assign_links(const PortList& staying, std::span<const std::uint16_t> added,
                                   const PortList& joint) {
  std::vector<std::size_t> ports_on(outputs_.front()->links.links());
  for (const std::uint16_t port : staying.ports())
    ++ports_on[link_of_[*staying.place_of(port)]];
  for (const std::uint16_t port : added) {
    const auto fewest = std::min_element(ports_on.begin(), ports_on.end());
    ++*fewest;
    link_of_[*joint.place_of(port)] = static_cast<std::uint8_t>(fewest - ports_on.begin());
  }
  for (std::size_t n = 0; n < net_.size(); ++n) {
    const auto assign = [&]() -> Status {
      for (const std::uint16_t port : added)
        outputs_[n]->links.assign(*joint.place_of(port), link_of_[*joint.place_of(port)]);
      return {};
    };
    if (Status s = net_[n]->carry_out(assign, kPatience); !s) return s;
  }
  return {};
}

bool RunningEngine::ports_settle() {
  bool settled = false, answered = true;
  const auto ask = [&]() -> Status {
    settled = opened_.receiver->ports_settled();
    return {};
  };
  const auto done = [&] {
    answered = net_.front()->carry_out(ask, kPatience).has_value();
    return settled || !answered;
  };
  return wait_until(done, kPatience) && answered;
}

Result<std::string> RunningEngine::swap_programs() {
  AfXdpReceiver* const receiver = opened_.af_xdp;
  if (receiver == nullptr)
    return fail(fmt::format("swap the XDP program: {} has none", to_string(opened_.receiver->path())));
  Result<std::vector<LoadedObject>> fresh = receiver->load_programs(config_.receiver.loader);
  if (!fresh) return tl::unexpected(fresh.error());
  std::string done;
  const auto swap = [&]() -> Status {
    const std::vector<std::string> before = receiver->program_ids();
    Status swapped = receiver->swap_programs(std::move(*fresh));
    done = fmt::format("XDP program {} in place of {}", fmt::join(receiver->program_ids(), ", "),
                       fmt::join(before, ", "));
    return swapped;
  };
  if (Status s = net_.front()->carry_out(swap, kPatience); !s) return tl::unexpected(s.error());
  return done;
}

Result<bool> RunningEngine::take_leaders(const ShredsSpec& spec) {
  if (!shreds_) return fail("take other leaders without a shred stage", ENOTSUP);
  return shreds_->set_leaders(spec);
}

Status RunningEngine::take_forward(const std::optional<Endpoint>& to) {
  if (!forward_ || !to) return fail("begin or end to forward while it runs", ENOTSUP);
  return forward_->redirect(*to);
}

Status RunningEngine::take_capture_limits(const CaptureSpec& capture) {
  if (!capture_) return fail("limit a capture that is none", ENOTSUP);
  capture_->set_limits(limits_of(capture));
  return {};
}

RotatingCapture::Limits RunningEngine::limits_of(const CaptureSpec& capture) {
  constexpr std::uint64_t kMib = 1 << 20;
  return {.file_bytes = capture.file_mib * kMib, .files = capture.files};
}

}  // namespace penstock
