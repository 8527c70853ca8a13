// Bounds first, then views.
#include "engine/xdp/loader/elf_object.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace penstock {
namespace {

#ifndef EM_BPF
constexpr std::uint16_t EM_BPF = 247;
#endif

tl::unexpected<Error> malformed(const std::string& what) {
  return fail("read the BPF object: " + what);
}

}  // namespace

Result<ElfObject> ElfObject::parse(Bytes file) {
  ElfObject object;
  if (Status s = object.read_sections(file); !s) return tl::unexpected(s.error());
  if (Status s = object.read_symbols(); !s) return tl::unexpected(s.error());
  if (Status s = object.read_relocations(); !s) return tl::unexpected(s.error());
  return object;
}

Status ElfObject::read_sections(Bytes file) {
  const auto header = read_at<Elf64_Ehdr>(file, 0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return malformed("no ELF file");
  if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB)
    return malformed("not of 64 bits, little-endian");
  if (header->e_machine != EM_BPF || header->e_type != ET_REL)
    return malformed("not a relocatable object for BPF");
  if (header->e_shentsize != sizeof(Elf64_Shdr)) return malformed("section headers of unknown size");

  const std::uint64_t bytes = std::uint64_t{header->e_shnum} * sizeof(Elf64_Shdr);
  const auto table = slice(file, header->e_shoff, bytes);
  if (!table) return malformed("the section headers are outside the file");
  for (std::uint64_t at = 0; at < bytes; at += sizeof(Elf64_Shdr))
    headers_.push_back(*read_at<Elf64_Shdr>(*table, at));
  if (header->e_shstrndx >= headers_.size()) return malformed("no table of section names");
  const Elf64_Shdr& names_header = headers_[header->e_shstrndx];
  const auto names = slice(file, names_header.sh_offset, names_header.sh_size);
  if (!names) return malformed("the table of section names is outside the file");

  for (const Elf64_Shdr& one : headers_) {
    const auto name = text_at(*names, one.sh_name);
    if (!name) return malformed("a section's name is outside its table");
    const bool in_file = one.sh_type != SHT_NOBITS && one.sh_type != SHT_NULL;
    const auto contents = in_file ? slice(file, one.sh_offset, one.sh_size) : Bytes{};
    if (!contents) return malformed(fmt::format("section {} is outside the file", *name));
    sections_.push_back({*name, one.sh_type, one.sh_flags, one.sh_size, *contents, {}});
  }
  return {};
}

Status ElfObject::read_symbols() {
  const auto table = std::find_if(sections_.begin(), sections_.end(),
                                  [](const Section& section) { return section.type == SHT_SYMTAB; });
  if (table == sections_.end()) return malformed("no symbols");
  const Elf64_Shdr& header = headers_[static_cast<std::size_t>(table - sections_.begin())];
  if (header.sh_link >= sections_.size()) return malformed("no names of symbols");
  const Bytes names = sections_[header.sh_link].bytes;
  if (table->bytes.size() % sizeof(Elf64_Sym) != 0) return malformed("the last symbol is cut off");
  for (std::size_t at = 0; at < table->bytes.size(); at += sizeof(Elf64_Sym)) {
    const auto symbol = *read_at<Elf64_Sym>(table->bytes, at);
    auto name = text_at(names, symbol.st_name);
    if (!name) return malformed("a symbol's name is outside its table");
    const std::uint8_t type = ELF64_ST_TYPE(symbol.st_info);
    if (type == STT_SECTION && symbol.st_shndx < sections_.size()) name = sections_[symbol.st_shndx].name;
    symbols_.push_back({*name, type, symbol.st_shndx, symbol.st_value, symbol.st_size});
  }
  return {};
}

Status ElfObject::read_relocations() {
  for (std::size_t i = 0; i < sections_.size(); ++i) {
    const Section& table = sections_[i];
    if (table.type == SHT_RELA) return malformed("relocations with addends, which BPF does not have");
    if (table.type != SHT_REL) continue;
    if (headers_[i].sh_info >= sections_.size())
      return malformed(fmt::format("{} of no section", table.name));
    if (table.bytes.size() % sizeof(Elf64_Rel) != 0)
      return malformed(fmt::format("the last entry of {} is cut off", table.name));
    Section& target = sections_[headers_[i].sh_info];
    for (std::size_t at = 0; at < table.bytes.size(); at += sizeof(Elf64_Rel)) {
      const auto entry = *read_at<Elf64_Rel>(table.bytes, at);
      const std::uint64_t symbol = ELF64_R_SYM(entry.r_info);
      if (symbol >= symbols_.size()) return malformed(fmt::format("{} names no symbol", table.name));
      target.relocations.push_back({entry.r_offset, static_cast<std::uint32_t>(ELF64_R_TYPE(entry.r_info)),
                                    static_cast<std::uint32_t>(symbol)});
    }
  }
  return {};
}

const ElfObject::Section* ElfObject::find(std::string_view name) const {
  const auto found = std::find_if(sections_.begin(), sections_.end(),
                                  [&](const Section& section) { return section.name == name; });
  return found == sections_.end() ? nullptr : &*found;
}

std::uint16_t ElfObject::index_of(const Section& section) const {
  return static_cast<std::uint16_t>(&section - sections_.data());
}

const ElfObject::Symbol* ElfObject::find_symbol(std::string_view name, std::uint16_t section) const {
  const auto found = std::find_if(symbols_.begin(), symbols_.end(), [&](const Symbol& symbol) {
    return symbol.section == section && symbol.name == name;
  });
  return found == symbols_.end() ? nullptr : &*found;
}

}  // namespace penstock
