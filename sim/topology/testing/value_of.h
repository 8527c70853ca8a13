// The value of a Result, for tests that cannot go on without it: an error ends the test with its message.
//
// Thread safety: as the Result.
#pragma once

#include <stdexcept>
#include <type_traits>
#include <utility>

#include "engine/base/result.h"

namespace penstock::testing {

template <typename T>
T value_of(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace penstock::testing
