// Publishing a batch; runs for every datagram.
#include "engine/tiles/port_links.h"

#include "engine/base/check.h"

namespace penstock {

PortLinks::Link::Link(std::size_t depth, std::uint32_t first_frame)
    : memory(depth), producer(memory.lines(), [first_frame](std::uint64_t i) {
        Frag frag;
        frag.frame = first_frame + static_cast<std::uint32_t>(i);
        return frag;
      }) {}

PortLinks::PortLinks(std::size_t ports, std::size_t depth, std::uint32_t first_frame) {
  links_.reserve(ports);
  for (std::size_t i = 0; i < ports; ++i)
    links_.emplace_back(depth, first_frame + static_cast<std::uint32_t>(i * depth));
}

std::span<const Frag> PortLinks::take(std::span<const Frag> frags) {
  PENSTOCK_CHECK(frags.size() <= displaced_.size());
  for (std::size_t i = 0; i < frags.size(); ++i) {
    PENSTOCK_CHECK(frags[i].port_index < links_.size());
    displaced_[i].frame = links_[frags[i].port_index].producer.publish(frags[i]).frame;
    displaced_[i].queue = frags[i].queue;
  }
  return {displaced_.data(), frags.size()};
}

}  // namespace penstock
