// What the host gives this process, whatever the interface: kernel, capabilities, memory.
//
// Sources: Documentation/networking/af_xdp.rst; capabilities(7); net/xdp/xdp_umem.c, xdp_umem_account_pages()
// for what RLIMIT_MEMLOCK has to cover.
//
// Thread safety: reads the calling thread's credentials and limits; changes nothing.
#pragma once

#include <cstdint>

#include "engine/doctor/finding.h"

namespace penstock {

struct HostState {
  bool may_use_af_xdp = false;  // all capabilities are there
  bool umem_fits = false;       // into what this process may lock
  bool io_uring = false;        // as the io_uring receiver needs it
};

// `umem_bytes`: what the configured receiver will register.
HostState check_host(std::uint64_t umem_bytes, Findings& findings);

}  // namespace penstock
