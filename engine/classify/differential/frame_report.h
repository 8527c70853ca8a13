// A frame in the forms that people and other programs read. Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

#include "engine/base/result.h"

namespace penstock {

std::string hex(std::span<const std::byte> frame);

// A line that makes the frame in scapy, byte for byte: no layer of a malformed frame is rebuilt.
std::string scapy_line(std::span<const std::byte> frame);

// A capture of this one frame.
Status write_pcap(const std::filesystem::path& path, std::span<const std::byte> frame);

}  // namespace penstock
