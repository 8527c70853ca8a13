// The readers in their order.
#include "engine/xdp/loader/linked_object.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/xdp/loader/btf_types.h"
#include "engine/xdp/loader/elf_object.h"
#include "engine/xdp/loader/source_info.h"

namespace penstock {
namespace {

constexpr std::string_view kProgramSection = "xdp";
constexpr std::string_view kFunctionSection = ".text";  // what programs call

Bytes contents(const ElfObject& object, std::string_view section) {
  const ElfObject::Section* const found = object.find(section);
  return found == nullptr ? Bytes{} : found->bytes;
}

// A program that was left out would be missed where nobody looks for it.
Status refuse_other_programs(const ElfObject& object) {
  for (const ElfObject::Section& section : object.sections()) {
    const bool code =
        section.type == SHT_PROGBITS && (section.flags & SHF_EXECINSTR) != 0 && section.size != 0;
    if (code && section.name != kProgramSection && section.name != kFunctionSection) {
      return fail(
          fmt::format("link the BPF object: section '{}' has a program of a kind that the direct loader "
                      "does not know",
                      section.name));
    }
  }
  return {};
}

Result<std::vector<LinkedProgram>> link_programs(const ElfObject& object, const SourceInfo& source,
                                                 const std::vector<MapDefinition>& maps) {
  if (Status s = refuse_other_programs(object); !s) return tl::unexpected(s.error());
  const ElfObject::Section* const section = object.find(kProgramSection);
  if (section == nullptr) return fail("link the BPF object: no section \"xdp\", so no program");
  std::vector<ElfObject::Symbol> entries;
  for (const ElfObject::Symbol& symbol : object.symbols()) {
    if (symbol.type == STT_FUNC && symbol.section == object.index_of(*section)) entries.push_back(symbol);
  }
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.value < b.value; });
  std::vector<LinkedProgram> programs;
  for (const ElfObject::Symbol& entry : entries) {
    Result<LinkedProgram> program = link_program(object, source, maps, entry);
    if (!program) return tl::unexpected(program.error());
    programs.push_back(std::move(*program));
  }
  return programs;
}

std::vector<LinkedObject::Variable> variables_of(const ElfObject& object,
                                                 const std::vector<MapDefinition>& maps) {
  std::vector<LinkedObject::Variable> variables;
  for (std::uint32_t i = 0; i < maps.size(); ++i) {
    if (!maps[i].globals) continue;
    for (const ElfObject::Symbol& symbol : object.symbols()) {
      const bool inside =
          symbol.value <= maps[i].value_bytes && symbol.size <= maps[i].value_bytes - symbol.value;
      if (symbol.type == STT_OBJECT && symbol.section == maps[i].section && inside)
        variables.push_back({std::string(symbol.name), i, symbol.value, symbol.size});
    }
  }
  return variables;
}

}  // namespace

Result<LinkedObject> link_object(Bytes file) {
  const Result<ElfObject> object = ElfObject::parse(file);
  if (!object) return tl::unexpected(object.error());
  const Result<BtfTypes> types = BtfTypes::parse(contents(*object, ".BTF"));
  if (!types) return tl::unexpected(types.error());
  const Result<SourceInfo> source = SourceInfo::parse(contents(*object, ".BTF.ext"), *types);
  if (!source) return tl::unexpected(source.error());
  Result<std::vector<std::byte>> finished = types->finished(*object);
  if (!finished) return tl::unexpected(finished.error());
  Result<std::vector<MapDefinition>> maps = read_map_definitions(*object, *types);
  if (!maps) return tl::unexpected(maps.error());
  Result<std::vector<LinkedProgram>> programs = link_programs(*object, *source, *maps);
  if (!programs) return tl::unexpected(programs.error());
  const auto license = text_at(contents(*object, "license"), 0);
  if (!license) return fail("read the BPF object: no licence");
  return LinkedObject{.types = std::move(*finished),
                      .maps = *maps,
                      .programs = std::move(*programs),
                      .variables = variables_of(*object, *maps),
                      .license = std::string(*license)};
}

}  // namespace penstock
