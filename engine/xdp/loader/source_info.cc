// Two tables of the same form: a record size, then for each section its name, a count and the records.
#include "engine/xdp/loader/source_info.h"

#include <algorithm>
#include <cstddef>

namespace penstock {
namespace {

// linux/btf.h does not have it, as the kernel never sees this section.
struct ExtHeader {
  std::uint16_t magic;
  std::uint8_t version;
  std::uint8_t flags;
  std::uint32_t header_bytes;
  std::uint32_t functions_offset, functions_bytes;
  std::uint32_t lines_offset, lines_bytes;
};
// Behind it in longer headers: relocations against the kernel's own types (CO-RE).
struct RelocationHeader {
  std::uint32_t offset, bytes;
};
struct SectionHeader {
  std::uint32_t name;
  std::uint32_t records;
};

tl::unexpected<Error> malformed() {
  return fail("read the BPF object: section .BTF.ext is cut off or of an unknown form");
}

// Calls add(section, record) for each record. Longer records than ours are cut, as the format allows.
template <typename Record, typename Add>
bool read_table(Bytes table, const BtfTypes& types, Add add) {
  if (table.empty()) return true;
  const auto record_bytes = read_at<std::uint32_t>(table, 0);
  if (!record_bytes || *record_bytes < sizeof(Record)) return false;
  for (std::uint64_t at = sizeof(std::uint32_t); at < table.size();) {
    const auto header = read_at<SectionHeader>(table, at);
    if (!header) return false;
    at += sizeof(SectionHeader);
    const auto records = slice(table, at, std::uint64_t{header->records} * *record_bytes);
    if (!records) return false;
    for (std::uint64_t i = 0; i < header->records; ++i)
      add(types.name(header->name), *read_at<Record>(*records, i * *record_bytes));
    at += records->size();
  }
  return true;
}

}  // namespace

Result<SourceInfo> SourceInfo::parse(Bytes section, const BtfTypes& types) {
  SourceInfo info;
  if (section.empty()) return info;
  const auto header = read_at<ExtHeader>(section, 0);
  if (!header || header->magic != BTF_MAGIC || header->version != BTF_VERSION) return malformed();
  const std::uint64_t body = header->header_bytes;
  if (body >= sizeof(ExtHeader) + sizeof(RelocationHeader)) {
    const auto relocations = read_at<RelocationHeader>(section, sizeof(ExtHeader));
    if (!relocations) return malformed();
    if (relocations->bytes != 0)
      return fail("read the BPF object: relocations against the kernel's types: only libbpf does these");
  }
  const auto functions = slice(section, body + header->functions_offset, header->functions_bytes);
  const auto lines = slice(section, body + header->lines_offset, header->lines_bytes);
  if (!functions || !lines) return malformed();
  const bool whole = read_table<bpf_func_info>(
                         *functions, types,
                         [&](auto name, const auto& one) { info.sections[name].functions.push_back(one); }) &&
                     read_table<bpf_line_info>(*lines, types, [&](auto name, const auto& one) {
                       info.sections[name].lines.push_back(one);
                     });
  if (!whole) return malformed();
  return info;
}

}  // namespace penstock
