// libpcap behind Result values.
#include "engine/capture/capture.h"

#include <errno.h>
#include <stdio.h>

#include <array>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <pcap/pcap.h>

#include "engine/base/check.h"
#include "engine/packet/byte_order.h"

namespace penstock {

std::string to_string(LinkType type) {
  const char* name = pcap_datalink_val_to_name(static_cast<int>(type));
  return name ? name : fmt::format("{}", static_cast<int>(type));
}

void CaptureReader::Close::operator()(pcap* handle) const {
  pcap_close(handle);
}

CaptureReader::CaptureReader(std::string name, std::unique_ptr<pcap, Close> handle)
    : name_(std::move(name)),
      handle_(std::move(handle)),
      link_type_(static_cast<LinkType>(pcap_datalink(handle_.get()))) {}

CaptureReader::CaptureReader(std::string name, PcapngReader pcapng)
    : name_(std::move(name)), pcapng_(std::move(pcapng)) {}

Result<CaptureReader> CaptureReader::open(const std::filesystem::path& path) {
  const std::string doing = "open capture " + path.string();
  // Opened here, since libpcap would take "-" for standard input and hides the errno.
  FILE* file = fopen(path.c_str(), "rbe");
  if (!file) return fail(doing, errno);
  std::array<std::byte, 4> magic{};
  const bool has_magic = fread(magic.data(), 1, magic.size(), file) == magic.size();
  rewind(file);
  if (has_magic && PcapngReader::is_magic(magic))
    return CaptureReader(path.string(), PcapngReader(CaptureFile(file), path.string()));
  char reason[PCAP_ERRBUF_SIZE] = {};
  pcap_t* handle = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, reason);
  if (!handle) {
    fclose(file);
    return fail(fmt::format("{}: {}", doing, reason), 0, "give a pcap or pcapng file");
  }
  return CaptureReader(path.string(), std::unique_ptr<pcap, Close>(handle));
}

Result<std::optional<CapturedFrame>> CaptureReader::next() {
  if (!pcapng_) return next_of_pcap();
  auto frame = pcapng_->next();
  if (frame && *frame) ++frames_read_;
  return frame;
}

Result<std::optional<CapturedFrame>> CaptureReader::next_of_pcap() {
  pcap_pkthdr* header = nullptr;
  const u_char* data = nullptr;
  const int outcome = pcap_next_ex(handle_.get(), &header, &data);
  if (outcome == PCAP_ERROR_BREAK) return std::nullopt;
  if (outcome != 1) {
    return fail(
        fmt::format("read frame {} of capture {}: {}", frames_read_, name_, pcap_geterr(handle_.get())));
  }
  // With nanosecond precision libpcap keeps nanoseconds in the field called tv_usec.
  Nanoseconds time = 0;
  if (__builtin_mul_overflow(static_cast<Nanoseconds>(header->ts.tv_sec), kSecond, &time) ||
      __builtin_add_overflow(time, static_cast<Nanoseconds>(header->ts.tv_usec), &time)) {
    return fail(fmt::format("read frame {} of capture {}: its time of {} s is out of range", frames_read_,
                            name_, header->ts.tv_sec));
  }
  ++frames_read_;
  return CapturedFrame{time, header->len, std::as_bytes(std::span(data, header->caplen)), *link_type_};
}

CapturedFrame CaptureReader::behind_ethernet(const CapturedFrame& frame) {
  constexpr std::size_t kAddresses = 12, kEthernetBytes = 14;
  const bool ipv6 = !frame.bytes.empty() && (frame.bytes[0] >> 4) == std::byte{6};
  wrapped_.assign(kEthernetBytes, std::byte{0});
  store_be16(&wrapped_[kAddresses], ipv6 ? 0x86dd : 0x0800);
  wrapped_.insert(wrapped_.end(), frame.bytes.begin(), frame.bytes.end());
  return {frame.time, static_cast<std::uint32_t>(wrapped_.size()), wrapped_};
}

Result<std::optional<CapturedFrame>> next_whole_frame(CaptureReader& reader, IpLinks ip_links) {
  const auto accepted = [ip_links](LinkType link) {
    return link == LinkType::kEthernet ||
           (ip_links == IpLinks::kWrapped && (link == LinkType::kRawIp || link == LinkType::kIpv4));
  };
  const auto refused = [&reader](LinkType link) {
    return fail(
        fmt::format("read capture {}: its link type is {}, not Ethernet", reader.name(), to_string(link)), 0,
        "give a capture taken on an Ethernet interface");
  };
  // A file of the wrong kind is refused also when it has no frame.
  if (reader.link_type_ && !accepted(*reader.link_type_)) return refused(*reader.link_type_);
  auto next = reader.next();
  if (!next || !*next) return next;
  const CapturedFrame& frame = **next;
  if (!accepted(frame.link)) return refused(frame.link);
  if (frame.bytes.size() != frame.wire_length) {
    return fail(fmt::format("read capture {}: frame {} is cut short, {} bytes of {}", reader.name(),
                            reader.frames_read() - 1, frame.bytes.size(), frame.wire_length),
                0, "capture whole frames (tcpdump -s 0)");
  }
  if (frame.link != LinkType::kEthernet) return reader.behind_ethernet(frame);
  return next;
}

Result<std::vector<OwnedFrame>> read_ethernet_frames(const std::filesystem::path& path) {
  Result<CaptureReader> reader = CaptureReader::open(path);
  if (!reader) return tl::unexpected(reader.error());
  std::vector<OwnedFrame> frames;
  while (true) {
    auto frame = next_whole_frame(*reader);
    if (!frame) return tl::unexpected(frame.error());
    if (!*frame) return frames;
    frames.push_back({(*frame)->time, {(*frame)->bytes.begin(), (*frame)->bytes.end()}});
  }
}

void CaptureWriter::CloseHandle::operator()(pcap* handle) const {
  pcap_close(handle);
}
void CaptureWriter::CloseDump::operator()(pcap_dumper* dump) const {
  pcap_dump_close(dump);
}

CaptureWriter::CaptureWriter(std::string name, std::unique_ptr<pcap, CloseHandle> handle,
                             std::unique_ptr<pcap_dumper, CloseDump> dump)
    : name_(std::move(name)), handle_(std::move(handle)), dump_(std::move(dump)) {}

Result<CaptureWriter> CaptureWriter::create(const std::filesystem::path& path) {
  const std::string doing = "create capture " + path.string();
  std::unique_ptr<pcap, CloseHandle> handle(pcap_open_dead_with_tstamp_precision(
      DLT_EN10MB, static_cast<int>(kMaxFrame), PCAP_TSTAMP_PRECISION_NANO));
  if (!handle) return fail(doing + ": libpcap gave no handle", ENOMEM);
  FILE* file = fopen(path.c_str(), "wbe");
  if (!file) return fail(doing, errno);
  pcap_dumper_t* dump = pcap_dump_fopen(handle.get(), file);
  if (!dump) {
    fclose(file);
    return fail(fmt::format("{}: {}", doing, pcap_geterr(handle.get())));
  }
  return CaptureWriter(path.string(), std::move(handle), std::unique_ptr<pcap_dumper, CloseDump>(dump));
}

Status CaptureWriter::write(Nanoseconds time, std::span<const std::byte> bytes) {
  PENSTOCK_CHECK(dump_ != nullptr);
  if (time < 0 || time / kSecond > std::numeric_limits<std::uint32_t>::max()) {
    return fail(fmt::format("write capture {}: time {} ns does not fit pcap's 32-bit seconds", name_, time));
  }
  if (bytes.size() > kMaxFrame) {
    return fail(
        fmt::format("write capture {}: frame of {} bytes, the most is {}", name_, bytes.size(), kMaxFrame));
  }
  pcap_pkthdr header{};
  header.ts.tv_sec = time / kSecond;
  header.ts.tv_usec = time % kSecond;  // nanoseconds, by the handle's precision
  header.caplen = header.len = static_cast<bpf_u_int32>(bytes.size());
  errno = 0;
  pcap_dump(reinterpret_cast<u_char*>(dump_.get()), &header, reinterpret_cast<const u_char*>(bytes.data()));
  // pcap_dump() reports nothing: the stream remembers.
  if (ferror(pcap_dump_file(dump_.get()))) return fail("write capture " + name_, errno ? errno : EIO);
  return {};
}

Status CaptureWriter::close() {
  PENSTOCK_CHECK(dump_ != nullptr);
  const bool failed_before = ferror(pcap_dump_file(dump_.get())) != 0;
  errno = 0;
  const bool flushed = pcap_dump_flush(dump_.get()) == 0;
  const int code = errno;
  dump_.reset();
  if (failed_before || !flushed) return fail("write capture " + name_, code ? code : EIO);
  return {};
}

}  // namespace penstock
