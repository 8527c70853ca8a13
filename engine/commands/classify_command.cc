// Classifying a capture.
#include "engine/commands/classify_command.h"

#include <errno.h>
#include <linux/bpf.h>

#include <optional>
#include <string>

#include <fmt/format.h>

#include "engine/capture/capture.h"
#include "engine/xdp/test_run.h"

namespace penstock {
namespace {

const char* word(bool taken) {
  return taken ? "take" : "pass";
}

const char* kernel_word(const std::optional<ProgramTestRun>& kernel, std::span<const std::byte> frame) {
  if (!kernel) return "unavailable";
  const Result<std::uint32_t> verdict = kernel->run(Filter::kKernel, frame);
  if (!verdict) return "unavailable";
  return word(*verdict == XDP_REDIRECT);
}

}  // namespace

Status classify_capture(const std::filesystem::path& capture, const ClassifierConfig& config,
                        std::FILE* out) {
  Result<Classifier> classifier = Classifier::create(config);
  if (!classifier) return tl::unexpected(classifier.error());
  Result<CaptureReader> reader = CaptureReader::open(capture);
  if (!reader) return tl::unexpected(reader.error());

  std::optional<ProgramTestRun> kernel;
  if (Result<ProgramTestRun> loaded = ProgramTestRun::create(*classifier)) {
    kernel.emplace(std::move(*loaded));
  } else {
    fmt::print(stderr, "penstock: kernel verdicts are unavailable: {}\n", loaded.error().message());
  }

  while (true) {
    auto next = next_whole_frame(*reader);
    if (!next) return tl::unexpected(next.error());
    if (!*next) break;
    const std::span<const std::byte> frame = (*next)->bytes;
    const Verdict verdict = classifier->classify(frame);
    fmt::print(out,
               "{{\"frame\": {}, \"userspace\": \"{}\", \"kernel\": \"{}\", \"reason\": \"{}\", "
               "\"payload_offset\": {}, \"payload_length\": {}}}\n",
               reader->frames_read() - 1, word(verdict.taken()), kernel_word(kernel, frame),
               reason_name(verdict.reason), verdict.payload.offset, verdict.payload.length);
  }
  if (std::fflush(out) != 0) return fail("write the verdicts", errno);
  return {};
}

}  // namespace penstock
