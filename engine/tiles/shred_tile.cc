// Links in turn, a batch each.
#include "engine/tiles/shred_tile.h"

#include "engine/mcache/copy.h"
#include "engine/tiles/captured_frag.h"

namespace penstock {
namespace {

constexpr std::size_t kCacheLine = 64;

// Hashing a shred takes longer than fetching the next one: its lines come meanwhile.
void prefetch(std::span<const std::byte> bytes) {
  for (std::size_t at = 0; at < bytes.size(); at += kCacheLine)
    __builtin_prefetch(bytes.data() + at);
}

class LinkRecheck final : public Recheck {
 public:
  explicit LinkRecheck(McacheConsumer<Frag>& link) : link_(link) {}
  bool still_whole() override { return link_.accept(); }

 private:
  McacheConsumer<Frag>& link_;
};

}  // namespace

ShredTile::ShredTile(const FecResolverConfig& config, std::span<const ShredLink> links,
                     const LeaderSchedule* leaders, ResolverObserver* observer, RepairRequests* repair,
                     VerdictLink* verdicts)
    : resolver_(config, leaders, observer, repair), verdicts_(verdicts) {
  for (const ShredLink& link : links)
    inputs_.emplace_back(link);
}

std::size_t ShredTile::step(Nanoseconds) {
  std::size_t done = 0;
  for (Input& input : inputs_)
    done += take_from(input);
  return done;
}

std::size_t ShredTile::take_from(Input& input) {
  std::size_t done = 0;
  Frag frag;
  Frag next;
  while (done < kBatch && input.link.consumer().poll(frag)) {
    if (input.link.consumer().peek(1, next)) prefetch(bytes_of(input.memory, next));
    verdicts_ == nullptr ? take(input, frag) : take_and_tell(input, frag);
    ++done;
  }
  resolver_.flush();
  input.link.settle(done, resolver_.counters());
  return done;
}

void ShredTile::take(Input& input, const Frag& frag) {
  LinkRecheck recheck(input.link.consumer());
  // A place outside the pool cannot pass the recheck.
  Incoming payload(bytes_of(input.memory, frag), recheck);
  if (repair_ports_.contains(frag.destination_port)) {
    resolver_.add_repair(payload);
  } else {
    resolver_.push(payload);
  }
}

void ShredTile::take_and_tell(Input& input, const Frag& frag) {
  const auto bytes = copy_speculatively(bytes_of(input.memory, with_headers(frag)), copy_);
  if (!input.link.consumer().accept()) return;  // counted in lost()
  const auto payload = bytes.last(frag.length);
  const bool repair = repair_ports_.contains(frag.destination_port);
  verdicts_->publish(frag, bytes, repair ? resolver_.add_repair(payload) : resolver_.add(payload));
}

}  // namespace penstock
