// Capture files: read pcap (microsecond and nanosecond magics, both byte orders) and pcapng, write
// classic pcap with nanosecond times. A thin face over libpcap, which knows the formats.
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

struct pcap;         // libpcap's reader; its header stays out of ours
struct pcap_dumper;  // libpcap's writer

namespace penstock {

// The link-layer type (DLT_ number) of all frames of a file.
enum class LinkType : int { kEthernet = 1 };

// libpcap's name, as "EN10MB"; the number when it has none.
std::string to_string(LinkType type);

// One frame of a capture. `bytes` belongs to the reader and is valid until its next next().
struct CapturedFrame {
  Nanoseconds time = 0;           // since the epoch
  std::uint32_t wire_length = 0;  // what was on the wire; larger than bytes.size() when cut short
  std::span<const std::byte> bytes;
};

class CaptureReader {
 public:
  static Result<CaptureReader> open(const std::filesystem::path& path);

  // The next frame; nothing at the end of the file.
  Result<std::optional<CapturedFrame>> next();

  LinkType link_type() const { return link_type_; }
  const std::string& name() const { return name_; }
  // How many frames next() has given so far.
  std::uint64_t frames_read() const { return frames_read_; }

 private:
  struct Close {
    void operator()(pcap* handle) const;
  };

  CaptureReader(std::string name, std::unique_ptr<pcap, Close> handle);

  std::string name_;
  std::unique_ptr<pcap, Close> handle_;
  LinkType link_type_;
  std::uint64_t frames_read_ = 0;
};

// One frame that owns its bytes.
struct OwnedFrame {
  Nanoseconds time = 0;
  std::vector<std::byte> bytes;
};

// next() for callers that need every frame whole. Refuses, by name, another link type than Ethernet
// and a frame that the capture cut short.
Result<std::optional<CapturedFrame>> next_whole_frame(CaptureReader& reader);

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
