// A receive path, polled by the stage's own thread. Between batches nobody polls: the userspace filter's
// dead-man's switch then leaves frames to the host's stack until the next poll, which changes the way
// that they come, not whether they do.
#include <fmt/format.h>

#include "sim/oracle_fuzz/witness.h"

namespace penstock {
namespace {

Datagram datagram_of(const Receiver& receiver, const Frag& frag) {
  Datagram datagram = make_datagram({frag.source, frag.source_port},
                                    {frag.destination, frag.destination_port}, receiver.payload(frag));
  if (frag.ip_version == 6) {
    datagram.source = receiver.ipv6_source(frag);
    datagram.destination = receiver.ipv6_destination(frag);
  }
  return datagram;
}

class ReceiverWitness final : public Witness {
 public:
  explicit ReceiverWitness(std::unique_ptr<AfXdpReceiver> receiver) : receiver_(std::move(receiver)) {}

  Status take(std::vector<Datagram>& to) override {
    // Behind a wait the companion socket gets its turn.
    if (const Status waited = receiver_->wait(0); !waited) return waited;
    for (;;) {
      const std::span<const Frag> frags = receiver_->poll();
      for (const Frag& frag : frags)
        to.push_back(datagram_of(*receiver_, frag));
      receiver_->give_back(frags);
      if (frags.empty()) return {};
    }
  }

  Status wait(Nanoseconds timeout) override { return receiver_->wait(timeout); }

  Result<std::vector<std::string>> losses() override {
    if (const Status read = receiver_->refresh_counters(); !read) return tl::unexpected(read.error());
    const CounterSnapshot now = counters();
    const CounterSnapshot since = now.since(before_);
    before_ = now;
    std::vector<std::string> lost;
    for (const Counter counter : {Counter::kRxRingFull, Counter::kRxDropped, Counter::kOverrun}) {
      if (const std::uint64_t frames = since.sum(counter); frames != 0)
        lost.push_back(fmt::format("{} {}", counter_info(counter).name, frames));
    }
    return lost;
  }

  bool hears_slow_way() const override { return receiver_->companion().mode() == Companion::kOwn; }
  bool hears_slow_ipv6() const override { return false; }
  CounterSnapshot counters() const override { return receiver_->snapshot(); }

 private:
  std::unique_ptr<AfXdpReceiver> receiver_;
  CounterSnapshot before_{};
};

}  // namespace

Result<std::unique_ptr<Witness>> open_receiver_witness(const VethTopology::End& receiver,
                                                       AfXdpConfig config) {
  config.interface = receiver.interface;
  Result<std::unique_ptr<AfXdpReceiver>> opened =
      run_in(receiver.ns, [&config] { return AfXdpReceiver::open(config); });
  if (!opened) return tl::unexpected(opened.error());
  return std::make_unique<ReceiverWitness>(std::move(*opened));
}

}  // namespace penstock
