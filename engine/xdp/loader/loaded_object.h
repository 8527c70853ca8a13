// A BPF object in the kernel: descriptors of its maps and programs, and its global variables as memory. What
// every loader hands over, whichever it was.
//
//   load_with_libbpf()   libbpf_loader.h
//   load_directly()      direct_loader.h: bpf() system calls alone
//
// Ownership: everything is closed and unmapped with the object; nothing is pinned, so that it is then gone
// from the kernel unless a link holds a program. Thread safety: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"

namespace penstock {

// What is to be loaded. `name` begins the kernel's names of the maps of global variables.
struct ObjectFile {
  std::string name;
  std::span<const std::byte> bytes;
};

// What mends a refusal of the kernel to load, or "". The verifier (EACCES) takes our programs from who has
// CAP_PERFMON alone: they subtract packet pointers, and without it would also be slowed by barriers against
// Spectre.
const char* advice_on_loading(int code);

// The memory of a map of global variables, shared with the programs.
class MappedGlobals {
 public:
  // Of the map of this name, which is a section's. A frozen map can be read alone.
  static Result<MappedGlobals> map(std::string name, int fd, std::size_t bytes, bool frozen);

  MappedGlobals(MappedGlobals&& other) noexcept;
  MappedGlobals& operator=(MappedGlobals&& other) noexcept;
  ~MappedGlobals();

  std::span<std::byte> memory() const { return memory_; }
  const std::string& map_name() const { return name_; }
  bool frozen() const { return frozen_; }

 private:
  MappedGlobals(std::string name, std::span<std::byte> memory, bool frozen)
      : name_(std::move(name)), memory_(memory), frozen_(frozen) {}

  std::string name_;
  std::span<std::byte> memory_;
  bool frozen_ = false;
};

struct LoadedObject {
  struct Named {
    std::string name;
    UniqueFd fd;
  };
  struct Variable {
    std::string name;
    std::span<std::byte> memory;  // inside one of `globals`
  };

  std::vector<Named> maps;  // of globals by the section's name, as ".bss"
  std::vector<Named> programs;
  std::vector<MappedGlobals> globals;
  std::vector<Variable> variables;

  // Errors: no such thing in the object, or a variable of another size than T.
  Result<int> map(std::string_view name) const { return find(maps, name, "map"); }
  Result<int> program(std::string_view name) const { return find(programs, name, "program"); }
  template <typename T>
  Result<T*> variable(std::string_view name) const {
    const Result<std::byte*> found = find_variable(name, sizeof(T));
    if (!found) return tl::unexpected(found.error());
    return reinterpret_cast<T*>(*found);
  }

 private:
  static Result<int> find(const std::vector<Named>& all, std::string_view name, std::string_view what);
  Result<std::byte*> find_variable(std::string_view name, std::size_t bytes) const;
};

// What a map is; two that differ cannot stand for each other.
struct MapShape {
  std::uint32_t type, key_bytes, value_bytes, entries;

  bool operator==(const MapShape&) const = default;
};

// The map of this name out of `keep`, as a descriptor of one's own. Errors: none there, or of another shape.
Result<UniqueFd> keep_map(const LoadedObject& keep, std::string_view name, const MapShape& shape);

}  // namespace penstock
