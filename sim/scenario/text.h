// Text for people and for markup, as the table, JUnit and the report write it alike.
//
// Thread safety: no state.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace penstock {

// 1234567 as "1,234,567".
std::string grouped(std::uint64_t value);

// For text and attribute values of XML and HTML. Control characters, which XML forbids, become spaces.
std::string escaped_markup(std::string_view text);

// "1 queue", "2 queues".
std::string counted(std::uint64_t count, std::string_view noun);

}  // namespace penstock
