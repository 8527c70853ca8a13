// A mismatch in words.
#include <algorithm>

#include <fmt/format.h>

#include "engine/capture/capture.h"
#include "engine/classify/differential/frame_report.h"
#include "sim/oracle_fuzz/oracle_fuzz.h"

namespace penstock {
namespace {

// Of a batch that did not differ again there may be a thousand.
constexpr std::size_t kShownFrames = 16;
constexpr std::size_t kShownDatagrams = 16;

void append_datagrams(std::string& text, const char* what, const std::vector<Datagram>& datagrams) {
  for (std::size_t i = 0; i < std::min(datagrams.size(), kShownDatagrams); ++i)
    text += fmt::format("  {}: {}\n", what, datagrams[i].to_string());
  if (datagrams.size() > kShownDatagrams)
    text += fmt::format("  ... and {} more\n", datagrams.size() - kShownDatagrams);
}

Status write_capture(const std::filesystem::path& path, const std::vector<FrameBytes>& frames) {
  Result<CaptureWriter> writer = CaptureWriter::create(path);
  if (!writer) return tl::unexpected(writer.error());
  Nanoseconds time = 0;
  for (const FrameBytes& frame : frames) {
    if (Status s = writer->write(time++, frame); !s) return s;
  }
  return writer->close();
}

}  // namespace

Result<std::string> describe(const Mismatch& mismatch, const FuzzConfig& config,
                             const std::filesystem::path& directory) {
  const std::filesystem::path capture = directory / "oracle_mismatch.pcap";
  if (const Status written = write_capture(capture, mismatch.frames); !written)
    return tl::unexpected(written.error());
  FuzzHost host;
  ClassifierConfig options = host.classifier();
  options.vlan = config.profile.vlan;
  options.ipv6 = config.profile.ipv6;
  options.verify_udp_checksum = config.profile.verify_udp_checksum;
  const Result<Classifier> classifier = Classifier::create(options);
  if (!classifier) return tl::unexpected(classifier.error());

  std::string text =
      fmt::format("{} differs from plain UDP sockets (profile {}, seed {}, batch from case {}):\n",
                  to_string(mismatch.path), config.profile.name, config.seed, mismatch.first_case);
  append_datagrams(text, "missing", mismatch.difference.missing);
  append_datagrams(text, "too many", mismatch.difference.extra);
  text += mismatch.repeated
              ? fmt::format("by {} frames, none of which can be left out:\n", mismatch.frames.size())
              : fmt::format("once; the same {} frames did not differ again:\n", mismatch.frames.size());
  for (std::size_t i = 0; i < std::min(mismatch.frames.size(), kShownFrames); ++i) {
    const FrameBytes& frame = mismatch.frames[i];
    text += fmt::format("  frame {}, {} bytes, classifier: {}\n    {}\n    {}\n", i, frame.size(),
                        reason_name(classifier->classify(frame).reason), hex(frame), scapy_line(frame));
  }
  text += fmt::format(
      "pcap: {}\n"
      "again: sudo ci/bazel/in_netns.sh bazel-bin/sim/oracle_fuzz/oracle_fuzz --profile {} --paths {} --pcap "
      "{}\n"
      "  or the batch: ... --profile {} --paths {} --seed {} --first {} --cases {}\n",
      capture.string(), config.profile.name, to_string(mismatch.path), capture.string(), config.profile.name,
      to_string(mismatch.path), config.seed, mismatch.first_case, config.batch);
  return text;
}

}  // namespace penstock
