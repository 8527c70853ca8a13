// The system calls that the engine and its broker may make, each with what for: the table behind their three
// seccomp lists (confinement.h), and behind docs/confinement.md, which a test holds against it.
//
// Thread safety: constants.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace penstock {

// Who may make a call.
enum class Caller : std::uint8_t {
  kEngine,  // every thread but the tiles: the supervising one and pen-http, before and while tiles run
  kTiles,   // the tiles alone: pen-net, pen-return, pen-sink, pen-shred, pen-outlet
  kBroker,  // pen-broker, in place of the call's other rows; else it may what the engine may
  kAll,
};

// What an argument must be, where the call alone says too little. Its low 32 bits count, as they do for the
// kernel in all of these.
struct ArgumentRule {
  enum class Kind : std::uint8_t {
    kAny,
    kOneOf,       // equal to one of the values
    kHasBits,     // has all bits of the first value
    kLacksBits,   // has no bit of the first value
    kThisProcess  // this process's id
  };
  Kind kind = Kind::kAny;
  unsigned argument = 0;  // 0 to 5
  std::span<const std::uint32_t> values{};
  const char* in_words = "";
};

struct AllowedCall {
  int number;
  Caller caller;
  const char* reason;
  ArgumentRule rule{};
  bool io_uring = false;  // with the path io_uring alone
  int answer = 0;         // an errno: not made, but refused quietly
};

std::span<const AllowedCall> allowed_calls();
// Whether the row is of that list: kEngine, kTiles or kBroker.
bool is_of_list(const AllowedCall& call, Caller list);

// "openat"; "system call 999" for one without a name.
std::string syscall_name(int number);

// The table as docs/confinement.md has it.
std::string allowed_calls_table();

}  // namespace penstock
