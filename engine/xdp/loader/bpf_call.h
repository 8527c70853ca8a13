// The bpf() system call, which glibc does not wrap. Thread safety: the kernel's.
#pragma once

#include <linux/bpf.h>

#include <cstdint>

namespace penstock {

// What the call returns, or minus errno. `attr` must have been zeroed: the kernel refuses what it does not
// know unless it is zero.
int bpf_call(bpf_cmd command, bpf_attr& attr);

// As the fields of bpf_attr want pointers.
inline std::uint64_t address_of(const void* pointer) {
  return reinterpret_cast<std::uintptr_t>(pointer);
}

}  // namespace penstock
