// What the host gives this process, whatever the interface: kernel, capabilities, memory.
//
// Sources: Documentation/networking/af_xdp.rst; capabilities(7); net/xdp/xdp_umem.c, xdp_umem_account_pages()
// for what RLIMIT_MEMLOCK has to cover.
//
// Thread safety: reads the calling thread's credentials and limits; changes nothing.
#pragma once

#include <cstdint>
#include <string>

#include "engine/doctor/finding.h"
#include "engine/xsk/umem.h"

namespace penstock {

struct HostState {
  bool may_use_af_xdp = false;  // all capabilities are there
  bool umem_fits = false;       // into what this process may lock, and into the pages that it must have
  bool io_uring = false;        // as the io_uring receiver needs it
};

// `umem_bytes`: what the configured receiver will register.
HostState check_host(std::uint64_t umem_bytes, HugePages huge_pages, Findings& findings);

// Whether a kernel of this release ("6.1.0-25-amd64") has what the engine builds on. One that cannot be read
// has.
bool is_new_enough(const std::string& release);

}  // namespace penstock
