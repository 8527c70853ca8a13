// Operating errors as values.
//
//   Result<Umem> umem = Umem::create(config);
//   if (!umem) return fail("set up queue 0", umem.error());
//
// A function that can fail because of the world outside (a missing capability, a busy queue, a bad
// file) returns Result<T>; the Error says what was tried, the errno by name, and what to do about
// it. Programmer errors are not Errors: they are CHECKs (check.h). No exceptions are thrown on the
// packet path.
//
// Thread safety: values; share them as you would a std::string.
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace penstock {

// One failed operation. message() reads: "bind queue 3 of eth0: EBUSY (Device or resource busy); fix: ...".
struct Error {
  std::string what;   // what was tried, with the names of the things involved
  int code = 0;       // errno, positive; 0 when no system call failed
  std::string fix{};  // what the reader can do, a command where there is one; may be empty

  std::string message() const;
};

template <typename T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

// For returning: `return fail("open " + path, errno);`
inline tl::unexpected<Error> fail(std::string what, int code = 0, std::string fix = {}) {
  return tl::unexpected<Error>(Error{std::move(what), code, std::move(fix)});
}

// Passes an inner error on, with what the caller was doing in front: "load filter_by_port: verifier: ...".
inline tl::unexpected<Error> fail(const std::string& doing, Error inner) {
  inner.what = doing + ": " + inner.what;
  return tl::unexpected<Error>(std::move(inner));
}

}  // namespace penstock
