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
  link_of_.fill(kNone);
  for (std::size_t i = 0; i < ports; ++i)
    link_of_[i] = static_cast<std::uint8_t>(i);
}

void PortLinks::assign(std::uint8_t port_index, std::uint8_t link) {
  PENSTOCK_CHECK(link < links_.size());
  link_of_[port_index] = link;
}

// The first frag of each link that these go to.
void PortLinks::mark(std::span<const Frag> frags, Nanoseconds now) {
  for (const Frag& frag : frags) {
    const std::uint8_t link = link_of_[frag.port_index];
    PENSTOCK_CHECK(link < links_.size());
    links_[link].marks.leave(links_[link].producer.next(), now);
  }
}

std::span<const Frag> PortLinks::take(std::span<const Frag> frags) {
  PENSTOCK_CHECK(frags.size() <= displaced_.size());
  for (std::size_t i = 0; i < frags.size(); ++i) {
    const std::uint8_t link = link_of_[frags[i].port_index];
    PENSTOCK_CHECK(link < links_.size());
    displaced_[i].frame = links_[link].producer.publish(frags[i]).frame;
    displaced_[i].queue = frags[i].queue;
  }
  return {displaced_.data(), frags.size()};
}

}  // namespace penstock
