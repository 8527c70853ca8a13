// Reading, rewriting, timing.
#include "sim/replay/capture_workload.h"

#include <algorithm>
#include <optional>

#include "engine/capture/capture.h"
#include "sim/replay/rewrite.h"

namespace penstock {

Result<Workload> read_capture_workload(const std::filesystem::path& path, const LinkAddresses& link,
                                       CaptureAddresses addresses) {
  Result<CaptureReader> reader = CaptureReader::open(path);
  if (!reader) return tl::unexpected(reader.error());
  Workload workload({.profile = path.filename().string(), .link = link});
  Rewriter rewriter(
      {.source_mac = link.sender_mac, .destination_mac = link.receiver_mac, .destination = link.receiver});

  std::optional<Nanoseconds> first;
  Nanoseconds latest = 0;
  while (true) {
    auto next = next_whole_frame(*reader, IpLinks::kWrapped);
    if (!next) return tl::unexpected(next.error());
    if (!*next) break;
    const CapturedFrame& captured = **next;
    if (!first) first = captured.time;
    latest = std::max(latest, captured.time - *first);
    const std::span<std::byte> bytes = workload.allocate(captured.bytes.size());
    std::copy(captured.bytes.begin(), captured.bytes.end(), bytes.begin());
    if (addresses == CaptureAddresses::kRewritten) rewriter.rewrite(bytes);
    workload.add({.at = latest, .kind = FrameKind::kCaptured, .bytes = bytes});
  }
  if (!first) return fail("read capture " + path.string() + ": it holds no frame");
  return workload;
}

}  // namespace penstock
