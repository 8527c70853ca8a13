// "Did you mean": the candidate nearest to a name that somebody mistyped.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace penstock {

// By Levenshtein distance; empty when none is near enough to be a slip (a third of the name's length,
// at least two edits). The result points into `candidates`.
std::string_view nearest_name(std::string_view name, std::span<const std::string> candidates);

// For the end of an error: "did you mean 'mainnet-1x'?", or "valid: a, b, c" when nothing is near.
std::string suggest_name(std::string_view name, std::span<const std::string> candidates);

}  // namespace penstock
