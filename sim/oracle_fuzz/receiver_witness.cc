// A receive path, polled by the stage's own thread. Between batches nobody polls: the userspace filter's
// dead-man's switch then leaves frames to the host's stack until the next poll, which changes the way
// that they come, not whether they do.
#include <fmt/format.h>

#include "engine/receive/io_uring_receiver.h"
#include "engine/receive/udp_receiver.h"
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
  ReceiverWitness(std::unique_ptr<Receiver> receiver, bool hears_slow_way)
      : receiver_(std::move(receiver)), hears_slow_way_(hears_slow_way) {}

  Status take(std::vector<Datagram>& to) override {
    // Behind a wait the companion socket gets its turn.
    if (Status waited = receiver_->wait(0); !waited) return waited;
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

  bool hears_slow_way() const override { return hears_slow_way_; }
  bool hears_slow_ipv6() const override { return false; }
  CounterSnapshot counters() const override { return receiver_->snapshot(); }

 private:
  std::unique_ptr<Receiver> receiver_;
  bool hears_slow_way_;
  CounterSnapshot before_{};
};

template <typename T>
Result<std::unique_ptr<Receiver>> as_receiver(Result<std::unique_ptr<T>> opened) {
  if (!opened) return tl::unexpected(opened.error());
  return std::unique_ptr<Receiver>(std::move(*opened));
}

Result<std::unique_ptr<Receiver>> open_here(Path path, const AfXdpConfig& options) {
  const SocketReceiverConfig sockets{.ports = options.classifier.ports, .max_payload = options.max_payload};
  switch (path) {
    case Path::kIoUring:
      return as_receiver(IoUringReceiver::open(sockets));
    case Path::kUdp:
      return as_receiver(UdpReceiver::open(sockets));
    case Path::kKernelFilter:
    case Path::kUserspaceFilter:
      break;
  }
  return as_receiver(AfXdpReceiver::open(options));
}

}  // namespace

// On this thread, which then polls: io_uring asks for that.
Result<std::unique_ptr<Witness>> open_path_witness(const VethTopology::End& receiver, Path path,
                                                   AfXdpConfig options) {
  options.interface = receiver.interface;
  options.filter = path == Path::kUserspaceFilter ? Filter::kUserspace : Filter::kKernel;
  const Result<NetNamespace> home = NetNamespace::current();
  if (!home) return tl::unexpected(home.error());
  if (const Status there = enter(receiver.ns); !there) return tl::unexpected(there.error());
  Result<std::unique_ptr<Receiver>> opened = open_here(path, options);
  if (const Status back = enter(*home); !back) return tl::unexpected(back.error());
  if (!opened) return tl::unexpected(opened.error());
  const bool sockets = path == Path::kIoUring || path == Path::kUdp;
  return std::make_unique<ReceiverWitness>(std::move(*opened),
                                           sockets || options.companion == Companion::kOwn);
}

}  // namespace penstock
