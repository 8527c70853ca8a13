// What a fuzz target (ci/bazel/fuzz_target.bzl) defines, in one source file:
//
//   LLVMFuzzerTestOneInput   feeds one input to the code under test and ends the process by
//                            PENSTOCK_CHECK when a promise is broken; returns 0
//   fuzz_seeds               inputs to begin with: a good one of every kind
//
// libFuzzer calls the first as it likes; the regression test (fuzz_regression_main.cc) calls it for every
// seed, every prefix of one, mutations from a fixed seed, and each file of the corpus.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer calls it by this name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace penstock {

std::vector<std::vector<std::byte>> fuzz_seeds();

}  // namespace penstock
