// Section .BTF.ext: which instruction begins which function, and which line of source it comes from. The
// kernel needs the first to verify a global function by itself, and shows the second in the verifier's log.
// Format: https://docs.kernel.org/bpf/btf.html#btf-ext-section.
//
// Thread safety: immutable.
#pragma once

#include <linux/bpf.h>

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/xdp/loader/btf_types.h"

namespace penstock {

// insn_off counts bytes from the begin of the section here, as in the object; instructions from the begin of
// the program in what the kernel gets.
struct SourceInfo {
  struct OfSection {
    std::vector<bpf_func_info> functions;
    std::vector<bpf_line_info> lines;
  };
  std::map<std::string_view, OfSection> sections;  // by name of the section, which `types` holds

  // `section`: of .BTF.ext; empty gives nothing. Errors: cut off, or with relocations against the kernel's
  // types, without which a program would read the wrong places.
  static Result<SourceInfo> parse(Bytes section, const BtfTypes& types);
};

}  // namespace penstock
