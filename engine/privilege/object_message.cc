// Names beside descriptors; each area of global variables by its map's name, each variable by its area's
// number.
#include "engine/privilege/object_message.h"

#include <errno.h>

#include <utility>

namespace penstock {
namespace {

constexpr std::uint32_t kMostNames = 256;
constexpr std::uint32_t kMostGlobals = 64 << 20;  // bytes

tl::unexpected<Error> bad() {
  return fail("read a BPF object out of a message", EBADMSG);
}

void write_named(const std::vector<LoadedObject::Named>& all, MessageWriter& to) {
  to.number(static_cast<std::uint32_t>(all.size()));
  for (const LoadedObject::Named& one : all)
    to.text(one.name).descriptor(one.fd.get());
}

std::vector<LoadedObject::Named> read_named(MessageReader& from) {
  std::vector<LoadedObject::Named> all;
  const std::uint32_t count = from.number();
  for (std::uint32_t i = 0; i < count && i < kMostNames && from.good(); ++i) {
    std::string name = from.text();
    all.push_back({std::move(name), from.descriptor()});
  }
  return all;
}

std::uint32_t place_in(const MappedGlobals& area, const LoadedObject::Variable& variable) {
  return static_cast<std::uint32_t>(variable.memory.data() - area.memory().data());
}

bool holds(const MappedGlobals& area, const LoadedObject::Variable& variable) {
  const std::byte* const begin = area.memory().data();
  return variable.memory.data() >= begin && variable.memory.data() < begin + area.memory().size();
}

Status read_globals(MessageReader& from, LoadedObject& object) {
  const std::string map = from.text();
  const std::uint32_t bytes = from.number();
  const bool frozen = from.number() != 0;
  const Result<int> fd = object.map(map);
  if (!from.good() || !fd || bytes == 0 || bytes > kMostGlobals) return bad();
  Result<MappedGlobals> area = MappedGlobals::map(map, *fd, bytes, frozen);
  if (!area) return tl::unexpected(area.error());
  const std::uint32_t count = from.number();
  for (std::uint32_t i = 0; i < count && i < kMostNames && from.good(); ++i) {
    std::string name = from.text();
    const std::uint32_t offset = from.number(), size = from.number();
    if (!from.good() || offset > bytes || size > bytes - offset) return bad();
    object.variables.push_back({std::move(name), area->memory().subspan(offset, size)});
  }
  object.globals.push_back(std::move(*area));
  return {};
}

}  // namespace

void write_maps(const LoadedObject& object, MessageWriter& to) {
  write_named(object.maps, to);
}

void write_object(const LoadedObject& object, MessageWriter& to) {
  write_named(object.maps, to);
  write_named(object.programs, to);
  to.number(static_cast<std::uint32_t>(object.globals.size()));
  for (const MappedGlobals& area : object.globals) {
    to.text(area.map_name()).number(static_cast<std::uint32_t>(area.memory().size()));
    to.number(area.frozen() ? 1 : 0);
    std::vector<const LoadedObject::Variable*> inside;
    for (const LoadedObject::Variable& variable : object.variables) {
      if (holds(area, variable)) inside.push_back(&variable);
    }
    to.number(static_cast<std::uint32_t>(inside.size()));
    for (const LoadedObject::Variable* variable : inside) {
      to.text(variable->name).number(place_in(area, *variable));
      to.number(static_cast<std::uint32_t>(variable->memory.size()));
    }
  }
}

Result<LoadedObject> read_maps(MessageReader& from) {
  LoadedObject object;
  object.maps = read_named(from);
  if (!from.good()) return bad();
  return object;
}

Result<LoadedObject> read_object(MessageReader& from) {
  LoadedObject object;
  object.maps = read_named(from);
  object.programs = read_named(from);
  const std::uint32_t areas = from.number();
  for (std::uint32_t i = 0; i < areas && i < kMostNames && from.good(); ++i) {
    if (Status s = read_globals(from, object); !s) return tl::unexpected(s.error());
  }
  if (!from.good()) return bad();
  return object;
}

}  // namespace penstock
