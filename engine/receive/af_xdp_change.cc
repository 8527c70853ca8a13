// The AF_XDP receiver: what is its own may change while it runs.
//
//   begin_change()   tiles told   ->  every tile has heeded it  ->  kernel told, rings marked
//                                 ->  every ring drained up to its mark  ->  removed ports let go
#include <algorithm>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/receive/af_xdp_receiver.h"

namespace penstock {

Result<Classifier> AfXdpReceiver::classifier_for(const PortList& ports) const {
  ClassifierConfig config = policy_;
  config.ports = ports.ports();
  return Classifier::create(config);
}

void AfXdpReceiver::post_to_tiles(const Classifier& classifier) {
  for (const auto& group : groups_)
    group->post(classifier, engine_ports_.places());
  groups_.front()->heed();  // this thread's
}

bool AfXdpReceiver::tiles_heeded() const {
  return std::all_of(groups_.begin(), groups_.end(), [](const auto& group) { return group->heeded(); });
}

Status AfXdpReceiver::begin_change() {
  const Result<Classifier> engine = classifier_for(engine_ports_);
  if (!engine) return tl::unexpected(engine.error());
  post_to_tiles(*engine);
  change_ = Change::kTilesLearn;
  return advance_change();
}

Status AfXdpReceiver::advance_change() {
  if (!tiles_heeded()) return {};
  if (change_ == Change::kRingsDrain) {
    finish_removal();
    return {};
  }
  const Result<Classifier> kernel = classifier_for(kernel_ports_);
  if (!kernel) return tl::unexpected(kernel.error());
  if (Status s = program_->set_policy(*kernel); !s) return s;
  // Behind the kernel's update, so that all that it redirected before lies before the marks.
  for (const auto& group : groups_)
    group->post_mark();
  change_ = Change::kRingsDrain;
  return {};
}

Status AfXdpReceiver::set_ports(std::span<const std::uint16_t> ports) {
  if (change_ == Change::kRingsDrain) finish_removal();
  if (const Result<PortList> valid = PortList::create(ports); !valid) return tl::unexpected(valid.error());
  PortList joint = engine_ports_;
  for (const std::uint16_t port : ports) {
    if (joint.contains(port)) continue;
    if (Status s = joint.add(port); !s) return s;
  }
  if (Status s = hold_added_ports(joint); !s) return s;
  engine_ports_ = joint;
  kernel_ports_ = joint;
  for (const std::uint16_t port : joint.ports()) {
    if (std::find(ports.begin(), ports.end(), port) == ports.end()) kernel_ports_.remove(port);
  }
  return begin_change();
}

Status AfXdpReceiver::hold_added_ports(const PortList& wanted) {
  std::vector<std::uint8_t> added;
  for (const std::uint16_t port : wanted.ports()) {
    const std::uint8_t place = *wanted.place_of(port);
    if (companion_->port_at(place) == port) continue;
    if (Status s = companion_->add_port(port, place); !s) {
      for (const std::uint8_t undone : added)
        companion_->remove_port(undone);
      return s;
    }
    added.push_back(place);
  }
  return {};
}

void AfXdpReceiver::finish_removal() {
  change_ = Change::kNone;
  for (const std::uint16_t port : engine_ports_.ports()) {
    if (!kernel_ports_.contains(port)) companion_->remove_port(*engine_ports_.place_of(port));
  }
  engine_ports_ = kernel_ports_;
  const Result<Classifier> engine = classifier_for(engine_ports_);
  PENSTOCK_CHECK(engine.has_value());  // the kernel has been given the same
  post_to_tiles(*engine);
}

Result<bool> AfXdpReceiver::refresh_policy(Nanoseconds now) {
  if (!host_) return false;
  Result<bool> changed = host_->poll(now);
  if (!changed || !*changed) return changed;
  take_policy_of_host();
  if (Status s = begin_change(); !s) return tl::unexpected(s.error());
  return true;
}

}  // namespace penstock
