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

// To all or to none.
Status AfXdpReceiver::post_to_tiles() {
  std::vector<Classifier> classifiers;
  for (const Attachment* attachment : attachment_of_) {
    Result<Classifier> classifier = attachment->classifier_for(engine_ports_);
    if (!classifier) return tl::unexpected(classifier.error());
    classifiers.push_back(std::move(*classifier));
  }
  for (std::size_t i = 0; i < groups_.size(); ++i)
    groups_[i]->post(std::move(classifiers[i]), engine_ports_.places());
  groups_.front()->heed();  // this thread's
  return {};
}

bool AfXdpReceiver::tiles_heeded() const {
  return std::all_of(groups_.begin(), groups_.end(), [](const auto& group) { return group->heeded(); });
}

Status AfXdpReceiver::begin_change() {
  if (Status s = post_to_tiles(); !s) return s;
  change_ = Change::kTilesLearn;
  return advance_change();
}

Status AfXdpReceiver::advance_change() {
  if (!tiles_heeded()) return {};
  if (change_ == Change::kRingsDrain) return finish_removal();
  for (const auto& attachment : attachments_) {
    if (Status s = attachment->set_ports(kernel_ports_); !s) return s;
  }
  // Behind the kernel's update, so that all that it redirected before lies before the marks.
  for (const auto& group : groups_)
    group->post_mark();
  change_ = Change::kRingsDrain;
  return {};
}

Status AfXdpReceiver::take_ports(std::span<const std::uint16_t> ports, std::vector<PortHold> holds) {
  if (change_ == Change::kRingsDrain) {
    if (Status s = finish_removal(); !s) return s;
  }
  const Result<PortList> joint = engine_ports_.joined_with(ports);
  if (!joint) return tl::unexpected(joint.error());
  if (Status s = hold_added_ports(*joint, std::move(holds)); !s) return s;
  engine_ports_ = *joint;
  kernel_ports_ = joint->only(ports);
  return begin_change();
}

Result<std::vector<PortHold>> AfXdpReceiver::hold_ports(std::span<const std::uint16_t> added) const {
  return hold_each(added, [this](std::uint16_t port) { return companion_->hold_port(port); });
}

Status AfXdpReceiver::hold_added_ports(const PortList& wanted, std::vector<PortHold> holds) {
  std::vector<std::uint8_t> added;
  for (const std::uint16_t port : wanted.ports()) {
    const std::uint8_t place = *wanted.place_of(port);
    if (companion_->port_at(place) == port) continue;
    if (Status s = hold_port(port, place, holds); !s) {
      for (const std::uint8_t undone : added)
        companion_->remove_port(undone);
      return s;
    }
    added.push_back(place);
  }
  return {};
}

// With what was held before, or else now.
Status AfXdpReceiver::hold_port(std::uint16_t port, std::uint8_t place, std::vector<PortHold>& holds) {
  const auto held =
      std::find_if(holds.begin(), holds.end(), [port](const PortHold& hold) { return hold.port == port; });
  return held == holds.end() ? companion_->add_port(port, place)
                             : companion_->add_port(std::move(*held), place);
}

Result<std::vector<LoadedObject>> AfXdpReceiver::load_programs(Loader loader) const {
  std::vector<LoadedObject> fresh;
  for (const auto& attachment : attachments_) {
    Result<LoadedObject> object = std::as_const(*attachment).program().load_again(loader);
    if (!object) return tl::unexpected(object.error());
    fresh.push_back(std::move(*object));
  }
  return fresh;
}

Status AfXdpReceiver::swap_programs(std::vector<LoadedObject> fresh) {
  PENSTOCK_CHECK(fresh.size() == attachments_.size());
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    if (Status s = attachments_[i]->swap_program(std::move(fresh[i])); !s) return s;
  }
  return {};
}

std::vector<std::string> AfXdpReceiver::program_ids() const {
  std::vector<std::string> ids;
  for (const auto& attachment : attachments_) {
    const Result<std::uint32_t> id = attachment->program().attached_id();
    ids.push_back((id ? std::to_string(*id) : "?") + " on " + attachment->interface());
  }
  return ids;
}

Status AfXdpReceiver::finish_removal() {
  change_ = Change::kNone;
  for (const std::uint16_t port : engine_ports_.ports()) {
    if (!kernel_ports_.contains(port)) companion_->remove_port(*engine_ports_.place_of(port));
  }
  engine_ports_ = kernel_ports_;
  return post_to_tiles();
}

Result<bool> AfXdpReceiver::refresh_policy(Nanoseconds now) {
  bool any = false;
  for (const auto& attachment : attachments_) {
    Result<bool> changed = attachment->poll_host(now);
    if (!changed) return changed;
    any = any || *changed;
  }
  if (!any) return false;
  if (Status s = begin_change(); !s) return tl::unexpected(s.error());
  return true;
}

}  // namespace penstock
