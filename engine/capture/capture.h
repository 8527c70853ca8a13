// Capture files: read pcap (microsecond and nanosecond magics, both byte orders) and pcapng, write
// classic pcap with nanosecond times. A thin face over libpcap for pcap, and over pcapng.h.
//
// Invariants
//   1. Frames are counted from 0; an error about a frame names its number.
//   2. A file that ends inside a record is an error, not a short read: next() says so.
//   3. A capture written here and read back gives the same times and bytes. Nothing of the host or
//      the moment of writing goes into the file: same frames, same bytes.
//
// Thread safety: none; one reader or writer, one thread. Units: nanoseconds since the epoch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "engine/capture/link_type.h"
#include "engine/capture/pcapng.h"

struct pcap;         // libpcap's reader; its header stays out of ours
struct pcap_dumper;  // libpcap's writer

namespace penstock {

// What becomes of frames that begin with their IP header (link types 12 and 228; 101 in files).
enum class IpLinks {
  kRefused,
  kWrapped,  // given an Ethernet header with MAC addresses of zero
};

class CaptureReader {
 public:
  static Result<CaptureReader> open(const std::filesystem::path& path);

  // The next frame; nothing at the end of the file.
  Result<std::optional<CapturedFrame>> next();

  // Of a pcap file, known before its first frame; nothing for pcapng, where each frame says its own.
  std::optional<LinkType> link_type() const { return link_type_; }
  const std::string& name() const { return name_; }
  // How many frames next() has given so far.
  std::uint64_t frames_read() const { return frames_read_; }

 private:
  struct Close {
    void operator()(pcap* handle) const;
  };

  CaptureReader(std::string name, std::unique_ptr<pcap, Close> handle);
  CaptureReader(std::string name, PcapngReader pcapng);
  Result<std::optional<CapturedFrame>> next_of_pcap();
  // The frame behind an Ethernet header that its IP version gives: without addresses.
  CapturedFrame behind_ethernet(const CapturedFrame& frame);

  friend Result<std::optional<CapturedFrame>> next_whole_frame(CaptureReader& reader, IpLinks ip_links);

  std::string name_;
  std::unique_ptr<pcap, Close> handle_;  // or
  std::optional<PcapngReader> pcapng_;
  std::optional<LinkType> link_type_;
  std::uint64_t frames_read_ = 0;
  std::vector<std::byte> wrapped_;
};

// One frame that owns its bytes.
struct OwnedFrame {
  Nanoseconds time = 0;
  std::vector<std::byte> bytes;
};

// next() for callers that need every frame whole and from its Ethernet header on. Refuses, by name, another
// link type and a frame that the capture cut short.
Result<std::optional<CapturedFrame>> next_whole_frame(CaptureReader& reader,
                                                      IpLinks ip_links = IpLinks::kRefused);

// All frames of an Ethernet capture by next_whole_frame(); holds the whole file in memory.
Result<std::vector<OwnedFrame>> read_ethernet_frames(const std::filesystem::path& path);

class CaptureWriter {
 public:
  // The longest frame that can be written.
  static constexpr std::size_t kMaxFrame = 262'144;

  // Creates or empties `path`, an Ethernet capture.
  static Result<CaptureWriter> create(const std::filesystem::path& path);

  // Appends a whole frame. Refuses a time that is negative or beyond pcap's 32-bit seconds, and a
  // frame above kMaxFrame. Data is buffered, so that a full disk may show only in a later write()
  // or in close().
  Status write(Nanoseconds time, std::span<const std::byte> bytes);

  // Writes what is buffered and closes. Only after a close() that succeeded is the file complete;
  // a writer destroyed without it leaves what it could write. Call once; no write() after it.
  Status close();

 private:
  struct CloseHandle {
    void operator()(pcap* handle) const;
  };
  struct CloseDump {
    void operator()(pcap_dumper* dump) const;
  };

  CaptureWriter(std::string name, std::unique_ptr<pcap, CloseHandle> handle,
                std::unique_ptr<pcap_dumper, CloseDump> dump);

  std::string name_;
  std::unique_ptr<pcap, CloseHandle> handle_;
  std::unique_ptr<pcap_dumper, CloseDump> dump_;
};

}  // namespace penstock
