// BPF type information (section .BTF): the types by number, and the bytes as the kernel wants them.
// Format: https://docs.kernel.org/bpf/btf.html.
//
// The compiler leaves the sizes and offsets of data sections for the loader to fill in, as it does not know
// them; finished() has them from the object's symbols, and the kernel refuses them otherwise.
//
// Ownership: a copy of the section. Thread safety: immutable after parse().
#pragma once

#include <linux/btf.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/xdp/loader/bounded_bytes.h"
#include "engine/xdp/loader/elf_object.h"

namespace penstock {

class BtfTypes {
 public:
  // A type and where what belongs to it (members, variables of a data section, ...) begins.
  struct Type {
    btf_type head;
    std::uint64_t details;  // offset into the section

    std::uint32_t kind() const { return BTF_INFO_KIND(head.info); }
    std::uint32_t count() const { return BTF_INFO_VLEN(head.info); }
  };

  static Result<BtfTypes> parse(Bytes section);

  // Type numbers begin with 1; 0 is void. Nothing when there is no such type.
  std::optional<Type> type(std::uint32_t number) const;
  std::uint32_t find(std::string_view name, std::uint32_t kind) const;  // 0: none
  // Empty when it has none.
  std::string_view name(std::uint32_t offset) const;

  // The i-th detail of a type, of the kind that its kind has. Requires: i < count() (or 0 for the kinds
  // that have exactly one), and the right T; parse() has seen that it lies inside.
  template <typename T>
  T detail(const Type& type, std::uint32_t i = 0) const {
    return *read_at<T>(bytes_, type.details + std::uint64_t{i} * sizeof(T));
  }

  // Through typedef, const, volatile and restrict; nothing for a chain that does not end.
  std::optional<Type> resolved(std::uint32_t number) const;
  // In bytes. Nothing for a type without a size.
  std::optional<std::uint64_t> size_of(std::uint32_t number) const;

  // The section with sizes and offsets of its data sections filled in.
  Result<std::vector<std::byte>> finished(const ElfObject& object) const;

 private:
  Status finish_section(const Type& type, const ElfObject& object, std::vector<std::byte>& bytes) const;

  std::vector<std::byte> bytes_;
  std::vector<Type> types_;  // number 1 first
  Bytes strings() const { return Bytes(bytes_).subspan(strings_offset_, strings_bytes_); }
  std::uint64_t strings_offset_ = 0, strings_bytes_ = 0;
};

}  // namespace penstock
