// Capabilities beyond those of this process: what the binary's file would give to one that starts it, and
// what a running engine has. A running one does not get what a file or a unit was given since: one that was
// started too early goes on by a slower way, however good everything looks by now.
//
// Sources: capabilities(7), vfs_cap_data; proc(5).
//
// Thread safety: reads; changes nothing.
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "engine/doctor/finding.h"
#include "engine/monitor/sample.h"

namespace penstock {

// The binary that is installed, else the one that asks.
std::filesystem::path installed_binary();

void check_binary(const std::filesystem::path& binary, Findings& findings);

// `engine`: what it says of itself, its process above all. `proc`: /proc, or what stands for it in a test.
// One that is not to be seen there, as in another container, is not judged.
void check_engine_process(const EngineSample& engine, const std::filesystem::path& proc, Findings& findings);

}  // namespace penstock
