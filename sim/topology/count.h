// A number of frames, or that nobody has counted them: a device without such a counter. What is unknown stays
// unknown in every sum, so that no check can pass by it.
//
// Thread safety: values.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <utility>

namespace penstock {

struct Count {
  std::uint64_t value = 0;
  std::string missing{};  // which counter there is not, in words; empty: the value is known

  Count() = default;
  Count(std::uint64_t known) : value(known) {}  // NOLINT(google-explicit-constructor): a number is a count
  static Count unknown(std::string what) {
    Count count;
    count.missing = std::move(what);
    return count;
  }

  bool known() const { return missing.empty(); }
  bool operator==(const Count&) const = default;

  Count& operator+=(const Count& other) { return combine(other, value + other.value); }
  Count& operator-=(const Count& other) { return combine(other, value - other.value); }

  friend std::ostream& operator<<(std::ostream& out, const Count& count) {
    if (!count.known()) return out << "unknown (" << count.missing << ")";
    return out << count.value;
  }

 private:
  Count& combine(const Count& other, std::uint64_t result) {
    if (known()) missing = other.missing;
    value = known() ? result : 0;
    return *this;
  }
};

}  // namespace penstock
