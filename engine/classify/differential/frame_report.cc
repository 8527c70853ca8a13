// Hex, scapy, pcap.
#include "engine/classify/differential/frame_report.h"

#include <fmt/format.h>

#include "engine/capture/capture.h"

namespace penstock {

std::string hex(std::span<const std::byte> frame) {
  std::string text;
  text.reserve(2 * frame.size());
  for (const std::byte byte : frame)
    fmt::format_to(std::back_inserter(text), "{:02x}", std::to_integer<unsigned>(byte));
  return text;
}

std::string scapy_line(std::span<const std::byte> frame) {
  return fmt::format("Ether(bytes.fromhex(\"{}\"))", hex(frame));
}

Status write_pcap(const std::filesystem::path& path, std::span<const std::byte> frame) {
  Result<CaptureWriter> writer = CaptureWriter::create(path);
  if (!writer) return tl::unexpected(writer.error());
  if (Status s = writer->write(0, frame); !s) return s;
  return writer->close();
}

}  // namespace penstock
