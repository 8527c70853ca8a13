// Functions are appended as they are called; relocations are applied to a function's copy.
#include "engine/xdp/loader/program_link.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <utility>

#include <fmt/format.h>

namespace penstock {
namespace {

// https://docs.kernel.org/bpf/llvm_reloc.html
constexpr std::uint32_t kMapOrData = 1;  // R_BPF_64_64
constexpr std::uint32_t kCall = 10;      // R_BPF_64_32

constexpr std::uint8_t kLoadImmediate64 = BPF_LD | BPF_IMM | BPF_DW;  // the only instruction of two slots

class Linker {
 public:
  Linker(const ElfObject& object, const SourceInfo& source, std::span<const MapDefinition> maps)
      : object_(object), source_(source), maps_(maps) {}

  Status append(const ElfObject::Symbol& function, int depth);

  LinkedProgram take(std::string_view name) {
    program_.name = name;
    return std::move(program_);
  }

 private:
  // Where a function lies: section and offset there.
  using Place = std::pair<std::uint16_t, std::uint64_t>;

  Status patch_load(std::uint32_t at, std::uint32_t end, const ElfObject::Relocation& relocation);
  Status patch_call(std::uint32_t at, const ElfObject::Symbol& caller, std::uint64_t offset,
                    const ElfObject::Relocation* relocation, int depth);
  void append_source(const ElfObject::Symbol& function, std::uint32_t begin);

  const ElfObject& object_;
  const SourceInfo& source_;
  std::span<const MapDefinition> maps_;
  LinkedProgram program_;
  std::map<Place, std::uint32_t> placed_;  // its first instruction in the program
};

tl::unexpected<Error> malformed(std::string_view function, const std::string& what) {
  return fail(fmt::format("link the BPF object: function '{}': {}", function, what));
}

// The kernel allows 8 frames on the stack of a program.
constexpr int kMostDepth = 8;

const ElfObject::Relocation* relocation_at(const ElfObject::Section& section, std::uint64_t offset) {
  const auto found = std::find_if(section.relocations.begin(), section.relocations.end(),
                                  [&](const auto& relocation) { return relocation.offset == offset; });
  return found == section.relocations.end() ? nullptr : &*found;
}

Status Linker::append(const ElfObject::Symbol& function, int depth) {
  const ElfObject::Section& section = object_.sections()[function.section];
  const auto code = slice(section.bytes, function.value, function.size);
  if (!code || code->empty() || code->size() % sizeof(bpf_insn) != 0 ||
      function.value % sizeof(bpf_insn) != 0)
    return malformed(function.name, "is not inside its section");
  if (depth > kMostDepth) return malformed(function.name, "calls deeper than 8");
  const auto begin = static_cast<std::uint32_t>(program_.instructions.size());
  const auto count = static_cast<std::uint32_t>(code->size() / sizeof(bpf_insn));
  if (begin + count > kMostInstructions) return malformed(function.name, "makes a program too long");
  program_.instructions.resize(begin + count);
  std::memcpy(program_.instructions.data() + begin, code->data(), code->size());
  placed_[{function.section, function.value}] = begin;
  append_source(function, begin);

  const std::uint32_t end = begin + count;
  for (std::uint32_t at = begin; at < end; ++at) {
    const bpf_insn instruction = program_.instructions[at];
    const std::uint64_t offset = function.value + std::uint64_t{at - begin} * sizeof(bpf_insn);
    const ElfObject::Relocation* const relocation = relocation_at(section, offset);
    const bool call = instruction.code == (BPF_JMP | BPF_CALL) && instruction.src_reg == BPF_PSEUDO_CALL;
    Status done;
    if (instruction.code == kLoadImmediate64) {
      if (relocation != nullptr) done = patch_load(at, end, *relocation);
      ++at;
    } else if (call) {
      done = patch_call(at, function, offset, relocation, depth);
    } else if (relocation != nullptr) {
      return malformed(function.name, fmt::format("relocation of an instruction {:#04x}", instruction.code));
    }
    if (!done) return done;
  }
  return {};
}

Status Linker::patch_load(std::uint32_t at, std::uint32_t end, const ElfObject::Relocation& relocation) {
  const ElfObject::Symbol& symbol = object_.symbols()[relocation.symbol];
  if (relocation.type != kMapOrData || at + 1 >= end)
    return malformed(symbol.name, fmt::format("relocation of kind {} where a map was due", relocation.type));
  bpf_insn& low = program_.instructions[at];
  bpf_insn& high = program_.instructions[at + 1];
  for (std::uint32_t i = 0; i < maps_.size(); ++i) {
    const MapDefinition& map = maps_[i];
    if (map.section != symbol.section || (!map.globals && map.offset != symbol.value)) continue;
    // Behind a section's symbol the offset stands in the instruction; beside a variable's it is 0.
    const std::uint64_t offset = symbol.value + static_cast<std::uint32_t>(low.imm);
    if (map.globals && offset >= map.value_bytes) return malformed(symbol.name, "is outside its section");
    low.src_reg = map.globals ? BPF_PSEUDO_MAP_VALUE : BPF_PSEUDO_MAP_FD;
    high.imm = map.globals ? static_cast<std::int32_t>(offset) : 0;
    low.imm = 0;
    program_.references.push_back({at, i});
    return {};
  }
  return malformed(symbol.name, "is neither a map nor a variable of .bss, .data or .rodata");
}

Status Linker::patch_call(std::uint32_t at, const ElfObject::Symbol& caller, std::uint64_t offset,
                          const ElfObject::Relocation* relocation, int depth) {
  // Distances count from the next instruction, on both sides of the linking.
  const std::int64_t distance = program_.instructions[at].imm;
  std::uint16_t section = caller.section;
  std::uint64_t target = offset + static_cast<std::uint64_t>((distance + 1) * 8);
  if (relocation != nullptr) {
    const ElfObject::Symbol& symbol = object_.symbols()[relocation->symbol];
    if (relocation->type != kCall) return malformed(caller.name, "a call with another relocation");
    section = symbol.section;
    target = symbol.value + static_cast<std::uint64_t>((distance + 1) * 8);
  }
  auto found = placed_.find({section, target});
  if (found == placed_.end()) {
    const auto& symbols = object_.symbols();
    const auto callee = std::find_if(symbols.begin(), symbols.end(), [&](const auto& symbol) {
      return symbol.type == STT_FUNC && symbol.section == section && symbol.value == target;
    });
    if (callee == symbols.end() || section >= object_.sections().size())
      return malformed(caller.name, "calls something that is no function of the object");
    if (Status s = append(*callee, depth + 1); !s) return s;
    found = placed_.find({section, target});
  }
  program_.instructions[at].imm =
      static_cast<std::int32_t>(std::int64_t{found->second} - std::int64_t{at} - 1);
  return {};
}

void Linker::append_source(const ElfObject::Symbol& function, std::uint32_t begin) {
  const auto found = source_.sections.find(object_.sections()[function.section].name);
  if (found == source_.sections.end()) return;
  const auto add = [&](const auto& from, auto& to) {
    for (auto record : from) {
      if (record.insn_off < function.value || record.insn_off - function.value >= function.size) continue;
      record.insn_off =
          begin + static_cast<std::uint32_t>((record.insn_off - function.value) / sizeof(bpf_insn));
      to.push_back(record);
    }
  };
  add(found->second.functions, program_.functions);
  add(found->second.lines, program_.lines);
}

}  // namespace

Result<LinkedProgram> link_program(const ElfObject& object, const SourceInfo& source,
                                   std::span<const MapDefinition> maps, const ElfObject::Symbol& entry) {
  if (entry.section >= object.sections().size()) return malformed(entry.name, "is in no section");
  Linker linker(object, source, maps);
  if (Status s = linker.append(entry, 1); !s) return tl::unexpected(s.error());
  return linker.take(entry.name);
}

}  // namespace penstock
