// libpcap on a thread.
#include "sim/topology/host_tap.h"

#include <optional>
#include <utility>

#include <pcap/pcap.h>

#include "sim/topology/poll_thread.h"

namespace penstock {
namespace {

constexpr int kWholeFrames = 65535;  // snaplen

struct Close {
  void operator()(pcap_t* handle) const { pcap_close(handle); }
};
using Handle = std::unique_ptr<pcap_t, Close>;

// In the namespace of the interface. Not promiscuous: that would change the interface, and a veth passes
// every frame to its taps anyway.
Result<Handle> activate(const std::string& interface, int buffer_bytes, const std::string& filter) {
  const std::string what = "capture on " + interface;
  char text[PCAP_ERRBUF_SIZE] = {};
  Handle handle(pcap_create(interface.c_str(), text));
  if (!handle) return fail(what + ": " + text);
  pcap_set_snaplen(handle.get(), kWholeFrames);
  pcap_set_buffer_size(handle.get(), buffer_bytes);
  pcap_set_immediate_mode(handle.get(), 1);
  if (pcap_activate(handle.get()) != 0) return fail(what + ": " + pcap_geterr(handle.get()));
  if (pcap_setdirection(handle.get(), PCAP_D_IN) != 0 || pcap_setnonblock(handle.get(), 1, text) != 0 ||
      pcap_datalink(handle.get()) != DLT_EN10MB) {
    return fail(what + ": not an Ethernet interface that tells inbound from outbound");
  }
  if (filter.empty()) return handle;
  bpf_program program{};
  if (pcap_compile(handle.get(), &program, filter.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0)
    return fail(what + ": filter \"" + filter + "\": " + pcap_geterr(handle.get()));
  const int set = pcap_setfilter(handle.get(), &program);
  pcap_freecode(&program);
  if (set != 0) return fail(what + ": filter \"" + filter + "\": " + pcap_geterr(handle.get()));
  return handle;
}

}  // namespace

struct HostTap::Capture {
  Handle handle;
  Callback callback;
  Report report;
  bool failed = false;
  std::optional<PollThread> thread;  // last: it uses the others

  static void take(u_char* self, const pcap_pkthdr* header, const u_char* bytes) {
    Capture& capture = *reinterpret_cast<Capture*>(self);
    ++capture.report.received;
    if (header->caplen < header->len) ++capture.report.truncated;
    capture.callback({reinterpret_cast<const std::byte*>(bytes), header->caplen});
  }

  bool drain() {
    int taken = 0;
    do {
      taken = pcap_dispatch(handle.get(), -1, &Capture::take, reinterpret_cast<u_char*>(this));
    } while (taken > 0);
    failed = taken < 0;
    return !failed;
  }
};

HostTap::HostTap(std::unique_ptr<Capture> capture) : capture_(std::move(capture)) {}
HostTap::HostTap(HostTap&&) noexcept = default;
HostTap::~HostTap() = default;

Result<HostTap> HostTap::start(const NetNamespace& ns, const std::string& interface, Callback callback,
                               int buffer_bytes, const std::string& filter) {
  Result<Handle> handle = run_in(ns, [&] { return activate(interface, buffer_bytes, filter); });
  if (!handle) return tl::unexpected(handle.error());
  auto capture = std::make_unique<Capture>();
  capture->handle = std::move(*handle);
  capture->callback = std::move(callback);
  Result<PollThread> thread = PollThread::start({pcap_get_selectable_fd(capture->handle.get())},
                                                [self = capture.get()] { return self->drain(); });
  if (!thread) return tl::unexpected(thread.error());
  capture->thread.emplace(std::move(*thread));
  return HostTap(std::move(capture));
}

Result<HostTap::Report> HostTap::stop() {
  capture_->thread->stop();
  pcap_stat statistics{};
  if (capture_->failed || pcap_stats(capture_->handle.get(), &statistics) != 0) {
    return fail(std::string("read the capture: ") + pcap_geterr(capture_->handle.get()));
  }
  capture_->report.dropped = statistics.ps_drop;
  return capture_->report;
}

}  // namespace penstock
