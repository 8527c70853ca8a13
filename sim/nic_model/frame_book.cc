// Reading rings that others write, and comparing with what may have happened.
#include "sim/nic_model/frame_book.h"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"

namespace penstock {
namespace {

std::string_view name_of(FrameBook::Place place) {
  switch (place) {
    case FrameBook::Place::kNowhere:
      return "nowhere";
    case FrameBook::Place::kFill:
      return "the fill ring";
    case FrameBook::Place::kKernel:
      return "the kernel";
    case FrameBook::Place::kRx:
      return "the RX ring";
    case FrameBook::Place::kHands:
      return "the consumer's hands";
    case FrameBook::Place::kLink:
      return "the return link";
  }
  return "";
}

std::uint32_t load(std::uint32_t& index) {
  return std::atomic_ref(index).load(std::memory_order_acquire);
}

bool belongs_to_a_queue(FrameBook::Place place) {
  return place != FrameBook::Place::kNowhere && place != FrameBook::Place::kLink;
}

}  // namespace

FrameBook::FrameBook(const FrameMemory& memory, std::vector<Queue> queues, std::span<const McacheLine> link)
    : memory_(memory),
      queues_(std::move(queues)),
      link_(link),
      frames_(memory.frames),
      fill_(queues_.size()),
      rx_(queues_.size()),
      lines_(link.size()),
      owned_(queues_.size()) {
  for (std::size_t q = 0; q < queues_.size(); ++q) {
    fill_[q].producer = fill_[q].consumer = load(*queues_[q].fill.consumer);
    rx_[q].producer = rx_[q].consumer = load(*queues_[q].rx.consumer);
  }
}

Result<FrameBook> FrameBook::open(const FrameMemory& memory, std::vector<Queue> queues,
                                  std::span<const McacheLine> link) {
  FrameBook book(memory, std::move(queues), link);
  for (std::uint32_t frame = 0; frame < memory.frames; ++frame)
    book.leave(frame);
  book.new_lines_.resize(link.size());
  std::iota(book.new_lines_.begin(), book.new_lines_.end(), std::size_t{0});
  if (Status s = book.add_to_link(Step::kOpen); !s) return tl::unexpected(s.error());
  book.new_lines_.clear();
  if (Status s = book.observe(Step::kOpen, {}); !s) return tl::unexpected(s.error());
  book.owned_at_start_ = book.owned_;
  return book;
}

Status FrameBook::after_kernel() {
  return observe(Step::kKernel, {});
}

Status FrameBook::after_poll(std::span<const Frag> taken) {
  return observe(Step::kPoll, taken);
}

Status FrameBook::after_give_back(std::span<const Frag> returned) {
  return observe(Step::kGiveBack, returned);
}

Status FrameBook::observe(Step step, std::span<const Frag> frags) {
  if (step != Step::kOpen) ++steps_;
  for (std::size_t q = 0; q < queues_.size(); ++q) {
    if (Status s = take_consumed(queues_[q].fill, fill_[q], step == Step::kKernel); !s)
      return fail(fmt::format("fill ring of queue {}", q), s.error());
    if (Status s = take_consumed(queues_[q].rx, rx_[q], step == Step::kPoll); !s)
      return fail(fmt::format("RX ring of queue {}", q), s.error());
  }
  find_new_lines();
  if (Status s = take_from_link(step); !s) return s;
  if (step == Step::kGiveBack) {
    if (Status s = leave_hands(frags); !s) return s;
  }

  if (Status s = add_to_link(step); !s) return s;
  for (std::uint32_t q = 0; q < queues_.size(); ++q) {
    if (Status s = add_produced(queues_[q].fill, fill_[q],
                                [&](std::uint64_t address) { return into_fill(q, address, step); });
        !s)
      return fail(fmt::format("fill ring of queue {}", q), s.error());
    if (Status s = add_produced(queues_[q].rx, rx_[q],
                                [&](const xdp_desc& descriptor) { return into_rx(q, descriptor, step); });
        !s)
      return fail(fmt::format("RX ring of queue {}", q), s.error());
  }
  if (step == Step::kPoll) {
    if (Status s = into_hands(frags); !s) return s;
  }
  return settle(step);
}

template <typename Entry>
Status FrameBook::take_consumed(const RingMemory<Entry>& ring, Shadow& shadow, bool may) {
  const std::uint32_t consumer = load(*ring.consumer);
  const std::uint32_t consumed = consumer - shadow.consumer;
  if (consumed == 0) return {};
  if (!may) return fail("the consumer index moved in a step of the other side");
  if (consumed > shadow.frames.size())
    return fail(
        fmt::format("the consumer index is {} ahead of the producer index", consumed - shadow.frames.size()));
  for (std::uint32_t i = 0; i < consumed; ++i) {
    leave(shadow.frames.front());
    shadow.frames.pop_front();
  }
  shadow.consumer = consumer;
  return {};
}

template <typename Entry, typename Arrived>
Status FrameBook::add_produced(const RingMemory<Entry>& ring, Shadow& shadow, Arrived&& arrived) {
  const std::uint32_t producer = load(*ring.producer);
  if (producer - shadow.consumer > ring.size)
    return fail(fmt::format("{} entries in a ring of {}", producer - shadow.consumer, ring.size));
  for (; shadow.producer != producer; ++shadow.producer) {
    const Entry& entry = ring.entries[shadow.producer & (ring.size - 1)];
    if (Status s = arrived(entry); !s) return s;
    if constexpr (std::is_same_v<Entry, xdp_desc>) {
      shadow.frames.push_back(memory_.frame_at(entry.addr));
    } else {
      shadow.frames.push_back(memory_.frame_at(entry));
    }
  }
  return {};
}

void FrameBook::find_new_lines() {
  new_lines_.clear();
  std::uint64_t newest = next_line_ - 1;
  for (std::size_t i = 0; i < link_.size(); ++i) {
    const std::uint64_t sequence = next_line_ + i;
    const std::size_t line = sequence & (link_.size() - 1);
    const std::uint64_t found = link_[line].sequence.load(std::memory_order_acquire);
    if (static_cast<std::int64_t>(found - sequence) < 0) break;
    new_lines_.push_back(line);
    newest = std::max(newest + 1, found + 1) - 1;  // both may be one before 0
  }
  link_went_round_ = newest + 1 - next_line_ > link_.size();
  next_line_ = newest + 1;
}

Status FrameBook::take_from_link(Step step) {
  if (!new_lines_.empty() && step != Step::kPoll)
    return fail("the return link was written in a step that is not poll()");
  for (const std::size_t line : new_lines_)
    leave(lines_[line]);
  return {};
}

Status FrameBook::add_to_link(Step step) {
  for (const std::size_t line : new_lines_) {
    const std::uint32_t frame = internal::load_meta<Frag>(link_[line]).frame;
    if (frame >= frames_.size()) return fail(fmt::format("the return link names frame {}", frame));
    const Frame& now = frames_[frame];
    // A frame may go through lines that were written more than once in one step.
    const bool fits = step == Step::kOpen || now.place == Place::kRx || now.place == Place::kLink;
    if (!now.moving || !fits) return fail("into the return link: " + where(frame));
    arrive(frame, Place::kLink, 0);
    lines_[line] = frame;
  }
  return {};
}

Status FrameBook::leave_hands(std::span<const Frag> returned) {
  for (const Frag& frag : returned) {
    PENSTOCK_CHECK(frag.frame < frames_.size());
    const Frame& frame = frames_[frag.frame];
    if (frame.place != Place::kHands || frame.moving || frame.queue != frag.queue)
      return fail("given back: " + where(frag.frame));
    leave(frag.frame);
  }
  return {};
}

Status FrameBook::into_hands(std::span<const Frag> taken) {
  for (const Frag& frag : taken) {
    if (frag.frame >= frames_.size()) return fail(fmt::format("a frag names frame {}", frag.frame));
    const Frame& frame = frames_[frag.frame];
    if (frame.place != Place::kRx || !frame.moving || frame.queue != frag.queue)
      return fail(fmt::format("handed out for queue {}: ", frag.queue) + where(frag.frame));
    arrive(frag.frame, Place::kHands, frag.queue);
  }
  return {};
}

Status FrameBook::into_fill(std::uint32_t queue, std::uint64_t address, Step step) {
  if (address >= memory_.bytes()) return fail(fmt::format("address {:#x} lies outside the UMEM", address));
  const std::uint32_t frame = memory_.frame_at(address);
  const Frame& now = frames_[frame];
  const bool same_queue = now.queue == queue;
  const bool fits =
      step == Step::kOpen ||
      (step == Step::kPoll &&
       (now.place == Place::kLink || (now.place == Place::kRx && (same_queue || link_went_round_)))) ||
      (step == Step::kGiveBack && now.place == Place::kHands && same_queue);
  if (!now.moving || !fits) return fail(where(frame));
  arrive(frame, Place::kFill, queue);
  return {};
}

Status FrameBook::into_rx(std::uint32_t queue, const xdp_desc& descriptor, Step step) {
  if (!memory_.holds(descriptor.addr, descriptor.len))
    return fail(fmt::format("descriptor {:#x}+{} is in no chunk", descriptor.addr, descriptor.len));
  const std::uint32_t frame = memory_.frame_at(descriptor.addr);
  if (frames_[frame].place == Place::kKernel) leave(frame);
  const Frame& now = frames_[frame];
  const bool fits = step == Step::kKernel && now.queue == queue &&
                    (now.place == Place::kFill || now.place == Place::kKernel);
  if (!now.moving || !fits) return fail(where(frame));
  arrive(frame, Place::kRx, queue);
  return {};
}

Status FrameBook::settle(Step step) {
  for (const std::uint32_t frame : moved_) {
    if (!frames_[frame].moving) continue;
    if (step != Step::kKernel) return fail("lost: " + where(frame));
    arrive(frame, Place::kKernel, frames_[frame].queue);
  }
  moved_.clear();
  return step == Step::kOpen ? Status{} : check_queues();
}

Status FrameBook::check_queues() const {
  for (std::size_t q = 0; q < owned_.size(); ++q) {
    if (owned_[q] != owned_at_start_[q])
      return fail(fmt::format("queue {} has {} frames, it began with {}", q, owned_[q], owned_at_start_[q]));
  }
  return {};
}

void FrameBook::leave(std::uint32_t frame) {
  Frame& now = frames_[frame];
  now.moving = true;
  if (belongs_to_a_queue(now.place)) --owned_[now.queue];
  moved_.push_back(frame);
}

void FrameBook::arrive(std::uint32_t frame, Place place, std::uint32_t queue) {
  frames_[frame] = {.place = place, .queue = queue, .moving = false};
  if (belongs_to_a_queue(place)) ++owned_[queue];
}

std::size_t FrameBook::count(Place place) const {
  return static_cast<std::size_t>(std::count_if(frames_.begin(), frames_.end(),
                                                [&](const Frame& frame) { return frame.place == place; }));
}

std::string FrameBook::where(std::uint32_t frame) const {
  const Frame& now = frames_[frame];
  std::string text =
      fmt::format("frame {} {} {}", frame, now.moving ? "has left" : "is in", name_of(now.place));
  if (belongs_to_a_queue(now.place)) text += fmt::format(" of queue {}", now.queue);
  return text;
}

}  // namespace penstock
