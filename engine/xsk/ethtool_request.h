// The requests of linux/ethtool.h that end in an array, and its string sets.
//
// Thread safety: a request belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/xsk/ethtool.h"

namespace penstock {

// Storage for a header and `elements` of the array behind it.
template <typename Header, typename Element>
class EthtoolRequest {
 public:
  explicit EthtoolRequest(std::size_t elements)
      : words_((sizeof(Header) + elements * sizeof(Element) + sizeof(std::uint64_t) - 1) /
               sizeof(std::uint64_t)) {}

  void* data() { return words_.data(); }
  Header& header() { return *reinterpret_cast<Header*>(words_.data()); }
  char* elements() { return reinterpret_cast<char*>(words_.data()) + sizeof(Header); }

 private:
  std::vector<std::uint64_t> words_;
};

// How many strings set `set` (ETH_SS_*) has; `name` is for errors.
Result<std::uint32_t> count_of_string_set(const EthtoolCall& call, std::uint32_t set,
                                          const std::string& name);
Result<std::vector<std::string>> read_string_set(const EthtoolCall& call, std::uint32_t set,
                                                 std::uint32_t count, const std::string& name);

}  // namespace penstock
