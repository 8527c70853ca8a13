// `runner generate`: a workload as a capture file, to be replayed, or read by any other tool.
//
// The file says nothing but the frames and their times, from 0 on: two runs of one recipe are byte-identical,
// on any machine. Memory: the whole workload, about 1.3 KB a shred.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "engine/base/result.h"
#include "sim/workload/recipe.h"

namespace penstock {

// What it is doing now and how far it is, done of all, in frames.
using GenerateProgress = std::function<void(const std::string& phase, std::uint64_t done, std::uint64_t of)>;

// Writes a pcapng file. On an error no file of that name is left, unless it was there before and could not be
// opened for writing.
Result<PreparedWorkload> generate_capture(const WorkloadRecipe& recipe, const std::filesystem::path& path,
                                          const GenerateProgress& progress);

}  // namespace penstock
