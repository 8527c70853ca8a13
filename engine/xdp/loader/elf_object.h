// The parts of a BPF object file (ELF64, little-endian, relocatable) that a loader needs: sections,
// symbols and relocations. Format: elf(5), https://docs.kernel.org/bpf/llvm_reloc.html.
//
// Nothing in the file is believed: what points outside is an error that says which part is wrong, and
// what parse() returns may be used without further checks, but for the meaning of numbers (a symbol's
// value may lie outside its section).
//
// Ownership: views into the bytes, which must outlive it. Thread safety: immutable.
#pragma once

#include <elf.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/xdp/loader/bounded_bytes.h"

namespace penstock {

class ElfObject {
 public:
  struct Relocation {
    std::uint64_t offset;  // in the section, of the instruction
    std::uint32_t type;    // R_BPF_...
    std::uint32_t symbol;  // index into symbols()
  };
  struct Section {
    std::string_view name;
    std::uint32_t type;   // SHT_...
    std::uint64_t flags;  // SHF_...
    std::uint64_t size;
    Bytes bytes;                          // none of SHT_NOBITS
    std::vector<Relocation> relocations;  // of this section, in the order of the file
  };
  struct Symbol {
    std::string_view name;
    std::uint8_t type;      // STT_...
    std::uint16_t section;  // may be SHN_UNDEF or reserved
    std::uint64_t value;    // offset in the section
    std::uint64_t size;
  };

  static Result<ElfObject> parse(Bytes file);

  const std::vector<Section>& sections() const { return sections_; }
  const std::vector<Symbol>& symbols() const { return symbols_; }
  // Null when there is none.
  const Section* find(std::string_view name) const;
  std::uint16_t index_of(const Section& section) const;
  // The symbol of this name and section; null when there is none.
  const Symbol* find_symbol(std::string_view name, std::uint16_t section) const;

 private:
  Status read_sections(Bytes file);
  Status read_symbols();
  Status read_relocations();

  std::vector<Section> sections_;
  std::vector<Elf64_Shdr> headers_;
  std::vector<Symbol> symbols_;
};

}  // namespace penstock
