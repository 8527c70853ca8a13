// One walk over the types, then look-ups by number.
#include "engine/xdp/loader/btf_types.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

namespace penstock {
namespace {

// Deeper chains of typedefs and arrays are taken for a circle.
constexpr int kMostSteps = 32;

tl::unexpected<Error> malformed(const std::string& what) {
  return fail("read the BPF object's types: " + what);
}

// Bytes behind the common head; nothing for an unknown kind. BTF_KIND_... of linux/btf.h.
std::optional<std::uint64_t> detail_bytes(std::uint32_t kind, std::uint64_t count) {
  switch (kind) {
    case BTF_KIND_PTR:
    case BTF_KIND_FWD:
    case BTF_KIND_TYPEDEF:
    case BTF_KIND_VOLATILE:
    case BTF_KIND_CONST:
    case BTF_KIND_RESTRICT:
    case BTF_KIND_FUNC:
    case BTF_KIND_FLOAT:
    case BTF_KIND_TYPE_TAG:
      return 0;
    case BTF_KIND_INT:
      return sizeof(std::uint32_t);
    case BTF_KIND_ARRAY:
      return sizeof(btf_array);
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
      return count * sizeof(btf_member);
    case BTF_KIND_ENUM:
      return count * sizeof(btf_enum);
    case BTF_KIND_FUNC_PROTO:
      return count * sizeof(btf_param);
    case BTF_KIND_VAR:
      return sizeof(btf_var);
    case BTF_KIND_DATASEC:
      return count * sizeof(btf_var_secinfo);
    case BTF_KIND_DECL_TAG:
      return sizeof(btf_decl_tag);
    case BTF_KIND_ENUM64:
      return count * sizeof(btf_enum64);
    default:
      return std::nullopt;
  }
}

template <typename T>
void write_at(std::vector<std::byte>& bytes, std::uint64_t offset, const T& value) {
  std::memcpy(bytes.data() + offset, &value, sizeof(T));
}

}  // namespace

Result<BtfTypes> BtfTypes::parse(Bytes section) {
  const auto header = read_at<btf_header>(section, 0);
  if (!header || header->magic != BTF_MAGIC || header->version != BTF_VERSION)
    return malformed("no section .BTF of version 1: compile with -g");
  const std::uint64_t types_offset = std::uint64_t{header->hdr_len} + header->type_off;
  const std::uint64_t strings_offset = std::uint64_t{header->hdr_len} + header->str_off;
  const auto types = slice(section, types_offset, header->type_len);
  if (!types || !slice(section, strings_offset, header->str_len)) return malformed("outside the section");

  BtfTypes found;
  found.bytes_.assign(section.begin(), section.end());
  found.strings_offset_ = strings_offset;
  found.strings_bytes_ = header->str_len;
  for (std::uint64_t at = 0; at < types->size();) {
    const auto head = read_at<btf_type>(*types, at);
    if (!head) return malformed("the last type is cut off");
    const std::uint64_t details = at + sizeof(btf_type);
    const auto bytes = detail_bytes(BTF_INFO_KIND(head->info), BTF_INFO_VLEN(head->info));
    if (!bytes) return malformed(fmt::format("type {} is of unknown kind", found.types_.size() + 1));
    if (!slice(*types, details, *bytes)) return malformed("the last type is cut off");
    found.types_.push_back({*head, types_offset + details});
    at = details + *bytes;
  }
  return found;
}

std::optional<BtfTypes::Type> BtfTypes::type(std::uint32_t number) const {
  if (number == 0 || number > types_.size()) return std::nullopt;
  return types_[number - 1];
}

std::string_view BtfTypes::name(std::uint32_t offset) const {
  return text_at(strings(), offset).value_or(std::string_view{});
}

std::uint32_t BtfTypes::find(std::string_view wanted, std::uint32_t kind) const {
  const auto found = std::find_if(types_.begin(), types_.end(), [&](const Type& type) {
    return type.kind() == kind && name(type.head.name_off) == wanted;
  });
  return found == types_.end() ? 0 : static_cast<std::uint32_t>(found - types_.begin()) + 1;
}

std::optional<BtfTypes::Type> BtfTypes::resolved(std::uint32_t number) const {
  for (int step = 0; step < kMostSteps; ++step) {
    const std::optional<Type> found = type(number);
    if (!found) return std::nullopt;
    const std::uint32_t kind = found->kind();
    if (kind != BTF_KIND_TYPEDEF && kind != BTF_KIND_CONST && kind != BTF_KIND_VOLATILE &&
        kind != BTF_KIND_RESTRICT && kind != BTF_KIND_TYPE_TAG)
      return found;
    number = found->head.type;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> BtfTypes::size_of(std::uint32_t number) const {
  std::uint64_t elements = 1;
  for (int step = 0; step < kMostSteps; ++step) {
    const std::optional<Type> found = resolved(number);
    if (!found) return std::nullopt;
    switch (found->kind()) {
      case BTF_KIND_PTR:
        return elements * sizeof(std::uint64_t);
      case BTF_KIND_INT:
      case BTF_KIND_FLOAT:
      case BTF_KIND_ENUM:
      case BTF_KIND_ENUM64:
      case BTF_KIND_STRUCT:
      case BTF_KIND_UNION:
        return elements * found->head.size;
      case BTF_KIND_ARRAY: {
        const auto array = detail<btf_array>(*found);
        elements *= array.nelems;
        if (elements > UINT32_MAX) return std::nullopt;  // the product above stays below 2^64
        number = array.type;
        break;
      }
      default:
        return std::nullopt;
    }
  }
  return std::nullopt;
}

Result<std::vector<std::byte>> BtfTypes::finished(const ElfObject& object) const {
  std::vector<std::byte> bytes = bytes_;
  for (const Type& type : types_) {
    if (type.kind() != BTF_KIND_DATASEC) continue;
    if (Status s = finish_section(type, object, bytes); !s) return tl::unexpected(s.error());
  }
  return bytes;
}

Status BtfTypes::finish_section(const Type& type, const ElfObject& object,
                                std::vector<std::byte>& bytes) const {
  const std::string section_name(name(type.head.name_off));
  const ElfObject::Section* const section = object.find(section_name);
  if (section == nullptr || section->size > UINT32_MAX)
    return malformed(fmt::format("no section for the variables of '{}'", section_name));

  std::vector<btf_var_secinfo> variables;
  for (std::uint32_t i = 0; i < type.count(); ++i) {
    auto variable = detail<btf_var_secinfo>(type, i);
    const std::optional<Type> declared = this->type(variable.type);
    const auto* const symbol =
        declared ? object.find_symbol(name(declared->head.name_off), object.index_of(*section)) : nullptr;
    if (symbol == nullptr || symbol->value > UINT32_MAX)
      return malformed(fmt::format("a variable of '{}' is not among the symbols", section_name));
    variable.offset = static_cast<std::uint32_t>(symbol->value);
    variables.push_back(variable);
  }
  std::sort(variables.begin(), variables.end(),
            [](const auto& a, const auto& b) { return a.offset < b.offset; });

  btf_type head = type.head;
  head.size = static_cast<std::uint32_t>(section->size);
  write_at(bytes, type.details - sizeof(btf_type), head);
  for (std::size_t i = 0; i < variables.size(); ++i)
    write_at(bytes, type.details + i * sizeof(btf_var_secinfo), variables[i]);
  return {};
}

}  // namespace penstock
