// Making the workload, then writing it.
#include "sim/commands/generate.h"

#include <system_error>
#include <utility>

#include "engine/capture/pcapng.h"
#include "sim/workload/shred_source.h"

namespace penstock {
namespace {

constexpr std::uint64_t kProgressEvery = 4'096;  // frames

Status write_frames(const Workload& workload, PcapngWriter& writer, const GenerateProgress& progress) {
  const std::uint64_t all = workload.frames().size();
  std::uint64_t written = 0;
  for (const TimedFrame& frame : workload.frames()) {
    if (Status s = writer.write(frame.at, frame.bytes); !s) return s;
    if (++written % kProgressEvery == 0) progress("writing", written, all);
  }
  progress("writing", all, all);
  return writer.close();
}

}  // namespace

Result<PreparedWorkload> generate_capture(const WorkloadRecipe& recipe, const std::filesystem::path& path,
                                          const GenerateProgress& progress) {
  Result<PcapngWriter> writer = PcapngWriter::create(path);
  if (!writer) return tl::unexpected(writer.error());
  Result<PreparedWorkload> prepared =
      prepare_workload(recipe, [&progress](std::uint32_t done, std::uint32_t of) {
        progress("making shreds", done * kShredsInSet, of * kShredsInSet);
      });
  Status written = prepared ? write_frames(prepared->workload, *writer, progress)
                            : Status(tl::unexpected(prepared.error()));
  if (written) return prepared;
  std::error_code ignored;  // the first error is the one to tell
  std::filesystem::remove(path, ignored);
  return tl::unexpected(written.error());
}

}  // namespace penstock
